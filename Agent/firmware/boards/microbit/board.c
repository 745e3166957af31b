/*
 * board.c - BBC micro:bit: an nRF51822, Cortex-M0 at 16 MHz, with 16 KB of RAM. Its one UART is the agent's.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "board.h"
#include "byte_ring.h"
#include "cortex_m.h"
#include "interrupts.h"

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

static byte_ring_t received;
static bool sending;

void board_start(void) {
    UART_PIN_SEND = 24;
    UART_PIN_RECEIVE = 25;
    UART_SPEED = 0x01D7E000; /* 115200 baud */
    UART_ENABLE = 4;
    UART_INTERRUPTS = 1U << 2; /* a byte was received */
    UART_START_RECEIVING = 1;
    UART_START_SENDING = 1;
    TIMER_WIDTH = 3;     /* 32 bits */
    TIMER_PRESCALER = 4; /* 16 MHz / 2^4 */
    TIMER_LIMIT = 1000;
    TIMER_SHORTCUTS = 1;         /* starts again at the limit */
    TIMER_INTERRUPTS = 1U << 16; /* there */
    TIMER_START = 1;
    enable_line(UART_LINE);
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
    } else if (line == UART_LINE) {
        while (UART_RECEIVED != 0) {
            UART_RECEIVED = 0;
            byte_ring_put(&received, (uint8_t)UART_IN);
        }
    }
}

int32_t board_uart_write(void *context, const uint8_t *bytes, uint32_t count) {
    (void)context;
    uint32_t written = 0;
    while (written < count && (!sending || UART_SENT != 0)) {
        UART_SENT = 0;
        sending = true;
        UART_OUT = bytes[written++];
    }
    return (int32_t)written;
}

int32_t board_uart_read(void *context, uint8_t *bytes, uint32_t count) {
    (void)context;
    return byte_ring_take(&received, bytes, count);
}

void board_sleep(void) { wait_for_interrupt(); }
