/*
 * threads.c - eight threads allocate, resize and free on one heap, each with owners of its own, first eagerly, then lazily:
 *
 *   threads [--rounds N] [--seed N]
 *
 * Prints nothing and exits with 0 when all contents survive; for ThreadSanitizer and helgrind, too. A block may be used only
 * under heap_lock, as the calls of other threads move it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dalloc.h"
#include "dalloc_check.h"
#include "dalloc_walk.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define THREADS 8
#define OWNERS 8
/* Two thirds of what all owners could ask for at a time, so that calls fail, and a lazy heap compacts. */
#define MAX_SIZE 96
#define HEAP_SIZE (THREADS * OWNERS * MAX_SIZE / 3)

typedef struct {
    pthread_t thread;
    uint32_t number;
    uint64_t random;
    uint8_t *owners[OWNERS];
    uint32_t sizes[OWNERS];
    uint64_t total_allocations, frees; /* that succeeded */
} worker_t;

static heap_t heap;
static uint64_t memory[HEAP_SIZE / 8];
static worker_t workers[THREADS];
static uint32_t rounds = 4000;

int stress_message(const char *format, ...) {
    (void)format;
    return 0;
}

#ifdef __has_feature
#if __has_feature(thread_sanitizer)
/* Swift tells ThreadSanitizer of each change to one field as of a write to the whole heap_t, which collides with the look at
 * heap_t.mem before the lock. The loads and stores themselves are checked all the same. (Link with
 * --wrap=__tsan_external_write.) */
void __wrap___tsan_external_write(void *address, void *caller, void *tag);
void __wrap___tsan_external_write(void *address, void *caller, void *tag) {
    (void)address;
    (void)caller;
    (void)tag;
}
#endif
#endif

static void fail(const worker_t *worker, const char *what) {
    printf("threads: thread %u: %s\n", (unsigned)worker->number, what);
    exit(1);
}

static uint32_t below(worker_t *worker, uint32_t limit) {
    worker->random ^= worker->random << 13;
    worker->random ^= worker->random >> 7;
    worker->random ^= worker->random << 17;
    return (uint32_t)(worker->random >> 32) % limit;
}

static uint8_t token(const worker_t *worker, uint32_t owner, uint32_t place) {
    return (uint8_t)(1 + worker->number * OWNERS + owner + place % 128);
}

static void verify(const worker_t *worker, uint32_t owner, uint32_t size) {
    for (uint32_t place = 0; place < size; place++) {
        if (worker->owners[owner][place] != token(worker, owner, place)) fail(worker, "a content has changed");
    }
}

static void fill(worker_t *worker, uint32_t owner, uint32_t start) {
    for (uint32_t place = start; place < worker->sizes[owner]; place++) {
        if (FILL_FREED_MEMORY_BY_NULLS && worker->owners[owner][place] != 0) fail(worker, "new memory is not zero");
        worker->owners[owner][place] = token(worker, owner, place);
    }
}

static void allocate(worker_t *worker, uint32_t owner) {
    const uint32_t size = 1 + below(worker, MAX_SIZE);
    dalloc(&heap, size, (void **)&worker->owners[owner]);
    heap_lock(&heap);
    if (worker->owners[owner] != NULL) {
        worker->sizes[owner] = size;
        worker->total_allocations += 1;
        fill(worker, owner, 0);
    }
    heap_unlock(&heap);
}

static void resize(worker_t *worker, uint32_t owner) {
    const uint32_t size = 1 + below(worker, MAX_SIZE);
    const uint32_t old_size = worker->sizes[owner];
    if (!drealloc(&heap, size, (void **)&worker->owners[owner])) return;
    worker->sizes[owner] = size;
    heap_lock(&heap);
    verify(worker, owner, old_size < size ? old_size : size);
    fill(worker, owner, old_size);
    heap_unlock(&heap);
}

static void release(worker_t *worker, uint32_t owner) {
    heap_lock(&heap);
    verify(worker, owner, worker->sizes[owner]);
    /* By the value of a copy only under the lock: the block could move before the call. */
    const bool by_value = below(worker, 4) == 0;
    if (by_value) {
        void *copy = worker->owners[owner];
        dfree(&heap, &copy, USING_PTR_VALUE);
    }
    heap_unlock(&heap);
    if (!by_value) dfree(&heap, (void **)&worker->owners[owner], USING_PTR_ADDRESS);
    heap_lock(&heap);
    if (worker->owners[owner] != NULL) fail(worker, "a freed owner is not NULL");
    heap_unlock(&heap);
    worker->frees += 1;
}

static void hand_over(worker_t *worker, uint32_t owner) {
    const uint32_t other = (owner + 1) % OWNERS;
    heap_lock(&heap);
    if (worker->owners[other] == NULL) {
        replace_pointers(&heap, (void **)&worker->owners[owner], (void **)&worker->owners[other]);
        if (worker->owners[owner] != NULL || worker->owners[other] == NULL) fail(worker, "a block was not handed over");
        worker->sizes[other] = worker->sizes[owner];
        for (uint32_t place = 0; place < worker->sizes[other]; place++) {
            worker->owners[other][place] = token(worker, other, place);
        }
    }
    heap_unlock(&heap);
}

