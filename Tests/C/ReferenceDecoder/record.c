/*
 * record.c - does random operations in a heap with the agent attached, and writes down both sides of the story: what
 * the agent sends over a one-way line, and the heap's table at each moment when all of that was sent.
 *
 *     record SEED eager|lazy STEPS STREAM TABLES
 *
 * STREAM gets the bytes of the line. TABLES gets, for each such moment, the line "sequence N" - the last frame that was
 * sent - and a line for each block, in the words of schema/reference.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dalloc_agent.h"
#include "dalloc_walk.h"

#define VARIABLES 90
/* Far apart, so that their owners take many bits, and a keyframe comes in parts. */
#define APART 2999

static uint64_t memory[2048];
static uint8_t transmit_buffer[DALLOC_AGENT_TRANSMIT_BYTES_MIN]; /* the least */
static heap_t heap;
static dalloc_agent_t agent;
static dalloc_recorder_t recorder;
static void *variables[VARIABLES * APART];
static uint32_t clock_ticks = 1000;
static FILE *stream, *tables;

/* What dalloc_heap_walk showed last. */
static dalloc_block_t blocks[MAX_NUM_OF_ALLOCATIONS];
static uint32_t count;

static uint64_t state;

static uint32_t any(uint32_t bound)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)((state >> 16) % bound);
}

static uint32_t now(void *context)
{
    (void)context;
    return clock_ticks;
}

static int32_t write_line(void *context, const uint8_t *bytes, uint32_t size)
{
    (void)context;
    /* A line that is slow now and then: a keyframe comes in parts when little room is left. */
    return (int32_t)fwrite(bytes, 1, clock_ticks / 128 % 8 == 0 && size > 20 ? 20 : size, stream);
}

static bool keep(void *context, const dalloc_block_t *block)
{
    (void)context;
    blocks[block->index] = *block;
    return true;
}

static void look(void)
{
    count = dalloc_heap_walk(&heap, keep, NULL);
}

/* A variable that owns nothing: outside the heap, or at the start of a block that has room for it. */
static void **free_variable(void)
{
    look();
    if (count > 0 && any(3) == 0) {
        const dalloc_block_t *block = &blocks[any(count)];
        void **inside = (void **)block->address;

        if (block->size >= sizeof *inside && *inside == NULL)
            return inside;
    }
    for (uint32_t tries = 0; tries < 20; tries++) {
        void **variable = &variables[any(VARIABLES) * APART];

        if (*variable == NULL)
            return variable;
    }
    return NULL;
}

static void clear(void **owner, uint32_t from)
{
    look();
    for (uint32_t i = 0; i < count; i++)
        if (owner != NULL && blocks[i].address == *owner && blocks[i].size > from)
            memset((uint8_t *)blocks[i].address + from, 0, blocks[i].size - from);
}

static void allocate(void)
{
    void **variable = free_variable();

    if (variable == NULL)
        return;
    /* Where an owner inside the heap is after a compaction only the table tells: its block is the last one. */
    bool outside = variable >= variables && variable < variables + VARIABLES * APART;
    uint32_t total = (uint32_t)heap.alloc_info.total_allocations;

    dalloc(&heap, 1 + any(any(8) == 0 ? 900 : 90), variable);
    if (outside) {
        clear(variable, 0);
    } else if ((uint32_t)heap.alloc_info.total_allocations != total) {
        look();
        memset(blocks[count - 1].address, 0, blocks[count - 1].size);
    }
}

static void release(void)
{
    look();
    if (count == 0)
        return;
    const dalloc_block_t *block = &blocks[any(2) ? any(count) : count - 1 - any(count < 6 ? count : 6)];
    void *copy = block->address;

    if (block->owner != NULL && any(4) != 0)
        dfree(&heap, block->owner, USING_PTR_ADDRESS);
    else
        dfree(&heap, &copy, USING_PTR_VALUE);
}

static void resize(void)
{
    look();
    if (count == 0)
        return;
    const dalloc_block_t block = blocks[any(count)];
    uint32_t size = 1 + any(any(8) == 0 ? 900 : 90);

    if (block.owner == NULL || !drealloc(&heap, size, block.owner))
        return;
    /* A resize keeps the order of the blocks. */
    look();
    if (size > block.size)
        memset((uint8_t *)blocks[block.index].address + block.size, 0, size - block.size);
    /* Half a variable is none. */
    if (size < sizeof(void *))
        memset(blocks[block.index].address, 0, size);
}

