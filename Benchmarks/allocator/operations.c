/*
 * operations.c - what an operation costs, on average over all blocks of a heap, and what its floor costs (floor.h).
 *
 * Each operation starts from the same heap, for each of its blocks in turn: the mean is what a block picked at random costs,
 * without the noise of picking. Run with an argument, outside callgrind, it verifies that allocator and floor leave the same
 * behind.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>
#include <string.h>

#include "dalloc_check.h"
#include "floor.h"
#include "measure.h"

enum { SIZE = 64, GROWN = 96, SHRUNK = 32, MOST_BLOCKS = 500 };

/* All that an operation changes. */
struct state {
    heap_t heap;
    uint8_t *owners[MOST_BLOCKS];
    uint8_t *new_owner; /* of the block that dalloc makes */
    uint8_t memory[(MOST_BLOCKS + 1) * SIZE] __attribute__((aligned(64)));
};

/* Pointers into a state are pointers into this one; the others are copies. */
static struct state now __attribute__((aligned(64)));
static struct state starts[MOST_BLOCKS];

static void fill_heap(uint32_t blocks, uint32_t room, dalloc_policy_t policy) {
    memset(&now, 0, sizeof now);
    heap_init(&now.heap, now.memory, room);
    if (policy == DALLOC_POLICY_LAZY) dalloc_heap_set_policy(&now.heap, DALLOC_POLICY_LAZY, 0);
    for (uint32_t index = 0; index < blocks; index++) {
        dalloc(&now.heap, SIZE, (void **)&now.owners[index]);
        memset(now.owners[index], (int)(index % 255 + 1), SIZE);
    }
}

/* A heap with room for one block more. */
static void fill_eager(uint32_t blocks, uint32_t block) {
    (void)block;
    fill_heap(blocks, (blocks + 1) * SIZE, DALLOC_POLICY_EAGER);
}

static void fill_lazy(uint32_t blocks, uint32_t block) {
    (void)block;
    fill_heap(blocks, (blocks + 1) * SIZE, DALLOC_POLICY_LAZY);
}

/* A full heap with a gap where `block` was: a dalloc must move all blocks after it. */
static void fill_lazy_with_gap(uint32_t blocks, uint32_t block) {
    fill_heap(blocks, blocks * SIZE, DALLOC_POLICY_LAZY);
    dfree(&now.heap, (void **)&now.owners[block], USING_PTR_ADDRESS);
}

static void run_alloc(uint32_t block) {
    (void)block;
    dalloc(&now.heap, SIZE, (void **)&now.new_owner);
}
static void run_free(uint32_t block) { dfree(&now.heap, (void **)&now.owners[block], USING_PTR_ADDRESS); }
static void run_grow(uint32_t block) { drealloc(&now.heap, GROWN, (void **)&now.owners[block]); }
static void run_shrink(uint32_t block) { drealloc(&now.heap, SHRUNK, (void **)&now.owners[block]); }

static void least_alloc(uint32_t block) {
    (void)block;
    floor_alloc(&now.heap, SIZE, &now.new_owner);
}
static void least_free(uint32_t block) { floor_free(&now.heap, block); }
static void least_grow(uint32_t block) { floor_grow(&now.heap, block, GROWN - SIZE); }
static void least_shrink(uint32_t block) { floor_shrink(&now.heap, block, SIZE - SHRUNK); }
static void least_free_lazily(uint32_t block) { floor_free_lazily(&now.heap, block); }
static void least_alloc_compacting(uint32_t block) {
    floor_compact_and_alloc(&now.heap, block, SIZE, &now.new_owner);
}

struct operation {
    const char *name;
    void (*fill)(uint32_t blocks, uint32_t block);
    void (*run)(uint32_t block);
    void (*least)(uint32_t block);
    uint32_t omitted; /* 1: not for the last block, which leaves no gap */
};

static const struct operation operations[] = {
    {"alloc", fill_eager, run_alloc, least_alloc, 0},
    {"free", fill_eager, run_free, least_free, 0},
    {"grow", fill_eager, run_grow, least_grow, 0},
    {"shrink", fill_eager, run_shrink, least_shrink, 0},
    {"lazy_free", fill_lazy, run_free, least_free_lazily, 1},
    {"lazy_alloc", fill_lazy, run_alloc, least_alloc, 0},
    {"lazy_alloc_compacting", fill_lazy_with_gap, run_alloc, least_alloc_compacting, 1},
};

static void measure(const struct operation *operation, uint32_t blocks) {
    uint32_t count = blocks - operation->omitted;
    measure_begin();
    for (uint32_t block = 0; block < count; block++) {
        now = starts[block];
        operation->run(block);
    }
    measure_end("%s %u %u instructions", operation->name, blocks, count);
    for (uint32_t block = 0; block < count; block++) {
        now = starts[block];
        operation->least(block);
    }
    measure_end("%s %u %u floor", operation->name, blocks, count);
}

static bool is_same(const struct state *a, const struct state *b) {
    uint32_t count = a->heap.alloc_info.allocations_num;
    if (b->heap.alloc_info.allocations_num != count) return false;
    for (uint32_t index = 0; index < count; index++) {
        const ptr_info_t *left = &a->heap.alloc_info.ptr_info_arr[index];
        const ptr_info_t *right = &b->heap.alloc_info.ptr_info_arr[index];
        if (left->ptr != right->ptr || left->allocated_size != right->allocated_size || left->offset != right->offset)
            return false;
    }
    return a->heap.offset == b->heap.offset && a->heap.gap_bytes == b->heap.gap_bytes
        && memcmp(a->owners, b->owners, sizeof a->owners) == 0 && a->new_owner == b->new_owner
        && memcmp(a->memory, b->memory, sizeof a->memory) == 0;
}

static void verify(const struct operation *operation, uint32_t blocks) {
    static struct state result;
    for (uint32_t block = 0; block < blocks - operation->omitted; block++) {
        now = starts[block];
        operation->run(block);
        const char *broken = dalloc_heap_check(&now.heap, NULL);
        result = now;
        now = starts[block];
        operation->least(block);
        if (broken || !is_same(&result, &now)) {
            fprintf(stderr, "%s of block %u of %u: %s\n", operation->name, block, blocks,
                    broken ? broken : "allocator and floor differ");
            exit(EXIT_FAILURE);
        }
    }
}

int main(int argc, char **argv) {
    static const uint32_t live[] = {10, 50, 100, 500};
    (void)argv;
    measure_begin();
    floor_nothing();
    measure_end("nothing 0 1 floor");
    for (size_t index = 0; index < sizeof operations / sizeof *operations; index++) {
        const struct operation *operation = &operations[index];
        for (size_t size = 0; size < sizeof live / sizeof *live; size++) {
            for (uint32_t block = 0; block < live[size] - operation->omitted; block++) {
                operation->fill(live[size], block);
                starts[block] = now;
            }
            if (argc > 1)
                verify(operation, live[size]);
            else
                measure(operation, live[size]);
        }
    }
    return 0;
}
