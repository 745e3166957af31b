/* SPDX-License-Identifier: Apache-2.0 */
/*
 * agent_lifetimes.c - gives everything back as soon as dalloc_agent.h allows it. AddressSanitizer sees what is used later. With an
 * argument it gives a recorder back when its heap ends, which is too early.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dalloc_agent.h"

#define CHECK(condition) ((condition) ? (void)0 : does_not_hold(__LINE__, #condition))

static void does_not_hold(int line, const char *what) {
    fprintf(stderr, "agent_lifetimes.c:%d: this does not hold: %s\n", line, what);
    exit(1);
}

static int32_t write_all(void *context, const uint8_t *bytes, uint32_t count) {
    uint32_t *sum = (uint32_t *)context;
    for (uint32_t index = 0; index < count; index++) *sum += bytes[index];
    return (int32_t)count;
}

static uint32_t now(void *context) { return ++*(uint32_t *)context; }

static void *new_zeros(size_t size) {
    void *made = calloc(1, size);
    CHECK(made != NULL);
    return made;
}

static char *new_text(const char *text) { return strcpy((char *)new_zeros(strlen(text) + 1), text); }

static void work(heap_t *heap, dalloc_agent_t *agent) {
    static void *blocks[4];
    for (int turn = 0; turn < 100; turn++) {
        void **block = &blocks[turn % 4];
        if (*block != NULL) dfree(heap, block, USING_PTR_ADDRESS);
        dalloc(heap, (uint32_t)turn % 32 + 1, block);
        if (agent != NULL) dalloc_agent_poll(agent);
    }
    for (int block = 0; block < 4; block++) dfree(heap, &blocks[block], USING_PTR_ADDRESS);
}

int main(int count, char **arguments) {
    (void)arguments;
    const bool too_early = count > 1;
    enum { HEAPS = 2, ROOM = 512, TRANSMIT = 4096 };
    heap_t *heaps[HEAPS];
    void *memories[HEAPS];
    dalloc_recorder_t *recorders[HEAPS];
    char *names[HEAPS] = {new_text("first"), new_text("second")};
    char *device = new_text("pump-17"), *build = new_text("1.4.2");
    uint32_t *sum = (uint32_t *)new_zeros(sizeof *sum), *ticks = (uint32_t *)new_zeros(sizeof *ticks);
    uint8_t *transmit_buffer = (uint8_t *)new_zeros(TRANSMIT);
    dalloc_agent_t *agent = (dalloc_agent_t *)new_zeros(sizeof *agent);
    dalloc_agent_config_t *config = (dalloc_agent_config_t *)new_zeros(sizeof *config);
    config->device_id = device;
    config->build = build;
    config->ticks_per_second = 1000;
    config->now = now;
    config->now_context = ticks;
    config->link.write = write_all;
    config->link.context = sum;
    config->transmit_buffer = transmit_buffer;
    config->transmit_size = TRANSMIT;
    config->frame_interval = config->heartbeat_interval = config->keyframe_interval = 10;
    CHECK(dalloc_agent_init(agent, config) == DALLOC_AGENT_OK);
    free(config);

    for (int one = 0; one < HEAPS; one++) {
        heaps[one] = (heap_t *)new_zeros(sizeof(heap_t));
        memories[one] = new_zeros(ROOM);
        recorders[one] = (dalloc_recorder_t *)new_zeros(sizeof(dalloc_recorder_t));
        heap_init(heaps[one], memories[one], ROOM);
        CHECK(dalloc_agent_attach(agent, recorders[one], heaps[one], names[one]) == DALLOC_AGENT_OK);
        work(heaps[one], agent);
    }

    /* The memory of a heap is free with the heap. Its heap_t, recorder and name are the agent's still. */
    heap_deinit(heaps[0]);
    free(memories[0]);
    if (too_early) free(recorders[0]);
    work(heaps[1], agent);
    dalloc_agent_flush(agent);
    for (int turn = 0; turn < 100; turn++) dalloc_agent_poll(agent);
    CHECK(*sum > 0 && dalloc_agent_is_drained(agent));

    /* And with the agent all else. The other heap goes on. */
    dalloc_agent_deinit(agent);
    for (int one = 0; one < HEAPS; one++) {
        free(recorders[one]);
        free(names[one]);
    }
    free(heaps[0]);
    free(agent);
    free(transmit_buffer);
    free(device);
    free(build);
    free(sum);
    free(ticks);
    work(heaps[1], NULL);
    heap_deinit(heaps[1]);
    free(memories[1]);
    free(heaps[1]);
    return 0;
}
