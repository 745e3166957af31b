/*
 * rs485.c - a UART on an RS-485 pair, as docs/firmware.md shows it, with a stand-in for the hardware.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include "dalloc_uart_ring.h"

bool uart_has_received(void);
uint8_t uart_receive(void);
bool uart_can_transmit(void);
void uart_transmit(uint8_t byte);
bool uart_has_sent(void); /* also the last stop bit: "transmission complete" */
void uart_interrupt_when_free(bool enabled);
void uart_interrupt_when_sent(bool enabled);
void driver_enable(bool enabled);
void UART_IRQHandler(void);

DALLOC_UART_RING(transmit, 128);
DALLOC_UART_RING(receive, 128);

static volatile bool driving;

static void drive(bool enabled) {
    driving = enabled;
    driver_enable(enabled);
}

static void kick(void *context) {
    (void)context;
    drive(true);
    uart_interrupt_when_free(true);
}

void UART_IRQHandler(void) {
    uint8_t byte;
    while (uart_has_received()) {
        byte = uart_receive();
        if (!driving) dalloc_uart_ring_put(&receive, byte); /* or it is our own */
    }
    while (uart_can_transmit() && dalloc_uart_ring_take(&transmit, &byte)) uart_transmit(byte);
    if (dalloc_uart_ring_used(&transmit) > 0) return;
    uart_interrupt_when_free(false);
    uart_interrupt_when_sent(!uart_has_sent());
    if (uart_has_sent()) drive(false);
}

/* The hardware: a register, and the byte that is on the line. Every byte comes back on the pair. */

static bool when_free, when_sent, enabled, register_full, shifting, heard;
static uint8_t in_register, on_line, echo;
static uint32_t sent, cut_off;

bool uart_has_received(void) { return heard; }
uint8_t uart_receive(void) {
    heard = false;
    return echo;
}
bool uart_can_transmit(void) { return !register_full; }
bool uart_has_sent(void) { return !register_full && !shifting; }
void uart_interrupt_when_free(bool on) { when_free = on; }
void uart_interrupt_when_sent(bool on) { when_sent = on; }

void driver_enable(bool on) {
    if (!on && (shifting || register_full)) cut_off++;
    enabled = on;
}

static void shift(void) {
    if (shifting || !register_full) return;
    on_line = in_register;
    register_full = false;
    shifting = true;
}

void uart_transmit(uint8_t byte) {
    in_register = byte;
    register_full = true;
    shift();
}

static void interrupt(void) {
    while (heard || (when_free && uart_can_transmit()) || (when_sent && uart_has_sent())) UART_IRQHandler();
}

/* The time of a byte passes. False when the pair carried nothing. */
static bool pass(void) {
    bool carried = shifting;
    if (carried) {
        if (!enabled || on_line != (uint8_t)sent) return printf("byte %u is not on the line\n", (unsigned)sent), false;
        sent++;
        echo = on_line;
        heard = true;
    }
    shifting = false;
    shift();
    interrupt();
    return carried;
}

int main(void) {
    dalloc_uart_t uart = {&transmit, &receive, kick, NULL};
    dalloc_link_t link = dalloc_uart_link(&uart);
    uint32_t written = 0, turn;
    uint8_t bytes[100];
    for (turn = 0; turn < 300; turn++) {
        uint32_t count = 1 + turn * 13 % 99, at;
        for (at = 0; at < count; at++) bytes[at] = (uint8_t)(written + at);
        written += (uint32_t)link.write(link.context, bytes, count);
        interrupt();
        /* Sometimes the next poll comes while the line is busy, sometimes when it was given back. */
        for (at = 0; at < turn % 120 || (turn % 4 == 0 && enabled); at++) pass();
        if (turn % 4 == 0 && (enabled || sent != written)) return printf("the driver is on after %u bytes\n", (unsigned)sent), 1;
        if (turn % 4 != 0) continue;
        /* Now the other side speaks. */
        echo = (uint8_t)turn;
        heard = true;
        interrupt();
        if (link.read(link.context, bytes, sizeof bytes) != 1 || bytes[0] != (uint8_t)turn) return printf("an answer is missing\n"), 1;
    }
    while (pass()) {}
    if (sent != written || cut_off > 0 || enabled) return printf("%u of %u bytes sent\n", (unsigned)sent, (unsigned)written), 1;
    printf("ok\n");
    return 0;
}
