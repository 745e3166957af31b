# SPDX-License-Identifier: Apache-2.0
# Arm MPS2 with AN386: Cortex-M4.
set(BOARD_TARGET armv7em-none-none-eabi)
set(BOARD_COMPILER arm-none-eabi)
set(BOARD_FLAGS -mcpu=cortex-m4 -mthumb)
set(BOARD_SOURCES cortex-m/vectors.c mps2-an386/board.c)
