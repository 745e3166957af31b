/*
 * main.c - a program on Linux whose heap a collector watches for three seconds: heap_monitor [PORT].
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "dalloc_posix_link.h"

#define MESSAGES 16

DALLOC_AGENT_TRANSMIT_BUFFER(transmit_buffer, 4096);
static uint8_t memory[16384] __attribute__((aligned(ALLOCATION_ALIGNMENT_BYTES)));
static void *messages[MESSAGES];
static heap_t heap;
static dalloc_posix_link_t tcp;
static dalloc_recorder_t recorder;
static dalloc_agent_t agent;

int main(int argc, char **argv) {
    dalloc_agent_config_t config = {0};
    config.device_id = "heap-monitor";
    config.build = "1.0.0";
    config.boot_id = dalloc_posix_random();
    config.ticks_per_second = 1000;
    config.now = dalloc_posix_milliseconds;
    config.link = dalloc_tcp_link(&tcp, "127.0.0.1", (uint16_t)(argc > 1 ? atoi(argv[1]) : 7420));
    config.transmit_buffer = transmit_buffer;
    config.transmit_size = sizeof transmit_buffer;
    heap_init(&heap, memory, sizeof memory);
    dalloc_agent_error_t error = dalloc_agent_init(&agent, &config);
    if (error == DALLOC_AGENT_OK) error = dalloc_agent_attach(&agent, &recorder, &heap, "main");
    if (error != DALLOC_AGENT_OK) {
        fprintf(stderr, "%s\n", dalloc_agent_error_text(error));
        return 1;
    }
    for (uint32_t turn = 0; turn < 300; turn++) {
        void **message = &messages[turn * 7 % MESSAGES];
        if (turn >= 250)
            dalloc_agent_flush(&agent);
        else if (*message == NULL)
            dalloc(&heap, 16 + turn * 37 % 500, message);
        else
            dfree(&heap, message, USING_PTR_ADDRESS);
        dalloc_agent_poll(&agent);
        poll(NULL, 0, 10);
    }
    puts(dalloc_agent_is_drained(&agent) ? "the collector has all of it" : "no collector took all of it");
    return 0;
}
