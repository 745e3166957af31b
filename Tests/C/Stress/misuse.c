/*
 * misuse.c - what programs should not do with a heap: it must say so and change nothing.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "stress.h"

#include <stdlib.h>
#include <string.h>

void create_misused_heaps(stress_t *stress) {
    stress->other = malloc(sizeof *stress->other);
    stress->blank = calloc(1, sizeof *stress->blank);
    stress->other_owner = malloc(sizeof(void *));
    if (stress->other == NULL || stress->blank == NULL || stress->other_owner == NULL) abort();
    *stress->other_owner = NULL;
    heap_init(stress->other, stress->other_memory, sizeof stress->other_memory);
    dalloc(stress->other, 16, stress->other_owner);
}

/* ---- NULL ----------------------------------------------------------------------------------------------------------- */

static bool visit_nothing(void *context, const dalloc_block_t *block) {
    (void)context;
    (void)block;
    return true;
}

/* Every function must do without what `heap` has not: any heap, memory, or an initialisation. */
static void use_heapless(stress_t *stress, heap_t *heap) {
    char text[8];
    const uint32_t messages = stress_messages;
    /* What has a result says it there. */
    bool reported = true;
    *stress->copy = NULL;
    switch (below(stress, 15)) {
    case 0:
        dalloc(heap, 8, stress->copy);
        reported = heap != NULL;
        break;
    case 1: dfree(heap, stress->copy, below(stress, 2)); break;
    case 2:
        expect(stress, "drealloc", false, drealloc(heap, 8, stress->copy));
        reported = false;
        break;
    case 3: replace_pointers(heap, stress->copy, stress->other_owner); break;
    case 4:
        expect(stress, "validate_ptr", false, validate_ptr(heap, stress->copy, below(stress, 2), NULL));
        reported = false;
        break;
    case 5: expect(stress, "dalloc_heap_set_policy", false, dalloc_heap_set_policy(heap, below(stress, 3), 0)); break;
    case 6: expect(stress, "dalloc_heap_compact", 0, dalloc_heap_compact(heap, 8)); return;
    case 7: expect(stress, "dalloc_heap_check", 1, dalloc_heap_check(heap, NULL) != NULL); return;
    case 8: expect(stress, "dalloc_heap_walk", 0, dalloc_heap_walk(heap, visit_nothing, NULL)); return;
    case 9: print_dalloc_info(heap); return;
    case 10: dump_heap(heap); return;
    case 11: dump_dalloc_ptr_info(heap); return;
    case 12:
        expect(stress, "dalloc_pin", false, dalloc_pin(heap, stress->copy));
        expect(stress, "dalloc_unpin", false, dalloc_unpin(heap, stress->copy));
        reported = false;
        break;
    case 13:
        if (heap == NULL) expect(stress, "the length", (uint64_t)-1, (uint64_t)dalloc_heap_info_str(heap, text, 8));
        return;
    default:
        heap_lock(heap);
        heap_unlock(heap);
        heap_deinit(heap);
        if (heap == NULL) {
            heap_init(heap, stress->other_memory, sizeof stress->other_memory);
        }
        return;
    }
    expect_message(stress, messages, reported);
    expect(stress, "the variable", 0, as_number(*stress->copy));
}

