/*
 * workload.c - the operations that workload.h describes, on a real heap.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "workload.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { LIVE = 60, YOUNG = 4 };

heap_t workload_heap;

static uint8_t memory[WORKLOAD_HEAP_BYTES] __attribute__((aligned(64)));
static uint8_t *owners[WORKLOAD_OWNERS];
static uint64_t random_state;
static double due;

/* SplitMix64 (Steele, Lea and Flood, 2014). */
static uint64_t random_bits(void) {
    uint64_t bits = random_state += 0x9E3779B97F4A7C15U;
    bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9U;
    bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EBU;
    return bits ^ (bits >> 31);
}

static uint32_t random_below(uint32_t limit) { return (uint32_t)((random_bits() >> 32) * limit >> 32); }

static uint32_t random_size(void) {
    uint32_t least = 8U << random_below(7);
    return least + random_below(least + 1);
}

/* A mean of 1000 microseconds. The argument of the logarithm is never 0. */
static void wait(void) { due += -1000.0 * log((double)((random_bits() >> 11) + 1) / 9007199254740992.0); }

void workload_start(void) {
    for (uint32_t index = 0; index < WORKLOAD_OWNERS; index++) owners[index] = NULL;
    heap_init(&workload_heap, memory, sizeof memory);
    random_state = 20260714;
    due = 0;
    wait();
}

uint64_t workload_due(void) { return (uint64_t)due; }

static uint32_t free_owner(void) {
    uint32_t index = random_below(WORKLOAD_OWNERS);
    while (owners[index] != NULL) index = random_below(WORKLOAD_OWNERS);
    return index;
}

static workload_operation_t allocate(void) {
    workload_operation_t done = {workload_due(), WORKLOAD_ALLOC, 0, random_size(), free_owner(), 0};
    dalloc(&workload_heap, done.size, (void **)&owners[done.owner]);
    if (owners[done.owner] == NULL) {
        fprintf(stderr, "bench-wire: the heap has no room for the workload\n");
        exit(EXIT_FAILURE);
    }
    done.offset = (uint32_t)(owners[done.owner] - memory);
    return done;
}

static workload_operation_t change(workload_kind_t kind) {
    uint32_t count = workload_heap.alloc_info.allocations_num;
    workload_operation_t done = {workload_due(), kind, 0, 0, 0, 0};
    bool is_young = kind == WORKLOAD_FREE && random_below(100) < 60;
    done.depth = random_below(is_young && count > YOUNG ? YOUNG : count);
    uint8_t **owner = workload_heap.alloc_info.ptr_info_arr[count - 1 - done.depth].ptr;
    done.owner = (uint32_t)(owner - owners);
    done.offset = (uint32_t)(*owner - memory);
    if (kind == WORKLOAD_FREE) {
        dfree(&workload_heap, (void **)owner, USING_PTR_ADDRESS);
    } else {
        done.size = random_size();
        if (!drealloc(&workload_heap, done.size, (void **)owner)) {
            fprintf(stderr, "bench-wire: the heap has no room for the workload\n");
            exit(EXIT_FAILURE);
        }
    }
    return done;
}

/* The further the heap is from its usual number of blocks, the likelier an operation that brings it back. */
workload_operation_t workload_step(void) {
    uint32_t count = workload_heap.alloc_info.allocations_num;
    workload_operation_t done;
    if (count > 0 && random_below(20) == 0)
        done = change(WORKLOAD_RESIZE);
    else if (count == 0 || (count < MAX_NUM_OF_ALLOCATIONS && random_below(2 * LIVE) >= count))
        done = allocate();
    else
        done = change(WORKLOAD_FREE);
    wait();
    return done;
}

void workload_fill(uint32_t blocks) {
    while (workload_heap.alloc_info.allocations_num < blocks) (void)allocate();
}
