# SPDX-License-Identifier: Apache-2.0
# QEMU's RISC-V machine, 32 bits.
set(BOARD_TARGET riscv32-none-none-eabi)
set(BOARD_COMPILER riscv64-unknown-elf)
set(BOARD_FLAGS -march=rv32imac_zicsr -mabi=ilp32)
set(BOARD_SOURCES riscv/entry.S riscv/traps.c virt/board.c semihosting_console.c)