static void pass_null(stress_t *stress) {
    describe(stress, "NULL as an argument", 0, 0, 0);
    if (one_in(stress, 2)) {
        use_heapless(stress, NULL);
        return;
    }
    char text[8];
    const uint32_t messages = stress_messages;
    model_block_t *block = any_block(stress);
    void **owner = stress->copy;
    if (block != NULL && block->owner != NULL) owner = model_address(&stress->model, block->owner);
    bool reported = true;
    switch (below(stress, 9)) {
    case 0: dalloc(stress->heap, 8, NULL); break;
    case 1: dfree(stress->heap, NULL, below(stress, 2)); break;
    case 2:
        expect(stress, "drealloc", false, drealloc(stress->heap, 8, NULL));
        reported = false;
        break;
    case 3: replace_pointers(stress->heap, NULL, stress->copy); break;
    case 4: replace_pointers(stress->heap, owner, NULL); break;
    case 5:
        expect(stress, "validate_ptr", false, validate_ptr(stress->heap, NULL, below(stress, 2), NULL));
        reported = false;
        break;
    case 6: expect(stress, "the length", (uint64_t)-1, (uint64_t)dalloc_heap_info_str(stress->heap, NULL, 8)); return;
    case 7:
        expect(stress, "dalloc_pin", false, dalloc_pin(stress->heap, NULL));
        expect(stress, "dalloc_unpin", false, dalloc_unpin(stress->heap, NULL));
        reported = false;
        break;
    default: expect(stress, "the length", (uint64_t)-1, (uint64_t)dalloc_heap_info_str(stress->heap, text, 0)); return;
    }
    expect_message(stress, messages, reported);
}

/* ---- Heaps that are none ---------------------------------------------------------------------------------------------- */

static void use_blank_heap(stress_t *stress) {
    describe(stress, "a heap that was never initialised", 0, 0, 0);
    use_heapless(stress, stress->blank);
    memset(stress->blank->reports, 0, sizeof stress->blank->reports);
    expect_zeros(stress, "a byte of that heap", UINT32_MAX, (const uint8_t *)stress->blank, sizeof *stress->blank);
}

static void refuse_memory(stress_t *stress) {
    uint8_t *memory = (uint8_t *)stress->other_memory;
    const uint32_t kind = below(stress, DALLOC_ALIGNMENT > 1 ? 3 : 2);
    describe(stress, "heap_init with memory of the wrong kind", kind, 0, 0);
    const uint32_t messages = stress_messages;
    switch (kind) {
    case 0: heap_init(stress->blank, NULL, 32); break;
    case 1: heap_init(stress->blank, memory, below(stress, DALLOC_ALIGNMENT)); break;
    default: heap_init(stress->blank, memory + 1 + below(stress, DALLOC_ALIGNMENT - 1), 40); break;
    }
    expect_message(stress, messages, true);
    expect(stress, "its memory", 0, as_number(stress->blank->mem));
    use_heapless(stress, stress->blank);
    memset(stress->blank, 0, sizeof *stress->blank);
}

/* ---- Pointers ------------------------------------------------------------------------------------------------------- */

/* Each function must refuse `variable`; `unknown_value`: its value isn't a block's address either. */
static void use_unknown(stress_t *stress, void **variable, bool unknown_value) {
    heap_t *heap = stress->heap;
    void *content = read_variable(variable);
    const uint32_t messages = stress_messages;
    bool reported = true;
    switch (below(stress, 5)) {
    case 0: dfree(heap, variable, unknown_value ? below(stress, 2) : USING_PTR_ADDRESS); break;
    case 1:
        expect(stress, "drealloc", false, drealloc(heap, 1 + below(stress, 64), variable));
        reported = false;
        break;
    case 2: replace_pointers(heap, variable, model_address(&stress->model, free_variable(stress))); break;
    case 3:
        expect(stress, "dalloc_pin", false, dalloc_pin(heap, variable));
        expect(stress, "dalloc_unpin", false, dalloc_unpin(heap, variable));
        reported = false;
        break;
    default:
        expect(stress, "validate_ptr by address", false, validate_ptr(heap, variable, USING_PTR_ADDRESS, NULL));
        expect(stress, "validate_ptr by value", !unknown_value, validate_ptr(heap, variable, USING_PTR_VALUE, NULL));
        reported = false;
        break;
    }
    if (reported) expect_message(stress, messages, true);
    expect(stress, "the variable", as_number(content), as_number(read_variable(variable)));
    stress->refused += 1;
}

