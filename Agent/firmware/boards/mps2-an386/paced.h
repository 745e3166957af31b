/*
 * paced.h - the UART as slow as a real one: a register of one byte, which is busy for as long as 115200 baud take to send it. QEMU sends
 * in no time. TIMER1 stands for the shift register, and interrupts in the UART's place. Part of board.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PACED_H
#define PACED_H

typedef struct {
    volatile uint32_t control, value, reload, interrupts;
} timer_t;

#define TIMER1 ((timer_t *)0x40001000)
#define TIMER_RUNS_AND_INTERRUPTS 9
#define TRANSMIT_LINE 9 /* TIMER1's */

static bool busy;

static inline bool may_transmit(void) { return !busy; }

static inline void transmit_byte(uint8_t byte) {
    UART0->data = byte;
    busy = true;
    TIMER1->value = TIMER1->reload = CLOCK / 11520; /* a start bit, 8 bits, a stop bit */
    TIMER1->control = TIMER_RUNS_AND_INTERRUPTS;
}

/* Also when a kick has raised the line, and the byte is on its way. */
static inline void transmitted(void) {
    if (TIMER1->interrupts == 0) return;
    TIMER1->interrupts = 1;
    /* On a busy machine, nobody reads: again after the time of a byte. */
    if ((UART0->state & TRANSMIT_FULL) != 0) return;
    TIMER1->control = 0;
    busy = false;
}

#endif
