/*
 * paced.h - the UART as slow as a real one: a register of one byte, which is busy for as long as 115200 baud take to send it. QEMU sends
 * in no time. TIMER1 stands for the shift register, and interrupts in the UART's place. Part of board.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PACED_H
#define PACED_H

#define PACE_START REGISTER(0x40009000)
#define PACE_STOP REGISTER(0x40009004)
#define PACE_CLEAR REGISTER(0x4000900C)
#define PACE_REACHED REGISTER(0x40009140)
#define PACE_SHORTCUTS REGISTER(0x40009200)
#define PACE_INTERRUPTS REGISTER(0x40009304)
#define PACE_PRESCALER REGISTER(0x40009510)
#define PACE_LIMIT REGISTER(0x40009540)
#define TRANSMIT_LINE 9 /* TIMER1's */
#define INTERRUPT_SENT 0 /* the UART's own */

static bool busy;

static inline bool may_transmit(void) { return !busy; }

static inline void transmit_byte(uint8_t byte) {
    UART_SENT = 0;
    UART_OUT = byte;
    busy = true;
    PACE_PRESCALER = 0; /* 16 MHz */
    PACE_LIMIT = 16000000 / 11520; /* a start bit, 8 bits, a stop bit; the timer has 16 bits */
    PACE_SHORTCUTS = 1; /* starts again at the limit */
    PACE_INTERRUPTS = 1U << 16;
    PACE_CLEAR = 1;
    PACE_START = 1;
}

/* Also when a kick has raised the line, and the byte is on its way. */
static inline void transmitted(void) {
    if (PACE_REACHED == 0) return;
    PACE_REACHED = 0;
    /* On a busy machine, nobody reads: again after the time of a byte. */
    if (UART_SENT == 0) return;
    PACE_STOP = 1;
    busy = false;
}

#endif