static bool visit(void *context, const dalloc_block_t *block) {
    uint32_t *bytes = context;
    *bytes += block->padded_size;
    return true;
}

static void look_inside(worker_t *worker, uint32_t owner) {
    char text[96];
    uint32_t index = 0, bytes = 0;
    if (dalloc_heap_info_str(&heap, text, sizeof text) <= 0) fail(worker, "no info string");
    if (!validate_ptr(&heap, (void **)&worker->owners[owner], USING_PTR_ADDRESS, NULL)) fail(worker, "an owner is not known");
    heap_lock(&heap);
    const char *fault = dalloc_heap_check(&heap, NULL);
    if (fault != NULL) fail(worker, fault);
    const uint32_t seen = dalloc_heap_walk(&heap, visit, &bytes);
    if (seen != heap.alloc_info.allocations_num) fail(worker, "dalloc_heap_walk missed a block");
    if (bytes != heap.offset - heap.gap_bytes) fail(worker, "dalloc_heap_walk's sizes are not what is in use");
    if (!validate_ptr(&heap, (void **)&worker->owners[owner], USING_PTR_VALUE, &index)) fail(worker, "a block is not known");
    if (heap.alloc_info.ptr_info_arr[index].allocated_size != worker->sizes[owner]) fail(worker, "a size is wrong");
    heap_unlock(&heap);
}

static void *work(void *context) {
    worker_t *worker = context;
    for (uint32_t round = 0; round < rounds; round++) {
        const uint32_t owner = below(worker, OWNERS);
        /* Others move the block, and write the owner under the lock. */
        heap_lock(&heap);
        const bool owns = worker->owners[owner] != NULL;
        heap_unlock(&heap);
        const uint32_t kind = below(worker, 16);
        if (!owns) {
            allocate(worker, owner);
        } else if (kind < 6) {
            release(worker, owner);
        } else if (kind < 11) {
            resize(worker, owner);
        } else if (kind < 12) {
            hand_over(worker, owner);
        } else if (kind < 13 && worker->number < THREADS / 2) {
            look_inside(worker, owner);
        } else if (kind < 14) {
            dalloc_heap_compact(&heap, below(worker, 256));
        } else {
            heap_lock(&heap);
            verify(worker, owner, worker->sizes[owner]);
            heap_unlock(&heap);
        }
    }
    return NULL;
}

static void expect_total(const char *what, uint64_t expected, uint64_t found) {
    if (expected == found) return;
    printf("threads: %s: expected %llu, found %llu\n", what, (unsigned long long)expected, (unsigned long long)found);
    exit(1);
}

static void run(uint64_t seed, dalloc_policy_t policy, uint32_t step) {
    heap_init(&heap, memory, sizeof memory);
    expect_total("dalloc_heap_set_policy", true, dalloc_heap_set_policy(&heap, policy, step));
    memset(workers, 0, sizeof workers);
    for (uint32_t number = 0; number < THREADS; number++) {
        workers[number].number = number;
        workers[number].random = (seed * THREADS + number + 1) * UINT64_C(0x9e3779b97f4a7c15);
        if (pthread_create(&workers[number].thread, NULL, work, &workers[number]) != 0) {
            fail(&workers[number], "could not be created");
        }
    }
    uint64_t total_allocations = 0, frees = 0, owned = 0;
    /* As long as one works, it moves the others' blocks. */
    for (uint32_t number = 0; number < THREADS; number++) pthread_join(workers[number].thread, NULL);
    for (uint32_t number = 0; number < THREADS; number++) {
        total_allocations += workers[number].total_allocations;
        frees += workers[number].frees;
        for (uint32_t owner = 0; owner < OWNERS; owner++) {
            if (workers[number].owners[owner] == NULL) continue;
            verify(&workers[number], owner, workers[number].sizes[owner]);
            owned += 1;
        }
    }
    if (dalloc_heap_check(&heap, NULL) != NULL) fail(&workers[0], dalloc_heap_check(&heap, NULL));
    expect_total("total_allocations", total_allocations, heap.alloc_info.total_allocations);
    expect_total("total_frees", frees, heap.alloc_info.total_frees);
    expect_total("allocations_num", owned, heap.alloc_info.allocations_num);
    heap_deinit(&heap);
}

int main(int count, char **arguments) {
    uint64_t seed = 1;
    for (int place = 1; place < count; place += 2) {
        const bool is_seed = strcmp(arguments[place], "--seed") == 0;
        if (place + 1 == count || (!is_seed && strcmp(arguments[place], "--rounds") != 0)) {
            fprintf(stderr, "usage: threads [--rounds N] [--seed N]\n");
            return 64;
        }
        const uint64_t number = strtoull(arguments[place + 1], NULL, 0);
        if (is_seed) seed = number;
        else rounds = (uint32_t)number;
    }
    run(seed, DALLOC_POLICY_EAGER, 0);
    run(seed, DALLOC_POLICY_LAZY, 0);
    run(seed, DALLOC_POLICY_LAZY, 64);
    return 0;
}
