/*
 * dalloc_zephyr_uart.c - the agent's line over Zephyr's interrupt-driven UART API, with the rings of dalloc_uart_ring.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <zephyr/device.h>
#include <zephyr/devicetree.h>
#include <zephyr/drivers/uart.h>
#include <zephyr/kernel.h>

#include "dalloc_uart_ring.h"
#include "dalloc_zephyr.h"

#if !DT_HAS_CHOSEN(dalloc_uart)
#error "the agent has no line: add `chosen { dalloc,uart = &uart1; };` to an overlay of the devicetree, or set CONFIG_DALLOC_UART=n"
#endif

DALLOC_UART_RING(transmit, CONFIG_DALLOC_UART_TRANSMIT_RING_BYTES);
DALLOC_UART_RING(receive, CONFIG_DALLOC_UART_RECEIVE_RING_BYTES);

static const struct device *const uart = DEVICE_DT_GET(DT_CHOSEN(dalloc_uart));

/* Whether anything came. */
static bool take_in(void) {
    uint8_t bytes[16];
    int count = uart_fifo_read(uart, bytes, sizeof bytes);
    if (count > 0) dalloc_uart_ring_put_span(&receive, bytes, (uint32_t)count);
    return count > 0;
}

/* Whether anything went. */
static bool send(void) {
    const uint8_t *bytes;
    uint32_t count = dalloc_uart_ring_peek(&transmit, &bytes);
    if (count == 0) {
        uart_irq_tx_disable(uart); /* until the next kick */
        return false;
    }
    int sent = uart_fifo_fill(uart, bytes, (int)count);
    if (sent > 0) dalloc_uart_ring_consume(&transmit, (uint32_t)sent);
    return sent > 0;
}

static void interrupt(const struct device *device, void *context) {
    bool goes_on = true;
    (void)context;
    while (goes_on && uart_irq_update(device) && uart_irq_is_pending(device)) {
        goes_on = false;
        if (uart_irq_rx_ready(device)) goes_on |= take_in();
        if (uart_irq_tx_ready(device)) goes_on |= send();
    }
}

static void kick(void *context) {
    (void)context;
    uart_irq_tx_enable(uart);
}

static dalloc_uart_t rings = {&transmit, &receive, kick, NULL};

bool dalloc_zephyr_uart_link(dalloc_link_t *link) {
    if (!device_is_ready(uart)) return false;
    uart_irq_rx_disable(uart);
    uart_irq_tx_disable(uart);
    if (uart_irq_callback_user_data_set(uart, interrupt, NULL) < 0) return false;
    uart_irq_rx_enable(uart);
    *link = dalloc_uart_link(&rings);
    return true;
}
