/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record.c - `record RECORDING TRUTH`: 100,000 random calls of the C library's allocator, wrapped by the linker, and what the program
 * holds at 1,000 moments. Nothing walks the heap.
 */
#include "../record.h"

#include <stdlib.h>

#include "../check.h"
#include "dalloc_watch_wrap.h"

enum { HELD = 300 };

static void *held[HELD];
static uint32_t sizes[HELD];
static uint32_t state = 5;

static uint32_t random_below(uint32_t limit) {
    state = state * 1664525u + 1013904223u;
    return (uint32_t)(((uint64_t)state * limit) >> 32);
}

int main(int count, char **arguments) {
    CHECK(count == 3);
    dalloc_watch_config_t config = {0};
    config.name = "malloc";
    config.alignment = 16;
    dalloc_agent_t *agent = record_begin(arguments[1], arguments[2]);
    CHECK(dalloc_watch_wrap_begin(agent, &config) == DALLOC_AGENT_OK);
    for (int operation = 1; operation <= 100000; operation++) {
        uint32_t index = random_below(HELD), size = random_below(3000) + 1;
        if (held[index] == NULL) {
            held[index] = random_below(2) == 0 ? malloc(size) : calloc(size, 1);
            sizes[index] = size;
        } else if (random_below(2) == 0) {
            held[index] = realloc(held[index], size);
            sizes[index] = size;
        } else {
            free(held[index]);
            held[index] = NULL;
        }
        if (operation % 5 == 0) record_poll();
        if (operation % 100 != 0) continue;
        record_block_t blocks[HELD];
        for (int block = 0; block < HELD; block++) {
            blocks[block].address = held[block];
            blocks[block].size = sizes[block];
        }
        record_moment(blocks, HELD);
    }
    record_end();
    return 0;
}
