// SPDX-License-Identifier: Apache-2.0
// A queue of messages of different sizes, which come and go: enough for a collector to see a heap at work. The agent's line is
// Serial1: dalloc-collector serve --serial /dev/ttyUSB0:115200
#define MAX_NUM_OF_ALLOCATIONS 20
#include <DallocArduino.h>

const int count = 8;

DALLOC_AGENT_TRANSMIT_BUFFER(transmit_buffer, 2048);
static uint8_t memory[2048] __attribute__((aligned(ALLOCATION_ALIGNMENT_BYTES)));
static void *messages[count];
static heap_t heap;
static dalloc_recorder_t recorder;
static dalloc_agent_t agent;
static uint32_t turn;

void setup() {
    dalloc_agent_config_t config = {};
    Serial1.begin(115200);
    config.device_id = "heap-monitor";
    config.build = "1.0.0";
    // It must be another one after every reset. The noise of an open pin is a poor source: on your board, take its random number generator.
    config.boot_id = static_cast<uint32_t>(analogRead(A0)) << 20 ^ static_cast<uint32_t>(micros());
    config.link = dalloc_arduino_link(Serial1);
    config.transmit_buffer = transmit_buffer;
    config.transmit_size = sizeof transmit_buffer;
    dalloc_arduino_clock(config);
    heap_init(&heap, memory, sizeof memory);
    if (dalloc_agent_init(&agent, &config) != DALLOC_AGENT_OK) return;
    dalloc_agent_attach(&agent, &recorder, &heap, "main");
}

void loop() {
    void **message = &messages[turn * 3 % count];
    if (*message == nullptr)
        dalloc(&heap, 16 + turn * 37 % 100, message);
    else
        dfree(&heap, message, USING_PTR_ADDRESS);
    turn++;
    dalloc_agent_poll(&agent);
    delay(10);
}
