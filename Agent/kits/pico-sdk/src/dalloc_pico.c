/*
 * dalloc_pico.c - the agent's line over a UART of the Pico SDK, and its clock.
 *
 * The interrupt for transmission comes when the FIFO falls below its mark, and not while it is empty from the start. So a kick fills the
 * FIFO itself, with the interrupt off.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dalloc_pico.h"

#include <stddef.h>

#include "dalloc_uart_ring.h"
#include "hardware/irq.h"
#include "pico/rand.h"
#include "pico/time.h"
#include "pico/unique_id.h"

#ifndef DALLOC_PICO_RING_BYTES
#define DALLOC_PICO_RING_BYTES 128 /* of each ring: 11 ms of 115200 baud; a power of two */
#endif

DALLOC_UART_RING(transmit, DALLOC_PICO_RING_BYTES);
DALLOC_UART_RING(receive, DALLOC_PICO_RING_BYTES);

static uart_inst_t *line;

/* In the interrupt, or with it off. */
static void send(void) {
    uint8_t byte;
    while (uart_is_writable(line) && dalloc_uart_ring_take(&transmit, &byte)) uart_get_hw(line)->dr = byte;
    uart_set_irq_enables(line, true, dalloc_uart_ring_used(&transmit) > 0);
}

static void interrupt(void) {
    while (uart_is_readable(line)) dalloc_uart_ring_put(&receive, (uint8_t)uart_get_hw(line)->dr);
    send();
}

static void kick(void *context) {
    (void)context;
    irq_set_enabled(UART_IRQ_NUM(line), false);
    send();
    irq_set_enabled(UART_IRQ_NUM(line), true);
}

static dalloc_uart_t rings = {&transmit, &receive, kick, NULL};

dalloc_link_t dalloc_pico_uart_link(uart_inst_t *uart) {
    line = uart;
    uart_set_fifo_enabled(uart, true);
    irq_set_exclusive_handler(UART_IRQ_NUM(uart), interrupt);
    uart_set_irq_enables(uart, true, false);
    irq_set_enabled(UART_IRQ_NUM(uart), true);
    return dalloc_uart_link(&rings);
}

static uint64_t now(void *context) {
    (void)context;
    return time_us_64();
}

void dalloc_pico_configure(dalloc_agent_config_t *config) {
    static char id[2 * PICO_UNIQUE_BOARD_ID_SIZE_BYTES + 1];
    pico_get_unique_board_id_string(id, sizeof id);
    config->device_id = id;
    config->boot_id = get_rand_32();
    config->ticks_per_second = 1000000;
    config->now64 = now;
}
