/*
 * dma.c - a UART whose bytes DMA carries, as docs/firmware.md shows it, with a stand-in for the hardware.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include "dalloc_uart_ring.h"

void dma_send(const uint8_t *bytes, uint32_t count); /* one interrupt at the end */
uint32_t dma_receive_left(void);                     /* before it starts again at the beginning */
void DMA_IRQHandler(void);
void UART_IRQHandler(void);

DALLOC_UART_RING(transmit, 128);
DALLOC_UART_RING(receive, 128);

static uint32_t sending; /* bytes that DMA is sending from where they are in the ring */

static void send_next(void) {
    const uint8_t *bytes;
    sending = dalloc_uart_ring_peek(&transmit, &bytes);
    if (sending > 0) dma_send(bytes, sending);
}

static void kick(void *context) {
    (void)context;
    if (sending == 0) send_next();
}

void DMA_IRQHandler(void) {
    dalloc_uart_ring_consume(&transmit, sending);
    send_next();
}

static uint8_t landing[32]; /* DMA fills it over and over */
static uint32_t landed;

void UART_IRQHandler(void) { /* the line is idle, or DMA is in the middle or at the end of its landing */
    uint32_t end = (uint32_t)sizeof landing - dma_receive_left();
    if (end < landed) {
        dalloc_uart_ring_put_span(&receive, landing + landed, (uint32_t)sizeof landing - landed);
        landed = 0;
    }
    dalloc_uart_ring_put_span(&receive, landing + landed, end - landed);
    landed = end;
}

/* The hardware. */

static uint8_t line[32768];
static uint32_t line_length, received, under_way;
static bool overlapped;

static uint8_t byte_at(uint32_t place) { return (uint8_t)(place * 31 >> 3); }

void dma_send(const uint8_t *bytes, uint32_t count) {
    overlapped |= under_way > 0;
    memcpy(line + line_length, bytes, count);
    line_length += count;
    under_way = count;
}

static void finish_sending(void) {
    under_way = 0;
    DMA_IRQHandler();
}

uint32_t dma_receive_left(void) { return (uint32_t)sizeof landing - received % (uint32_t)sizeof landing; }

static void land(void) {
    landing[received % sizeof landing] = byte_at(received);
    received++;
    if (received % (sizeof landing / 2) == 0) UART_IRQHandler();
}

int main(void) {
    dalloc_uart_t uart = {&transmit, &receive, kick, NULL};
    dalloc_link_t link = dalloc_uart_link(&uart);
    uint32_t sent = 0, got = 0, turn, at;
    for (turn = 0; turn < 400; turn++) {
        uint8_t bytes[100];
        uint32_t count = turn * 7 % 90, taken;
        for (at = 0; at < count; at++) bytes[at] = byte_at(sent + at);
        sent += (uint32_t)link.write(link.context, bytes, count);
        if (turn % 3 != 0 && under_way > 0) finish_sending();
        for (at = 0; at < turn % 23; at++) land();
        UART_IRQHandler(); /* the line is idle */
        taken = (uint32_t)link.read(link.context, bytes, sizeof bytes);
        for (at = 0; at < taken; at++, got++) {
            if (bytes[at] != byte_at(got)) return printf("byte %u that came is wrong\n", (unsigned)got), 1;
        }
    }
    while (under_way > 0) finish_sending();
    for (at = 0; at < line_length; at++) {
        if (line[at] != byte_at(at)) return printf("byte %u on the line is wrong\n", (unsigned)at), 1;
    }
    if (overlapped || line_length != sent || got != received) {
        printf("%u of %u bytes sent, %u of %u received\n", (unsigned)line_length, (unsigned)sent, (unsigned)got, (unsigned)received);
        return 1;
    }
    printf("ok\n");
    return 0;
}
