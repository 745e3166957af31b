/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test.c - 100,000 random operations of a heap of one region, and of three. At 1,000 moments the walk must find what the program holds;
 * at others it is asked in the middle of vPortFree.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../check.h"
#include "../watch_double.h"
#include "dalloc_watch_freertos.h"
#include "heap.h"

enum { HELD = 200, OPERATIONS = 100000, MOMENTS = 1000 };

static dalloc_agent_t agent;
static void *held[HELD];
static uint32_t asked[HELD];
static uint32_t state = 1;
static int interruptions;

static uint32_t random_below(uint32_t limit) {
    state = state * 1664525u + 1013904223u;
    return (uint32_t)(((uint64_t)state * limit) >> 32);
}

static void check(void) {
    uint32_t count = 0;
    for (int index = 0; index < HELD; index++) {
        if (held[index] == NULL) continue;
        count++;
        CHECK(heap_usable(held[index]) >= asked[index]);
    }
    CHECK(watch_double.count == count);
    CHECK(watch_double_equals_walk());
    for (uint32_t index = 0; index < watch_double.count; index++)
        CHECK(watch_double.blocks[index].size == heap_usable(watch_double.blocks[index].address));
}

/* Another task polls: the block is not told of yet. */
static void interrupt(void) {
    interruptions++;
    CHECK(watch_double_equals_walk());
}

static void run(const HeapRegion_t *regions) {
    memset(held, 0, sizeof held);
    vPortDefineHeapRegions(regions);
    void *early = pvPortMalloc(40); /* before the watch begins, which then must find it */
    CHECK(dalloc_watch_freertos_begin(&agent, "heap", regions) == DALLOC_AGENT_OK);
    CHECK(watch_double.count == 1 && watch_double.blocks[0].address == early);
    held[0] = early;
    asked[0] = 40;
    for (int operation = 1; operation <= OPERATIONS; operation++) {
        uint32_t index = random_below(HELD);
        heap_interruption = random_below(50) == 0 ? interrupt : NULL;
        if (held[index] != NULL) {
            vPortFree(held[index]);
            held[index] = NULL;
        } else {
            asked[index] = random_below(10) == 0 ? random_below(4000) : random_below(100);
            held[index] = pvPortMalloc(asked[index]);
            if (held[index] != NULL) memset(held[index], 0xFF, asked[index]);
        }
        if (operation % (OPERATIONS / MOMENTS) == 0) check();
    }
    uint32_t failures = watch_double.failures;
    CHECK(failures > 0);
    CHECK(pvPortMalloc((size_t)1 << 40) == NULL && watch_double.last_why == DALLOC_WATCH_NO_ROOM);
    CHECK(pvPortMalloc(SIZE_MAX - 3) == NULL && watch_double.last_why == DALLOC_WATCH_BAD_SIZE);
    CHECK(pvPortMalloc(65000) == NULL && watch_double.last_failed_size == 65000);
    CHECK(watch_double.failures == failures + 3);
    CHECK(watch_double.contradictions == 0);
    CHECK(suspended == 0);
    watch_double_end();
}

/* A block that no walk has seen before its free is interrupted. */
static void free_what_came_after_the_begin(const HeapRegion_t *regions) {
    vPortDefineHeapRegions(regions);
    CHECK(dalloc_watch_freertos_begin(&agent, "heap", regions) == DALLOC_AGENT_OK && watch_double.count == 0);
    void *block = pvPortMalloc(10);
    heap_interruption = interrupt;
    vPortFree(block);
    CHECK(watch_double.count == 0 && watch_double.contradictions == 0);
    watch_double_end();
}

int main(void) {
    /* The ends of the regions are known to a sanitizer, and not aligned. */
    static uint8_t ucHeap[20003];
    const HeapRegion_t one[] = {{ucHeap + 1, sizeof ucHeap - 1}, {NULL, 0}};
    free_what_came_after_the_begin(one);
    run(one);

    static uint8_t memory[3][9001];
    uint8_t *parts[] = {memory[0], memory[1], memory[2]};
    const HeapRegion_t three[] = {
        {parts[0] + 3, 8000}, {parts[1], 60}, {parts[2] + 5, 8992}, {NULL, 0}
    };
    run(three);

    /* A header that the program wrote over ends the walk. */
    memset(parts[0], 0xFF, 4000);
    uint32_t size;
    const void *block = NULL;
    while ((block = watch_double.config.next(watch_double.config.walk_context, block, &size)) != NULL)
        CHECK((const uint8_t *)block >= parts[0] && (const uint8_t *)block + size <= parts[2] + 9001);
    CHECK(interruptions > 1000);
    puts("ok");
    return 0;
}
