/*
 * device.c - runs the workload and polls the agent in between, each at its time. The clock is the simulation's.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "device.h"

#include <stdio.h>
#include <stdlib.h>

#include "collector.h"

dalloc_agent_t device_agent;

static dalloc_recorder_t recorder;
static uint8_t transmit_buffer[16 * 1024];
static uint32_t milliseconds;
static uint64_t next_poll, poll_interval;
static bool is_recording;

uint32_t device_now(void *context) {
    (void)context;
    return milliseconds;
}

void device_set_clock(uint64_t microseconds) { milliseconds = (uint32_t)(microseconds / 1000); }

static void poll_at(uint64_t microseconds) {
    device_set_clock(microseconds);
    dalloc_agent_poll(&device_agent);
    next_poll = microseconds + poll_interval;
}

void device_start(bool records, uint32_t poll_milliseconds, uint32_t transmit_bytes) {
    workload_start();
    collector_start();
    device_set_clock(0);
    next_poll = poll_interval = (uint64_t)poll_milliseconds * 1000;
    is_recording = records;
    if (!records) return;
    dalloc_agent_config_t config = {0};
    config.device_id = "pump-17";
    config.build = "1.4.2";
    config.boot_id = 0x5EED1234; /* a random number, as most are */
    config.ticks_per_second = 1000;
    config.now = device_now;
    config.link.write = collector_write;
    config.link.read = collector_read;
    config.transmit_buffer = transmit_buffer;
    config.transmit_size = transmit_bytes;
    if (transmit_bytes > sizeof transmit_buffer || dalloc_agent_init(&device_agent, &config) != DALLOC_AGENT_OK
        || dalloc_agent_attach(&device_agent, &recorder, &workload_heap, "main") != DALLOC_AGENT_OK) {
        fprintf(stderr, "bench-wire: the agent refuses the configuration\n");
        exit(EXIT_FAILURE);
    }
    /* The greeting, before there is anything to record. */
    for (int poll = 0; poll < 4; poll++) dalloc_agent_poll(&device_agent);
}

workload_operation_t device_step(void) {
    if (is_recording)
        while (next_poll <= workload_due()) poll_at(next_poll);
    device_set_clock(workload_due());
    return workload_step();
}

void device_drain(void) {
    for (int poll = 0; poll < 16; poll++) {
        dalloc_agent_flush(&device_agent);
        poll_at(next_poll);
        if (dalloc_agent_is_drained(&device_agent)) return;
    }
    fprintf(stderr, "bench-wire: the collector never got all that was recorded\n");
    exit(EXIT_FAILURE);
}
