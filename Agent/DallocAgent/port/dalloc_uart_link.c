/*
 * dalloc_uart_link.c - the link of an agent over a UART with rings.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dalloc_uart_ring.h"

#include <stddef.h>

static int32_t put(void *context, const uint8_t *bytes, uint32_t count) {
    dalloc_uart_t *uart = context;
    uint32_t written = dalloc_uart_ring_write(uart->transmit, bytes, count);
    /* Also where there was no room: on two cores, the last kick may have been lost. */
    if (uart->kick != NULL) uart->kick(uart->context);
    return (int32_t)written;
}

static int32_t take(void *context, uint8_t *bytes, uint32_t count) {
    dalloc_uart_t *uart = context;
    return (int32_t)dalloc_uart_ring_read(uart->receive, bytes, count);
}

dalloc_link_t dalloc_uart_link(dalloc_uart_t *uart) {
    dalloc_link_t link = {0};
    link.context = uart;
    link.write = put;
    if (uart->receive != NULL) link.read = take;
    return link;
}
