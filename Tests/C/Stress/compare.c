/*
 * compare.c - holds the heap against the model: fields, table, owners and contents.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "stress.h"

#include <string.h>

static const uint8_t *token(const stress_t *stress, const model_block_t *block) {
    return stress->tokens + block->id % TOKEN_STARTS;
}

void write_token(const stress_t *stress, const model_block_t *block, uint32_t start, uint32_t end) {
    memcpy(stress->model.memory + block->offset + start, token(stress, block) + start, end - start);
}

void expect_zeros(const stress_t *stress, const char *what, uint32_t index, const uint8_t *bytes, uint32_t size) {
    if (memcmp(bytes, stress->zeros, size) == 0) return;
    uint32_t place = 0;
    while (bytes[place] == 0) place += 1;
    expect_of(stress, what, index, 0, bytes[place]);
}

static void compare_bytes(const stress_t *stress, uint32_t index, uint32_t start, uint32_t end) {
    const model_block_t *block = stress->model.blocks[index];
    const uint8_t *found = stress->model.memory + block->offset;
    const uint8_t *expected = token(stress, block);
    if (memcmp(found + start, expected + start, end - start) == 0) return;
    while (found[start] == expected[start]) start += 1;
    expect_of(stress, "a byte of the block's content", index, expected[start], found[start]);
}

static void compare_block(const stress_t *stress, uint32_t index) {
    const model_t *model = &stress->model;
    const model_block_t *block = model->blocks[index];
    const ptr_info_t *entry = &stress->heap->alloc_info.ptr_info_arr[index];
    const void *owner = block->owner == NULL ? NULL : model_address(model, block->owner);
    expect_of(stress, "size", index, block->size, entry->allocated_size);
    expect_of(stress, "offset", index, block->offset, entry->offset);
    expect_of(stress, "owner", index, as_number(owner), as_number(entry->ptr));
    expect_of(stress, "free_flag", index, false, entry->free_flag);
    expect_of(stress, "pins", index, block->pins, entry->pins);
#ifdef DALLOC_USE_CALL_SITES
    expect_of(stress, "call_site", index, as_number(block->call_site), as_number(entry->call_site));
#endif

    uint32_t start = 0;
    for (const model_variable_t *variable = block->inside; variable != NULL; variable = variable->next) {
        compare_bytes(stress, index, start, variable->position);
        expect_of(
            stress, "a variable in the block", index, as_number(model_content(model, variable)),
            as_number(read_variable(model_address(model, variable)))
        );
        start = variable->position + sizeof(void *);
    }
    compare_bytes(stress, index, start, block->size);
}

void compare_outside(const stress_t *stress) {
    for (uint32_t place = 0; place < stress->outside_count; place++) {
        const void *content = model_content(&stress->model, &stress->variables[place]);
        expect(stress, "a variable outside the heap", as_number(content), as_number(stress->outside[place]));
    }
}

static void compare_fields(const stress_t *stress) {
    const model_t *model = &stress->model;
    const heap_t *heap = stress->heap;
    expect(stress, "mem", as_number(model->memory), as_number(heap->mem));
    expect(stress, "total_size", model->total_size, heap->total_size);
    expect(stress, "allocations_num", model->count, heap->alloc_info.allocations_num);
    expect(stress, "offset", model_offset(model), heap->offset);
    expect(stress, "gap_bytes", model_gap_bytes(model), heap->gap_bytes);
    expect(stress, "max_memory_amount", model->max_memory, heap->alloc_info.max_memory_amount);
    expect(stress, "max_allocations_amount", model->max_allocations, heap->alloc_info.max_allocations_amount);
    expect(stress, "total_allocations", model->total_allocations, heap->alloc_info.total_allocations);
    expect(stress, "total_frees", model->frees, heap->alloc_info.total_frees);
    expect(stress, "total_failures", model->failures, heap->alloc_info.total_failures);
    expect(stress, "total_moves", model->moves, heap->alloc_info.total_moves);
    expect(stress, "total_bytes_moved", model->bytes_moved, heap->alloc_info.total_bytes_moved);
    expect(stress, "whether there is a policy", model->policy != MODEL_EAGER, heap->policy != NULL);
    if (model->policy == MODEL_LAZY) expect(stress, "step_bytes", model->step, heap->step_bytes);
    expect(stress, "pinned_blocks", model->pinned, heap->pinned_blocks);
    expect(stress, "observer", 0, heap->observer != NULL);
}

static void compare_free_memory(const stress_t *stress) {
    const model_t *model = &stress->model;
    if (!FILL_FREED_MEMORY_BY_NULLS) return;
    uint32_t end = 0;
    for (uint32_t index = 0; index < model->count && model_gap_bytes(model) > 0; index++) {
        const uint32_t offset = model->blocks[index]->offset;
        if (offset > end) expect_zeros(stress, "a byte of the gap before", index, model->memory + end, offset - end);
        end = model_end(model, model->blocks[index]);
    }
    end = model_offset(model);
    expect_zeros(stress, "a byte of free memory", UINT32_MAX, model->memory + end, model->total_size - end);
}

void compare(stress_t *stress, bool now) {
    const model_t *model = &stress->model;
    compare_fields(stress);

    stress->skipped += 1;
    if (now || stress->skipped > model->count / 64 + model->total_size / 16384 + stress->outside_count / 512) {
        stress->skipped = 0;
        uint32_t inside = 0;
        for (uint32_t index = 0; index < model->count; index++) {
            const model_variable_t *owner = model->blocks[index]->owner;
            if (owner != NULL && owner->holder != NULL) inside += 1;
            compare_block(stress, index);
        }
        expect(stress, "owners_inside", inside, stress->heap->owners_inside);
        compare_outside(stress);
        compare_free_memory(stress);
    }

    /* dalloc_heap_check reads the whole table, also what isn't in use. */
    stress->unchecked += 1;
    if (now || stress->unchecked > MAX_NUM_OF_ALLOCATIONS / 128) {
        stress->unchecked = 0;
        stress->checked += 1;
        uint32_t index = 0;
        const char *fault = dalloc_heap_check(stress->heap, &index);
        const uint32_t expected = model_fault(model);
        if (fault != NULL && expected == UINT32_MAX) mismatch(stress, fault, index, 0, 1);
        expect(stress, "whether dalloc_heap_check finds a fault", expected != UINT32_MAX, fault != NULL);
        expect(stress, "the entry that dalloc_heap_check names", expected, index);
    }
}
