/* SPDX-License-Identifier: Apache-2.0 */
/* record.c - see record.h. It allocates nothing. */
#include "record.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "check.h"

DALLOC_AGENT_TRANSMIT_BUFFER(buffer, 1024);
static dalloc_agent_t agent;
static int recording, truth;
static uint64_t ticks;

static uint64_t now(void *context) {
    (void)context;
    return ++ticks;
}

static int32_t write_frames(void *context, const uint8_t *bytes, uint32_t count) {
    (void)context;
    return (int32_t)write(recording, bytes, count);
}

dalloc_agent_t *record_begin(const char *recording_path, const char *truth_path) {
    recording = open(recording_path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    truth = open(truth_path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    CHECK(recording >= 0 && truth >= 0);
    dalloc_agent_config_t config = {0};
    config.device_id = "test";
    config.boot_id = 1;
    config.ticks_per_second = 1000;
    config.now64 = now;
    config.link.write = write_frames;
    config.transmit_buffer = buffer;
    config.transmit_size = sizeof buffer;
    config.frame_interval = 50;
    config.keyframe_interval = 500;
    CHECK(dalloc_agent_init(&agent, &config) == DALLOC_AGENT_OK);
    return &agent;
}

void record_poll(void) { dalloc_agent_poll(&agent); }

static void put(uint64_t number, size_t bytes) { CHECK(write(truth, &number, bytes) == (ssize_t)bytes); }

void record_moment(record_block_t *blocks, uint32_t count) {
    uint32_t held = 0;
    for (uint32_t index = 0; index < count; index++) {
        record_block_t block = blocks[index];
        if (block.address == NULL) continue;
        uint32_t place = held++;
        for (; place > 0 && (uintptr_t)blocks[place - 1].address > (uintptr_t)block.address; place--)
            blocks[place] = blocks[place - 1];
        blocks[place] = block;
    }
    dalloc_recorder_t *recorder = agent.recorders;
    for (int turn = 0; turn < 8 && (recorder->count > 0 || recorder->lost > 0); turn++) {
        dalloc_agent_flush(&agent);
        dalloc_agent_poll(&agent);
    }
    put(recorder->count > 0 || recorder->lost > 0 ? 0 : recorder->frame_sequence, 4);
    put(held, 4);
    put(0, 4);
    for (uint32_t index = 0; index < held; index++) {
        put((uintptr_t)blocks[index].address, 8);
        put(blocks[index].size, 4);
    }
}

void record_end(void) {
    for (int turn = 0; turn < 1000 && !dalloc_agent_is_drained(&agent); turn++) {
        dalloc_agent_flush(&agent);
        dalloc_agent_poll(&agent);
    }
    CHECK(dalloc_agent_is_drained(&agent));
    dalloc_agent_deinit(&agent);
}
