/*
 * interrupts.h - where the start-up code of a processor and the drivers of a board meet.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef INTERRUPTS_H
#define INTERRUPTS_H

#include <stdint.h>

/* Of a UART's rings: what 115200 baud carry between two polls, 10 ms apart, is 115 bytes. */
#define LINE_RING_BYTES 128

/* Each line of the interrupt controller ends in this function of the board. */
void board_interrupt(uint32_t line);

/* Milliseconds since the reset; counted in the interrupt of whichever timer the board has. */
extern volatile uint32_t board_ticks;

#endif
