# SPDX-License-Identifier: Apache-2.0
# Builds node.elf, a firmware for a Cortex-M4 that QEMU boots, with the library of this release: no Swift, no C library.

DALLOC ?= ../..
CC := arm-none-eabi-gcc
CPU := -mcpu=cortex-m4 -mthumb
# The sizes of the table and of the recorder are this program's.
CHOICES := -DUSE_SINGLE_HEAP_MEMORY -DMAX_NUM_OF_ALLOCATIONS=40 -DDALLOC_RECORDER_BYTES=192
CFLAGS := $(CPU) -std=c99 -Os -ffreestanding -ffunction-sections -fdata-sections -fno-common -Wall -Wextra -Werror $(CHOICES) \
	-DBOARD='"mps2-an386"' -Iboards -Iboards/cortex-m -Ic-sensor-node -I$(DALLOC)/include -I$(DALLOC)/lib/cortex-m4
SOURCES := $(wildcard c-sensor-node/*.c) $(addprefix boards/, start.c truth.c cortex-m/vectors.c mps2-an386/board.c) \
	$(addprefix $(DALLOC)/ports/, memory.c dalloc_mutex_none.c)

node.elf: $(SOURCES)
	$(CC) $(CFLAGS) -fno-tree-loop-distribute-patterns $^ $(DALLOC)/lib/cortex-m4/libDallocAgent.a -nostdlib -lgcc \
		-Wl,--gc-sections -Wl,--no-warn-rwx-segments -Lboards -T boards/mps2-an386/memory.ld -o $@

clean:
	rm -f node.elf
