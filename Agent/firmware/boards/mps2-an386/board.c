/*
 * board.c - Arm MPS2 with the image AN386: a Cortex-M4 at 25 MHz. UART0 is the agent's, on UART1 a '?' asks for the truth.
 * Either has a transmit register of one byte, and says when it is empty.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "board.h"
#include "cortex_m.h"
#include "dalloc_uart_ring.h"
#include "interrupts.h"
#include "semihosting.h"
#include <stddef.h>

#define CLOCK 25000000U

typedef struct {
    volatile uint32_t data, state, control, interrupts, divider;
} uart_t;

#define UART0 ((uart_t *)0x40004000)
#define UART1 ((uart_t *)0x40005000)
#define TRANSMIT_FULL 1
#define RECEIVE_FULL 2
#define TRANSMIT_AND_RECEIVE 3
#define TRANSMIT_INTERRUPT 4
#define RECEIVE_INTERRUPT 8
#define TRANSMITTED 1 /* in `interrupts` */
#define RECEIVED 2

/* Lines of the interrupt controller. */
enum { UART0_RECEIVED = 0, UART0_TRANSMITTED = 1 };

#ifdef PACED
#include "paced.h"
#else
#define TRANSMIT_LINE UART0_TRANSMITTED
static inline bool may_transmit(void) { return (UART0->state & TRANSMIT_FULL) == 0; }
static inline void transmit_byte(uint8_t byte) { UART0->data = byte; }
static inline void transmitted(void) { UART0->interrupts = TRANSMITTED; }
#endif

DALLOC_UART_RING(transmit, LINE_RING_BYTES);
DALLOC_UART_RING(receive, LINE_RING_BYTES);

/* The UART interrupts when a byte has left its register. The first byte must be put there: by the same interrupt. */
static void kick(void *context) {
    (void)context;
    raise_line(TRANSMIT_LINE);
}

static dalloc_uart_t uart = {&transmit, &receive, kick, NULL};

static struct {
    uint32_t magic, number;
} boots __attribute__((section(".noinit")));

void board_start(void) {
    UART0->divider = CLOCK / 115200;
    UART0->control = TRANSMIT_AND_RECEIVE | TRANSMIT_INTERRUPT | RECEIVE_INTERRUPT;
    enable_line(UART0_RECEIVED);
    enable_line(TRANSMIT_LINE);
    UART1->divider = CLOCK / 115200;
    UART1->control = TRANSMIT_AND_RECEIVE;
    SYSTEM_TICK->reload = CLOCK / 1000 - 1;
    SYSTEM_TICK->value = 0;
    SYSTEM_TICK->control = SYSTEM_TICK_RUNS;
    enable_interrupts();
}

/* The board has neither a random number generator nor flash of its own: the host's time when the power comes, then a counter. */
uint32_t board_boot_id(void) {
    static const uint32_t magic = 0x626F6F74;
    if (boots.magic != magic) boots.number = (uint32_t)semihosting(SEMIHOSTING_TIME, 0);
    boots.magic = magic;
    return boots.number++;
}

void board_interrupt(uint32_t line) {
    if (line == UART0_RECEIVED) {
        UART0->interrupts = RECEIVED;
        while ((UART0->state & RECEIVE_FULL) != 0) dalloc_uart_ring_put(&receive, (uint8_t)UART0->data);
    } else if (line == TRANSMIT_LINE) {
        uint8_t byte;
        transmitted();
        while (may_transmit() && dalloc_uart_ring_take(&transmit, &byte)) transmit_byte(byte);
    }
}

dalloc_link_t board_uart_link(void) { return dalloc_uart_link(&uart); }

bool board_is_asked(void) { return (UART1->state & RECEIVE_FULL) != 0 && UART1->data == '?'; }

void board_print(const char *text) {
    for (; *text != 0; text++) {
        while ((UART1->state & TRANSMIT_FULL) != 0) {}
        UART1->data = (uint8_t)*text;
    }
}
