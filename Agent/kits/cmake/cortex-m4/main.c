/*
 * main.c - a queue of messages of different sizes, which come and go, on a board of QEMU's: enough for a collector to see a heap at work.
 *
 *   qemu-system-arm -M mps2-an386 -nographic -kernel heap_monitor.elf -serial tcp:127.0.0.1:7420
 *
 * QEMU's UART takes bytes at once. One of silicon needs the rings of dalloc_uart_ring.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dalloc_agent.h"

#define CLOCK 25000000u
#define MESSAGES 16

typedef struct {
    volatile uint32_t data, state, control, interrupts, divider;
} uart_t;

#define UART ((uart_t *)0x40004000)
#define TICK ((volatile uint32_t *)0xE000E010) /* SysTick: control, reload, value */

static volatile uint32_t milliseconds;

DALLOC_AGENT_TRANSMIT_BUFFER(transmit_buffer, 4096);
static uint8_t memory[4096] __attribute__((aligned(ALLOCATION_ALIGNMENT_BYTES)));
static void *messages[MESSAGES];
static heap_t heap;
static dalloc_recorder_t recorder;
static dalloc_agent_t agent;

void tick(void);
void tick(void) { milliseconds++; }

static uint32_t now(void *context) {
    (void)context;
    return milliseconds;
}

static int32_t uart_write(void *context, const uint8_t *bytes, uint32_t count) {
    uint32_t written = 0;
    (void)context;
    while (written < count && (UART->state & 1) == 0) UART->data = bytes[written++];
    return (int32_t)written;
}

static int32_t uart_read(void *context, uint8_t *bytes, uint32_t count) {
    uint32_t read = 0;
    (void)context;
    while (read < count && (UART->state & 2) != 0) bytes[read++] = (uint8_t)UART->data;
    return (int32_t)read;
}

int main(void) {
    dalloc_agent_config_t config = {0};
    UART->divider = CLOCK / 115200;
    UART->control = 3;
    TICK[1] = CLOCK / 1000 - 1;
    TICK[2] = 0;
    TICK[0] = 7;
    config.device_id = "heap-monitor-m4";
    config.build = "1.0.0";
    config.boot_id = 1; /* on a board of yours: another one after every reset */
    config.ticks_per_second = 1000;
    config.now = now;
    config.link.write = uart_write;
    config.link.read = uart_read;
    config.transmit_buffer = transmit_buffer;
    config.transmit_size = sizeof transmit_buffer;
    heap_init(&heap, memory, sizeof memory);
    if (dalloc_agent_init(&agent, &config) != DALLOC_AGENT_OK) return 1;
    if (dalloc_agent_attach(&agent, &recorder, &heap, "main") != DALLOC_AGENT_OK) return 1;
    for (uint32_t turn = 0;; turn++) {
        void **message = &messages[turn * 7 % MESSAGES];
        uint32_t began = milliseconds;
        if (*message == NULL)
            dalloc(&heap, 16 + turn * 37 % 200, message);
        else
            dfree(&heap, message, USING_PTR_ADDRESS);
        dalloc_agent_poll(&agent);
        while (milliseconds - began < 10) __asm volatile("wfi");
    }
}
