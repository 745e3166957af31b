/* SPDX-License-Identifier: Apache-2.0 */
/* A C program on Linux whose heap a collector watches: linux-agent [PORT], three seconds long. */
#include <poll.h>
#include <stdlib.h>
#include "dalloc_posix_link.h"

DALLOC_AGENT_TRANSMIT_BUFFER(transmit_buffer, 4096);
static uint8_t memory[16384];
static void *blocks[16];
static heap_t heap;
static dalloc_posix_link_t tcp;
static dalloc_recorder_t recorder;
static dalloc_agent_t agent;

int main(int argc, char **argv) {
    dalloc_agent_config_t config = {
        .device_id = "linux-agent", .build = "1.0.0", .boot_id = dalloc_posix_random(),
        .ticks_per_second = 1000, .now = dalloc_posix_milliseconds,
        .link = dalloc_tcp_link(&tcp, "127.0.0.1", (uint16_t)(argc > 1 ? atoi(argv[1]) : 7420)),
        .transmit_buffer = transmit_buffer, .transmit_size = sizeof transmit_buffer};
    heap_init(&heap, memory, sizeof memory);
    if (dalloc_agent_init(&agent, &config) != DALLOC_AGENT_OK) return EXIT_FAILURE;
    dalloc_agent_attach(&agent, &recorder, &heap, "main");
    for (int turn = 0; turn < 300; turn++, poll(NULL, 0, 10)) {
        void **block = &blocks[rand() % 16];
        if (turn >= 250) dalloc_agent_flush(&agent);
        else if (*block != NULL) dfree(&heap, block, USING_PTR_ADDRESS);
        else dalloc(&heap, (uint32_t)rand() % 512 + 1, block);
        dalloc_agent_poll(&agent);
    }
    return dalloc_agent_is_drained(&agent) ? EXIT_SUCCESS : EXIT_FAILURE;
}
