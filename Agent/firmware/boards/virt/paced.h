/*
 * paced.h - the UART as slow as a real one: a register of one byte, which is busy for as long as 115200 baud take to send it. QEMU sends
 * in no time. The alarm of the clock stands for the shift register, and interrupts in the UART's place. Part of board.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PACED_H
#define PACED_H

#define ALARM_LOW REGISTER(0x00101008)
#define ALARM_HIGH REGISTER(0x0010100C)
#define ALARM_INTERRUPTS REGISTER(0x00101010)
#define ALARM_DONE REGISTER(0x0010101C)
#define CALENDAR_HIGH REGISTER(0x00101004)
#define TRANSMIT_LINE 11 /* the clock's */

static volatile bool busy;

/* Nanoseconds from now on; what is over interrupts at once. */
static void set_alarm(uint32_t nanoseconds) {
    uint32_t low = CALENDAR_NANOSECONDS, high = CALENDAR_HIGH; /* in this order: the first read keeps the second */
    busy = true;
    ALARM_INTERRUPTS = 1;
    ALARM_HIGH = high + (low + nanoseconds < low);
    ALARM_LOW = low + nanoseconds;
}

static void kick(void *context) {
    (void)context;
    if (!busy) set_alarm(0);
}

#define BYTE_NANOSECONDS (1000000000 / 11520) /* a start bit, 8 bits, a stop bit */

static void fill_register(void) {
    uint8_t byte;
    ALARM_DONE = 1;
    busy = false;
    /* On a busy machine, nobody reads: again after the time of a byte. */
    if ((UART[UART_STATE] & TRANSMIT_EMPTY) == 0) return set_alarm(BYTE_NANOSECONDS);
    if (!dalloc_uart_ring_take(&transmit, &byte)) return;
    UART[UART_DATA] = byte;
    set_alarm(BYTE_NANOSECONDS);
}

#endif
