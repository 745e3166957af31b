/*
 * corruption.c - breaks one invariant of the heap, sees dalloc_heap_check name it, and mends it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "stress.h"

static void expect_fault(const stress_t *stress, uint32_t entry) {
    uint32_t found = 0;
    expect(stress, "dalloc_heap_check of a broken heap", 1, dalloc_heap_check(stress->heap, &found) != NULL);
    expect(stress, "the entry that dalloc_heap_check names", entry, found);
    expect(stress, "dalloc_heap_check without an index", 1, dalloc_heap_check(stress->heap, NULL) != NULL);
}

static void corrupt_number(const stress_t *stress, uint32_t *field, uint32_t value, uint32_t entry) {
    const uint32_t right = *field;
    *field = value;
    expect_fault(stress, entry);
    *field = right;
}

static void corrupt_memory(stress_t *stress) {
    heap_t *heap = stress->heap;
    uint8_t *const memory = heap->mem;
    heap->mem = NULL;
    expect_fault(stress, UINT32_MAX);
    if (DALLOC_ALIGNMENT > 1) {
        heap->mem = memory + 1;
        expect_fault(stress, UINT32_MAX);
    }
    heap->mem = memory;
    corrupt_number(stress, &heap->total_size, below(stress, DALLOC_ALIGNMENT), UINT32_MAX);
}

static void corrupt_totals(stress_t *stress) {
    const model_t *model = &stress->model;
    heap_t *heap = stress->heap;
    alloc_info_t *info = &heap->alloc_info;
    corrupt_number(stress, &heap->offset, heap->total_size + 1 + below(stress, 4), UINT32_MAX);
    corrupt_number(stress, &info->allocations_num, MAX_NUM_OF_ALLOCATIONS + 1, UINT32_MAX);
    corrupt_number(stress, &heap->gap_bytes, heap->gap_bytes + 1, UINT32_MAX);
    corrupt_number(stress, &heap->owners_inside, heap->owners_inside + 1, UINT32_MAX);
    corrupt_number(stress, &heap->pinned_blocks, heap->pinned_blocks + 1, UINT32_MAX);
    if (heap->offset < heap->total_size) corrupt_number(stress, &heap->offset, heap->offset + 1, UINT32_MAX);
    if (model->count == 0) return;
    corrupt_number(stress, &info->max_memory_amount, model->used - 1, UINT32_MAX);
    corrupt_number(stress, &info->max_allocations_amount, model->count - 1, UINT32_MAX);
}

/* A pin in an eager heap, and a gap before a block that is not pinned. */
static void corrupt_pins(const stress_t *stress, uint32_t index) {
    const model_t *model = &stress->model;
    ptr_info_t *entry = &stress->heap->alloc_info.ptr_info_arr[index];
    const uint32_t end = index == 0 ? 0 : model_end(model, model->blocks[index - 1]);
    if (model->policy == MODEL_LAZY || (model->policy == MODEL_PINNING && entry->offset == end)) return;
    const uint8_t right = entry->pins;
    entry->pins = model->policy == MODEL_EAGER;
    expect_fault(stress, index);
    entry->pins = right;
}

static void corrupt_entry(stress_t *stress) {
    const model_t *model = &stress->model;
    ptr_info_t *table = stress->heap->alloc_info.ptr_info_arr;
    if (model->count < MAX_NUM_OF_ALLOCATIONS) {
        ptr_info_t *unused = &table[model->count];
        corrupt_number(stress, one_in(stress, 2) ? &unused->offset : &unused->allocated_size, 4, model->count);
        unused->free_flag = false;
        expect_fault(stress, model->count);
        unused->free_flag = true;
        unused->pins = 1;
        expect_fault(stress, model->count);
        unused->pins = 0;
    }
    if (model->count == 0) return;
    const uint32_t index = below(stress, model->count);
    ptr_info_t *entry = &table[index];
    corrupt_number(stress, &entry->allocated_size, 0, index);
    corrupt_number(stress, &entry->allocated_size, UINT32_MAX - below(stress, 32), index);
    corrupt_number(stress, &entry->offset, UINT32_MAX - below(stress, 32), index);
    if (DALLOC_ALIGNMENT > 1) corrupt_number(stress, &entry->offset, entry->offset + 1, index);
    const bool may_have_gap = model->policy == MODEL_LAZY || entry->pins > 0;
    if (!may_have_gap) corrupt_number(stress, &entry->offset, entry->offset + DALLOC_ALIGNMENT, index);
    corrupt_pins(stress, index);
    entry->free_flag = true;
    expect_fault(stress, index);
    entry->free_flag = false;
}

static void corrupt_free_memory(stress_t *stress) {
    const uint32_t end = model_offset(&stress->model);
    const uint32_t free_bytes = stress->model.total_size - end;
    if (!FILL_FREED_MEMORY_BY_NULLS || free_bytes == 0) return;
    uint8_t *byte = &stress->memory[end + below(stress, free_bytes)];
    *byte = 1;
    expect_fault(stress, UINT32_MAX);
    *byte = 0;
}

void corrupt(stress_t *stress) {
    if (!one_in(stress, 1 + MAX_NUM_OF_ALLOCATIONS / 128)) return;
    /* An owner that was overwritten would be found first. */
    if (model_fault(&stress->model) != UINT32_MAX) return;
    describe(stress, "dalloc_heap_check of a heap that something has written to", 0, 0, 0);
    switch (below(stress, 4)) {
    case 0: corrupt_memory(stress); break;
    case 1: corrupt_totals(stress); break;
    case 2: corrupt_entry(stress); break;
    default: corrupt_free_memory(stress); break;
    }
}