static void hand_over(void)
{
    void **variable = free_variable();

    if (variable == NULL || count == 0)
        return;
    const dalloc_block_t *block = &blocks[any(count)];

    if (block->owner != NULL && block->address != (void *)variable)
        replace_pointers(&heap, block->owner, variable);
}

static void go_wrong(void)
{
    void **variable = free_variable();

    if (variable == NULL)
        return;
    switch (any(3)) {
    case 0: dalloc(&heap, 0, variable); break;
    case 1: dalloc(&heap, (uint32_t)sizeof memory + any(1000), variable); break;
    default: dfree(&heap, variable, USING_PTR_ADDRESS); break;
    }
}

static void operate(bool lazy)
{
    uint32_t choice = any(100);

    if (choice < 48)
        allocate();
    else if (choice < 80)
        release();
    else if (choice < 90)
        resize();
    else if (choice < 94)
        hand_over();
    else if (choice < 97)
        go_wrong();
    else if (lazy)
        dalloc_heap_compact(&heap, 1 + any(2000));
}

static void write_table(bool lazy)
{
    look();
    fprintf(tables, "sequence %" PRIu32 "\n", dalloc_agent_counters(&agent).frames_sent);
    for (uint32_t i = 0; i < count; i++) {
        const dalloc_block_t *block = &blocks[i];

        fprintf(tables, "0x%" PRIxPTR ": size %" PRIu32 ", owner 0x%" PRIxPTR, (uintptr_t)block->address, block->size,
                (uintptr_t)block->owner);
        if (lazy)
            fprintf(tables, ", gap %" PRIu32, block->gap);
#ifdef DALLOC_USE_CALL_SITES
        fprintf(tables, ", call site 0x%" PRIxPTR, (uintptr_t)block->call_site);
#endif
        fputc('\n', tables);
    }
}

int main(int argc, char **argv)
{
    dalloc_agent_config_t config;

    if (argc != 6)
        return 64;
    bool lazy = strcmp(argv[2], "lazy") == 0;
    state = strtoull(argv[1], NULL, 10) * 2654435761u + 1;
    stream = fopen(argv[4], "wb");
    tables = fopen(argv[5], "w");
    if (stream == NULL || tables == NULL)
        return 66;

    heap_init(&heap, memory, sizeof memory);
    if (lazy && !dalloc_heap_set_policy(&heap, DALLOC_POLICY_LAZY, 256))
        return 1;
    memset(&config, 0, sizeof config);
    config.device_id = "recorded";
    config.build = argv[2];
    config.boot_id = (uint32_t)strtoul(argv[1], NULL, 10);
    config.ticks_per_second = 1000;
    config.now = now;
    config.link.write = write_line;
    config.transmit_buffer = transmit_buffer;
    config.transmit_size = sizeof transmit_buffer;
    config.frame_interval = 1;
    config.heartbeat_interval = 50;
    config.keyframe_interval = 400;
    config.reply_timeout = 500;
    if (dalloc_agent_init(&agent, &config) != DALLOC_AGENT_OK
        || dalloc_agent_attach(&agent, &recorder, &heap, "main") != DALLOC_AGENT_OK)
        return 1;

    for (long steps = strtol(argv[3], NULL, 10); steps > 0;) {
        /* Now and then more than the recorder holds. */
        long batch = any(60) == 0 ? 150 : 1 + (long)any(12);

        for (; batch > 0 && steps > 0; batch--, steps--) {
            operate(lazy);
            clock_ticks += any(3);
        }
        clock_ticks += 1 + any(20);
        /* Once only as a rule, so that operations come between the parts of a keyframe. */
        for (int polls = any(10) == 0 ? 20 : 1; polls > 0; polls--)
            dalloc_agent_poll(&agent);
        if (dalloc_agent_is_drained(&agent))
            write_table(lazy);
    }
    return fclose(stream) == 0 && fclose(tables) == 0 ? 0 : 1;
}
