/*
 * interrupts.h - where the start-up code of a processor and the drivers of a board meet.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef INTERRUPTS_H
#define INTERRUPTS_H

#include <stdint.h>

/* Each line of the interrupt controller ends in this function of the board. */
void board_interrupt(uint32_t line);

/* Milliseconds since the reset; counted in the interrupt of whichever timer the board has. */
extern volatile uint32_t board_ticks;

#endif
