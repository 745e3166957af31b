/*
 * main.c - a queue of messages of different sizes, which come and go: enough for a collector to see a heap at work. The agent's line is
 * uart0, on GPIO 0 and 1.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dalloc_pico.h"
#include "hardware/gpio.h"
#include "pico/time.h"

#define MESSAGES 16

DALLOC_AGENT_TRANSMIT_BUFFER(transmit_buffer, 4096);
static uint8_t memory[4096] __attribute__((aligned(ALLOCATION_ALIGNMENT_BYTES)));
static void *messages[MESSAGES];
static heap_t heap;
static dalloc_recorder_t recorder;
static dalloc_agent_t agent;

int main(void) {
    dalloc_agent_config_t config = {0};
    uart_init(uart0, 115200);
    gpio_set_function(0, GPIO_FUNC_UART);
    gpio_set_function(1, GPIO_FUNC_UART);
    dalloc_pico_configure(&config);
    config.build = "1.0.0";
    config.link = dalloc_pico_uart_link(uart0);
    config.transmit_buffer = transmit_buffer;
    config.transmit_size = sizeof transmit_buffer;
    heap_init(&heap, memory, sizeof memory);
    if (dalloc_agent_init(&agent, &config) != DALLOC_AGENT_OK) return 1;
    if (dalloc_agent_attach(&agent, &recorder, &heap, "main") != DALLOC_AGENT_OK) return 1;
    for (uint32_t turn = 0;; turn++) {
        void **message = &messages[turn / 2 * 7 % MESSAGES];
        if (turn % 2 == 0 && *message == NULL)
            dalloc(&heap, 16 + turn * 37 % 200, message);
        else if (turn % 2 == 0)
            dfree(&heap, message, USING_PTR_ADDRESS);
        dalloc_agent_poll(&agent);
        sleep_ms(10);
    }
}
