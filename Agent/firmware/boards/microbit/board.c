/*
 * board.c - BBC micro:bit: an nRF51822, Cortex-M0 at 16 MHz, with 16 KB of RAM. Its one UART is the agent's.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "board.h"
#include "cortex_m.h"
#include "dalloc_uart_ring.h"
#include "interrupts.h"
#include <stddef.h>

/* Registers of the nRF51: tasks are started and events cleared by writing, at offsets that its reference manual tells. */
#define REGISTER(address) (*(volatile uint32_t *)(address))
#define UART_START_RECEIVING REGISTER(0x40002000)
#define UART_START_SENDING REGISTER(0x40002008)
#define UART_RECEIVED REGISTER(0x40002108)
#define UART_SENT REGISTER(0x4000211C)
#define UART_INTERRUPTS REGISTER(0x40002304)
#define UART_ENABLE REGISTER(0x40002500)
#define UART_PIN_SEND REGISTER(0x4000250C)
#define UART_PIN_RECEIVE REGISTER(0x40002514)
#define UART_IN REGISTER(0x40002518)
#define UART_OUT REGISTER(0x4000251C)
#define UART_SPEED REGISTER(0x40002524)
#define TIMER_START REGISTER(0x40008000)
#define TIMER_REACHED REGISTER(0x40008140)
#define TIMER_SHORTCUTS REGISTER(0x40008200)
#define TIMER_INTERRUPTS REGISTER(0x40008304)
#define TIMER_WIDTH REGISTER(0x40008508)
#define TIMER_PRESCALER REGISTER(0x40008510)
#define TIMER_LIMIT REGISTER(0x40008540)
#define RANDOM_START REGISTER(0x4000D000)
#define RANDOM_READY REGISTER(0x4000D100)
#define RANDOM_VALUE REGISTER(0x4000D508)

enum { UART_LINE = 2, TIMER_LINE = 8 };

#define INTERRUPT_RECEIVED (1U << 2)

#ifdef PACED
#include "paced.h"
#else
#define TRANSMIT_LINE UART_LINE
#define INTERRUPT_SENT (1U << 7)
/* The register is empty at first, without having been sent. */
static bool sending;
static inline bool may_transmit(void) { return !sending || UART_SENT != 0; }
static inline void transmit_byte(uint8_t byte) {
    sending = true;
    UART_SENT = 0;
    UART_OUT = byte;
}
static inline void transmitted(void) {
    if (UART_SENT != 0) sending = false;
    UART_SENT = 0;
}
#endif

DALLOC_UART_RING(transmit, LINE_RING_BYTES);
DALLOC_UART_RING(receive, LINE_RING_BYTES);

/* The UART interrupts when a byte was sent. The first byte must be given to it: by the same interrupt. */
static void kick(void *context) {
    (void)context;
    raise_line(TRANSMIT_LINE);
}

static dalloc_uart_t uart = {&transmit, &receive, kick, NULL};

void board_start(void) {
    UART_PIN_SEND = 24;
    UART_PIN_RECEIVE = 25;
    UART_SPEED = 0x01D7E000; /* 115200 baud */
    UART_ENABLE = 4;
    UART_INTERRUPTS = INTERRUPT_RECEIVED | INTERRUPT_SENT;
    UART_START_RECEIVING = 1;
    UART_START_SENDING = 1;
    TIMER_WIDTH = 3;     /* 32 bits */
    TIMER_PRESCALER = 4; /* 16 MHz / 2^4 */
    TIMER_LIMIT = 1000;
    TIMER_SHORTCUTS = 1;         /* starts again at the limit */
    TIMER_INTERRUPTS = 1U << 16; /* there */
    TIMER_START = 1;
    enable_line(UART_LINE);
    enable_line(TRANSMIT_LINE);
    enable_line(TIMER_LINE);
    enable_interrupts();
}

uint32_t board_boot_id(void) {
    uint32_t number = 0;
    RANDOM_START = 1;
    for (int byte = 0; byte < 4; byte++) {
        while (RANDOM_READY == 0) {}
        RANDOM_READY = 0;
        number = number << 8 | (RANDOM_VALUE & 0xFF);
    }
    return number;
}

void board_interrupt(uint32_t line) {
    if (line == TIMER_LINE) {
        TIMER_REACHED = 0;
        board_ticks++;
    }
    if (line == UART_LINE) {
        while (UART_RECEIVED != 0) {
            UART_RECEIVED = 0;
            dalloc_uart_ring_put(&receive, (uint8_t)UART_IN);
        }
    }
    if (line == TRANSMIT_LINE) {
        uint8_t byte;
        transmitted();
        while (may_transmit() && dalloc_uart_ring_take(&transmit, &byte)) transmit_byte(byte);
    }
}

dalloc_link_t board_uart_link(void) { return dalloc_uart_link(&uart); }