static void use_unknown_pointer(stress_t *stress) {
    const model_t *model = &stress->model;
    const model_block_t *block = any_block(stress);
    const uint32_t kind = below(stress, 7);
    describe(stress, "a pointer that the heap doesn't know", kind, 0, 0);
    void **variable = stress->copy;
    void *content = NULL;
    switch (kind) {
    case 0: break;
    case 1: content = stress->memory + model_offset(model); break;
    case 2: content = (void *)UINTPTR_MAX; break;
    case 3: variable = model_address(model, free_variable(stress)); content = read_variable(variable); break;
    case 4: variable = stress->other_owner; content = *variable; break;
    case 5: if (block != NULL && block->size > 1) content = stress->memory + block->offset + 1; break;
    default: if (block != NULL) content = stress->memory + block->offset; break;
    }
    if (variable == stress->copy) *variable = content;
    use_unknown(stress, variable, model_at(model, content) == NULL);
    *stress->copy = NULL;
}

/* Something that doesn't point into the variable's block: nothing of this heap, or the start of a block that another owns. */
static void *wrong_content(stress_t *stress, const model_block_t *block) {
    const model_block_t *another = any_block(stress);
    switch (below(stress, 4)) {
    case 0: return NULL;
    case 1: return (void *)(UINTPTR_MAX - 7);
    case 2: return stress->copy;
    default:
        if (another->owner == block->owner || another->offset - block->offset <= block->size) return NULL;
        return stress->memory + another->offset;
    }
}

/* By its address the heap still knows the variable, and says that it was changed. */
static void use_changed_owner(stress_t *stress, model_block_t *block, void **variable) {
    model_t *model = &stress->model;
    model_variable_t *owner = block->owner;
    model_variable_t *new;
    const uint32_t messages = stress_messages;
    switch (below(stress, 5)) {
    case 0:
        expect(stress, "validate_ptr by address", true, validate_ptr(stress->heap, variable, USING_PTR_ADDRESS, NULL));
        break;
    case 1:
        dfree(stress->heap, variable, USING_PTR_ADDRESS);
        expect_message(stress, messages, true);
        model_free(model, block, true);
        return;
    case 2: break;
    case 3:
        expect(stress, "dalloc_pin", model_pin(model, block), dalloc_pin(stress->heap, variable));
        expect_message(stress, messages, true);
        break;
    default:
        new = free_variable(stress);
        replace_pointers(stress->heap, variable, model_address(model, new));
        expect_message(stress, messages, true);
        model_replace(owner, new);
        return;
    }
    expect(stress, "drealloc", true, drealloc(stress->heap, block->size, variable));
    expect_message(stress, messages, true);
    owner->owned = block;
    owner->advance = 0;
}

/* The program writes to an owner, or its memory serves something else. */
static void change_owner(stress_t *stress) {
    const model_t *model = &stress->model;
    model_block_t *block = any_block(stress);
    if (block == NULL || block->owner == NULL || block->owner->owned != block) return;
    const uint32_t index = model_index(model, block);
    void **variable = model_address(model, block->owner);
    void *const content = wrong_content(stress, block);
    describe(stress, "a changed owner of entry", index, as_number(variable), as_number(content));
    write_variable(variable, content);
    model_overwrite(block->owner, content);
    uint32_t fault = 0;
    expect(stress, "dalloc_heap_check", 1, dalloc_heap_check(stress->heap, &fault) != NULL);
    expect(stress, "the entry that dalloc_heap_check names", model_fault(model), fault);
    /* What is left so stays so, whatever moves; but what points into the heap would point into this block some time. */
    const uint8_t *place = content;
    const bool is_inside = place >= model->memory && place < model->memory + model->total_size;
    if (is_inside || one_in(stress, 2)) use_changed_owner(stress, block, variable);
}

void misuse(stress_t *stress) {
    switch (below(stress, 16)) {
    case 0:
    case 1:
    case 2: pass_null(stress); break;
    case 3:
    case 4:
    case 5: change_owner(stress); break;
    /* All of these heaps are looked at, which takes long where tables are large. */
    case 6: if (one_in(stress, 1 + MAX_NUM_OF_ALLOCATIONS / 128)) use_blank_heap(stress); break;
    case 7: if (one_in(stress, 1 + MAX_NUM_OF_ALLOCATIONS / 128)) refuse_memory(stress); break;
    default: use_unknown_pointer(stress); break;
    }
}
