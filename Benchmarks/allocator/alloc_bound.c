/*
 * alloc_bound.c - what a single dalloc costs at both ends of the table, for a variable outside the heap, one inside it, and
 * one that holds the address of a block that another variable owns, which dalloc then looks up.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdint.h>

#include "dalloc.h"
#include "measure.h"

enum { SIZE = sizeof(void *) };

static heap_t heap;
static uint8_t *owners[MAX_NUM_OF_ALLOCATIONS];
static uint8_t memory[(uint32_t)MAX_NUM_OF_ALLOCATIONS * SIZE] __attribute__((aligned(64)));

/* A heap with `blocks` blocks. */
static void fill_heap(uint32_t blocks) {
    heap_init(&heap, memory, sizeof memory);
    for (uint32_t index = 0; index < blocks; index++) {
        owners[index] = NULL;
        dalloc(&heap, SIZE, (void **)&owners[index]);
    }
}

/* Counts the dalloc that makes one block more. */
static void measure(const char *entry, const char *variable, uint8_t **owner) {
    measure_begin();
    dalloc(&heap, SIZE, (void **)owner);
    measure_end("alloc_bound %u %s %s", (unsigned)MAX_NUM_OF_ALLOCATIONS, entry, variable);
    if (*owner != memory + heap.offset - SIZE) fprintf(stderr, "dalloc failed: %s %s\n", entry, variable);
    heap_deinit(&heap);
}

/* `blocks` is 0 for the first entry that is free, or as many as there are with one still free. */
static void measure_entry(const char *entry, uint32_t blocks) {
    uint8_t *owner = NULL;
    fill_heap(blocks);
    measure(entry, "outside", &owner);

    /* Such variables need a block: one that they stand in, or that they name. */
    if (blocks == 0 && MAX_NUM_OF_ALLOCATIONS > 1) blocks = 1;
    if (blocks == 0) return;
    fill_heap(blocks);
    measure(entry, "inside", (uint8_t **)(void *)owners[0]);

    fill_heap(blocks);
    owner = owners[0];
    measure(entry, "stale", &owner);
}

int main(void) {
    measure_entry("first", 0);
    if (MAX_NUM_OF_ALLOCATIONS > 1) measure_entry("last", MAX_NUM_OF_ALLOCATIONS - 1);
    return 0;
}
