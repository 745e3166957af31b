# SPDX-License-Identifier: Apache-2.0
# BBC micro:bit: Cortex-M0.
set(BOARD_TARGET armv6m-none-none-eabi)
set(BOARD_COMPILER arm-none-eabi)
set(BOARD_FLAGS -mcpu=cortex-m0 -mthumb)
set(BOARD_SOURCES cortex-m/vectors.c microbit/board.c semihosting_console.c)
