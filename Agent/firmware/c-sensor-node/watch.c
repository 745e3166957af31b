/*
 * watch.c - all that a firmware adds to have its heap watched.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "watch.h"
#include "board.h"
#include "dalloc_agent.h"

#ifdef WITH_TRUTH
#include "truth.h"
#endif

/* Thirteen seconds of this node's 200 operations a second: a collector may start ten seconds later than the board, and is greeted every
 * two. */
DALLOC_AGENT_TRANSMIT_BUFFER(transmit_buffer, 6144);
static dalloc_recorder_t recorder;
static dalloc_agent_t agent;

void watch_start(void) {
    dalloc_agent_config_t config = {
        .device_id = "c-sensor-node-" BOARD,
        .build = "1.0.0",
        .boot_id = board_boot_id(),
        .ticks_per_second = 1000,
        .now = board_milliseconds,
        .link = board_uart_link(),
        .transmit_buffer = transmit_buffer,
        .transmit_size = sizeof transmit_buffer,
    };
    if (dalloc_agent_init(&agent, &config) == DALLOC_AGENT_OK) {
        dalloc_agent_attach(&agent, &recorder, dalloc_get_default_heap(), "main");
    }
}

void watch(void) {
    static uint32_t polled;
    if (board_milliseconds(NULL) - polled < 10) return;
    polled = board_milliseconds(NULL);
    dalloc_agent_poll(&agent);
#ifdef WITH_TRUTH
    truth_tell_if_asked(&agent);
#endif
}
