/*
 * board.c - Arm MPS2 with the image AN386: a Cortex-M4 at 25 MHz. UART0 is the agent's, on UART1 a '?' asks for the truth.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "board.h"
#include "byte_ring.h"
#include "cortex_m.h"
#include "interrupts.h"
#include "semihosting.h"

#define CLOCK 25000000U

typedef struct {
    volatile uint32_t data, state, control, interrupts, divider;
} uart_t;

#define UART0 ((uart_t *)0x40004000)
#define UART1 ((uart_t *)0x40005000)
#define UART0_RECEIVED 0 /* line of the interrupt controller */
#define TRANSMIT_FULL 1
#define RECEIVE_FULL 2
#define TRANSMIT_AND_RECEIVE 3
#define RECEIVE_INTERRUPT 8
#define RECEIVED 2 /* in `interrupts` */

static byte_ring_t received;
static struct {
    uint32_t magic, number;
} boots __attribute__((section(".noinit")));

void board_start(void) {
    UART0->divider = CLOCK / 115200;
    UART0->control = TRANSMIT_AND_RECEIVE | RECEIVE_INTERRUPT;
    enable_line(UART0_RECEIVED);
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
    if (line != UART0_RECEIVED) return;
    UART0->interrupts = RECEIVED;
    while ((UART0->state & RECEIVE_FULL) != 0) byte_ring_put(&received, (uint8_t)UART0->data);
}

int32_t board_uart_write(void *context, const uint8_t *bytes, uint32_t count) {
    (void)context;
    uint32_t written = 0;
    while (written < count && (UART0->state & TRANSMIT_FULL) == 0) UART0->data = bytes[written++];
    return (int32_t)written;
}

int32_t board_uart_read(void *context, uint8_t *bytes, uint32_t count) {
    (void)context;
    return byte_ring_take(&received, bytes, count);
}

void board_sleep(void) { wait_for_interrupt(); }

bool board_is_asked(void) { return (UART1->state & RECEIVE_FULL) != 0 && UART1->data == '?'; }

void board_print(const char *text) {
    for (; *text != 0; text++) {
        while ((UART1->state & TRANSMIT_FULL) != 0) {}
        UART1->data = (uint8_t)*text;
    }
}
