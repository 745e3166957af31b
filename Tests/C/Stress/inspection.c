/*
 * inspection.c - what the heap tells about itself, held against the model.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "stress.h"

#include <stdio.h>
#include <string.h>

void validate(stress_t *stress, const model_block_t *block) {
    const model_t *model = &stress->model;
    const bool has_owner = block->owner != NULL && block->owner->owned == block;
    const validate_ptr_condition_t condition = has_owner ? below(stress, 2) : USING_PTR_VALUE;
    const bool through_copy = condition == USING_PTR_VALUE && (!has_owner || one_in(stress, 2));
    *stress->copy = model->memory + block->offset;
    void **place = through_copy ? stress->copy : model_address(model, block->owner);
    describe(stress, "validate_ptr(variable, condition)", as_number(place), condition, 0);
    uint32_t index = UINT32_MAX;
    const uint32_t messages = stress_messages;
    const bool known = validate_ptr(stress->heap, place, condition, one_in(stress, 4) ? NULL : &index);
    expect(stress, "the result", true, known);
    /* One that points just after its block may name the next one. */
    if (condition == USING_PTR_VALUE) block = model_at(model, read_variable(place));
    if (index != UINT32_MAX) expect(stress, "the entry", model_index(model, block), index);
    expect_message(stress, messages, false);
    *stress->copy = NULL;
}

static void describe_heap(stress_t *stress) {
    const model_t *model = &stress->model;
    char expected[128], found[128];
    const int length = snprintf(
        expected, sizeof expected, "used=%lu/%lu allocs=%lu peak_mem=%lu peak_allocs=%lu", (unsigned long)model->used,
        (unsigned long)model->total_size, (unsigned long)model->count, (unsigned long)model->max_memory,
        (unsigned long)model->max_allocations
    );
    const uint32_t size = one_in(stress, 2) ? (uint32_t)sizeof found : 1 + below(stress, (uint32_t)length + 2);
    describe(stress, "dalloc_heap_info_str(size)", size, 0, 0);
    memset(found, '#', sizeof found);
    int result = 0;
    bool done = false;
    IF_DEFAULT(stress, (result = def_dalloc_heap_info_str(found, size), done = true));
    if (!done) result = dalloc_heap_info_str(stress->heap, found, size);
    expect(stress, "the length", (uint64_t)length, (uint64_t)result);
    const uint32_t copied = (uint32_t)length < size ? (uint32_t)length : size - 1;
    expect(stress, "the text", 0, memcmp(found, expected, copied) != 0);
    expect(stress, "the final zero", 0, (uint8_t)found[copied]);
    expect(stress, "the buffer's last byte", 0, (uint8_t)found[size - 1]);
    if (size < sizeof found) expect(stress, "the byte behind the buffer", '#', (uint8_t)found[size]);
}

/* Prints are only counted here. */
static void print_heap(stress_t *stress) {
    describe(stress, "the dumps", 0, 0, 0);
    const uint32_t messages = stress_messages;
    print_dalloc_info(stress->heap);
    dump_dalloc_ptr_info(stress->heap);
    dump_heap(stress->heap);
#ifdef USE_SINGLE_HEAP_MEMORY
    print_def_dalloc_info();
    dump_def_dalloc_ptr_info();
    dump_def_heap();
#endif
    expect_message(stress, messages, true);
}

typedef struct {
    const stress_t *stress;
    uint32_t seen, last;
} walk_t;

static bool visit(void *context, const dalloc_block_t *found) {
    walk_t *walk = context;
    const stress_t *stress = walk->stress;
    const model_t *model = &stress->model;
    const uint32_t index = walk->seen++;
    const model_block_t *block = model->blocks[index];
    const uint32_t before = index == 0 ? 0 : model_end(model, model->blocks[index - 1]);
    const void *owner = block->owner == NULL ? NULL : model_address(model, block->owner);
    expect_of(stress, "index", index, index, found->index);
    expect_of(stress, "offset", index, block->offset, found->offset);
    expect_of(stress, "size", index, block->size, found->size);
    expect_of(stress, "padded_size", index, model_padded(model, block->size), found->padded_size);
    expect_of(stress, "gap", index, block->offset - before, found->gap);
    expect_of(stress, "address", index, as_number(model->memory + block->offset), as_number(found->address));
    expect_of(stress, "owner", index, as_number(owner), as_number(found->owner));
    expect_of(stress, "call_site", index, as_number(block->call_site), as_number(found->call_site));
    expect_of(stress, "is_pinned", index, block->pins > 0, found->is_pinned);
    return index != walk->last;
}

static void walk_blocks(stress_t *stress) {
    walk_t walk = {.stress = stress, .last = one_in(stress, 2) ? UINT32_MAX : below(stress, stress->model.count + 2)};
    describe(stress, "dalloc_heap_walk", walk.last, 0, 0);
    const uint32_t seen = dalloc_heap_walk(stress->heap, visit, &walk);
    const uint32_t expected = walk.last < stress->model.count ? walk.last + 1 : stress->model.count;
    expect(stress, "the blocks seen", expected, walk.seen);
    expect(stress, "the result", expected, seen);
}

static void lock(stress_t *stress) {
    describe(stress, "heap_lock", 0, 0, 0);
    const uint32_t messages = stress_messages;
    heap_lock(stress->heap);
    heap_lock(stress->heap);
    /* The mutex is recursive: calls inside must not wait for ever. */
    const bool is_broken = dalloc_heap_check(stress->heap, NULL) != NULL;
    expect(stress, "dalloc_heap_check", model_fault(&stress->model) != UINT32_MAX, is_broken);
    heap_unlock(stress->heap);
#ifdef USE_SINGLE_HEAP_MEMORY
    def_heap_lock();
    def_heap_unlock();
#endif
    heap_unlock(stress->heap);
    expect_message(stress, messages, false);
}

void inspect(stress_t *stress) {
    switch (below(stress, 3)) {
    case 0: describe_heap(stress); break;
    case 1: lock(stress); break;
    default:
        /* Thousands of blocks, or kilobytes, take their time. */
        if (stress->model.count > 128 && !one_in(stress, 64)) break;
        walk_blocks(stress);
        if (one_in(stress, 4)) print_heap(stress);
        break;
    }
}
