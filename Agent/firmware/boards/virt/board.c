/*
 * board.c - QEMU's RISC-V machine: a 16550 UART, which is the agent's, a timer per processor, and a clock that knows the time.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "board.h"
#include "dalloc_uart_ring.h"
#include "interrupts.h"
#include "riscv.h"
#include <stddef.h>

#define REGISTER(address) (*(volatile uint32_t *)(address))
#define TIMER_LIMIT_LOW REGISTER(0x02004000)
#define TIMER_LIMIT_HIGH REGISTER(0x02004004)
#define TIMER_LOW REGISTER(0x0200BFF8)
#define TIMER_HIGH REGISTER(0x0200BFFC)
#define TIMER_CLOCK 10000000U
#define CALENDAR_NANOSECONDS REGISTER(0x00101000) /* low half */

/* The platform's interrupt controller, context 0: machine mode of the first processor. */
#define INTERRUPT_PRIORITY(line) REGISTER(0x0C000000 + 4 * (line))
#define INTERRUPT_ENABLE REGISTER(0x0C002000)
#define INTERRUPT_THRESHOLD REGISTER(0x0C200000)
#define INTERRUPT_CLAIM REGISTER(0x0C200004)
#define UART_LINE 10

#define UART ((volatile uint8_t *)0x10000000)
enum { UART_DATA = 0, UART_INTERRUPTS = 1, UART_FIFO = 2, UART_FORMAT = 3, UART_STATE = 5 };
#define RECEIVED 1
#define TRANSMIT_EMPTY 0x20 /* room for FIFO_BYTES */
#define FIFO_BYTES 16
enum { INTERRUPT_RECEIVED = 1, INTERRUPT_RECEIVED_OR_EMPTY = 3 };

DALLOC_UART_RING(transmit, LINE_RING_BYTES);
DALLOC_UART_RING(receive, LINE_RING_BYTES);

#ifdef PACED
#include "paced.h"
#else
/* The UART interrupts for as long as its FIFO is empty and this is enabled. */
static void kick(void *context) {
    (void)context;
    UART[UART_INTERRUPTS] = INTERRUPT_RECEIVED_OR_EMPTY;
}

static void fill_register(void) {
    uint8_t byte;
    if ((UART[UART_STATE] & TRANSMIT_EMPTY) != 0) {
        for (int room = FIFO_BYTES; room > 0 && dalloc_uart_ring_take(&transmit, &byte); room--) UART[UART_DATA] = byte;
    }
    if (dalloc_uart_ring_used(&transmit) == 0) UART[UART_INTERRUPTS] = INTERRUPT_RECEIVED;
}
#define TRANSMIT_LINE UART_LINE
#endif

static dalloc_uart_t uart = {&transmit, &receive, kick, NULL};

static uint64_t timer(void) {
    uint32_t high, low;
    do {
        high = TIMER_HIGH;
        low = TIMER_LOW;
    } while (high != TIMER_HIGH);
    return (uint64_t)high << 32 | low;
}

static void set_timer(uint64_t limit) {
    TIMER_LIMIT_HIGH = UINT32_MAX; /* no interrupt from half a limit */
    TIMER_LIMIT_LOW = (uint32_t)limit;
    TIMER_LIMIT_HIGH = (uint32_t)(limit >> 32);
}

static uint64_t next_tick;

void board_start(void) {
    UART[UART_FORMAT] = 3; /* 8 bits, no parity */
    UART[UART_FIFO] = 1;
    UART[UART_INTERRUPTS] = INTERRUPT_RECEIVED;
    INTERRUPT_PRIORITY(UART_LINE) = 1;
    INTERRUPT_PRIORITY(TRANSMIT_LINE) = 1;
    INTERRUPT_THRESHOLD = 0;
    INTERRUPT_ENABLE = 1U << UART_LINE | 1U << TRANSMIT_LINE;
    next_tick = timer() + TIMER_CLOCK / 1000;
    set_timer(next_tick);
    enable_interrupts();
}

uint32_t board_boot_id(void) { return CALENDAR_NANOSECONDS; }

void timer_interrupt(void) {
    board_ticks++;
    next_tick += TIMER_CLOCK / 1000;
    /* After a long stop the clock goes on from here. */
    uint64_t now = timer();
    if (next_tick < now) next_tick = now + TIMER_CLOCK / 1000;
    set_timer(next_tick);
}

void external_interrupt(void) {
    for (uint32_t line = INTERRUPT_CLAIM; line != 0; line = INTERRUPT_CLAIM) {
        board_interrupt(line);
        INTERRUPT_CLAIM = line;
    }
}

void board_interrupt(uint32_t line) {
    if (line == UART_LINE) {
        while ((UART[UART_STATE] & RECEIVED) != 0) dalloc_uart_ring_put(&receive, UART[UART_DATA]);
    }
    if (line == TRANSMIT_LINE) fill_register();
}

dalloc_link_t board_uart_link(void) { return dalloc_uart_link(&uart); }
