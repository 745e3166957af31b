/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record.c - `record RECORDING TRUTH`: 100,000 random operations of a heap with the blocks of heap_5, told by the hook to an agent, and
 * what the program holds at 1,000 moments. Some operations are lost.
 */
#include "../record.h"

#include <string.h>

#include "../check.h"
#include "dalloc_watch_freertos.h"
#include "heap.h"

enum { HELD = 300 };

static void *held[HELD];
static uint32_t state = 5;

static uint32_t random_below(uint32_t limit) {
    state = state * 1664525u + 1013904223u;
    return (uint32_t)(((uint64_t)state * limit) >> 32);
}

int main(int count, char **arguments) {
    static uint8_t memory[2][12007];
    uint8_t *parts[] = {memory[0], memory[1]};
    const HeapRegion_t regions[] = {{parts[0] + 3, 12000}, {parts[1] + 1, 12001}, {NULL, 0}};
    CHECK(count == 3);
    vPortDefineHeapRegions(regions);
    dalloc_agent_t *agent = record_begin(arguments[1], arguments[2]);
    for (int index = 0; index < 100; index++) held[index] = pvPortMalloc(random_below(80) + 1);
    CHECK(dalloc_watch_freertos_begin(agent, "heap", regions) == DALLOC_AGENT_OK);
    for (int operation = 1; operation <= 100000; operation++) {
        uint32_t index = random_below(HELD);
        /* Another task polls in the middle of vPortFree. */
        heap_interruption = random_below(10) == 0 ? record_poll : NULL;
        if (held[index] != NULL) {
            vPortFree(held[index]);
            held[index] = NULL;
        } else {
            held[index] = pvPortMalloc(random_below(120) + 1);
        }
        /* At times nobody polls, and operations are lost; then all blocks are listed, some at a time. */
        if (operation % 5 == 0 && operation % 2000 > 300) record_poll();
        if (operation % 100 != 0) continue;
        record_block_t blocks[HELD];
        for (int block = 0; block < HELD; block++) {
            blocks[block].address = held[block];
            blocks[block].size = held[block] == NULL ? 0 : (uint32_t)heap_usable(held[block]);
        }
        record_moment(blocks, HELD);
    }
    record_end();
    CHECK(suspended == 0);
    return 0;
}
