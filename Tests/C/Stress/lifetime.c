/*
 * lifetime.c - how a heap begins and ends, and that the end leaves nothing behind.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "stress.h"

#include <string.h>

void start_heap(stress_t *stress) {
    uint32_t size = stress->heap_size;
    if (one_in(stress, 2)) size -= below(stress, size / 2);
    if (size < DALLOC_ALIGNMENT) size = stress->heap_size;
    describe(stress, "heap_init(size)", size, 0, 0);
    const uint32_t messages = stress_messages;
    memset(stress->memory, 0xa5, stress->heap_size);
#ifdef USE_SINGLE_HEAP_MEMORY
    expect(stress, "dalloc_is_initialized before", false, dalloc_is_initialized());
    expect(stress, "dalloc_register_heap", true, dalloc_register_heap(stress->memory, size));
    expect(stress, "dalloc_is_initialized", true, dalloc_is_initialized());
    stress->heap = dalloc_get_default_heap();
#else
    /* Whatever it was. */
    if (one_in(stress, 2)) memset(stress->heap, 0xa5, sizeof *stress->heap);
    heap_init(stress->heap, stress->memory, size);
#endif
    model_init(&stress->model, stress->memory, size);
    expect_message(stress, messages, false);
    expect_zeros(stress, "a byte of the new heap", UINT32_MAX, stress->memory, size);
    if (size < stress->heap_size) expect(stress, "the byte behind the heap", 0xa5, stress->memory[size]);
    compare(stress, true);
    if (stress->policy != MODEL_EAGER) {
        const dalloc_policy_t policy = stress->policy == MODEL_LAZY ? DALLOC_POLICY_LAZY : DALLOC_POLICY_PINNING;
        expect(stress, "dalloc_heap_set_policy", true, dalloc_heap_set_policy(stress->heap, policy, stress->step));
        model_set_policy(&stress->model, stress->policy, stress->step);
    }
}

/* No variable was written to. Then the program clears them: what they hold is of no use any more. */
static void clear_outside(stress_t *stress) {
    compare_outside(stress);
    for (uint32_t place = 0; place < stress->outside_count; place++) {
        stress->outside[place] = stress->variables[place].content = NULL;
    }
}

static void end_heap(stress_t *stress) {
    describe(stress, "heap_deinit", 0, 0, 0);
    compare(stress, true);
#ifdef USE_SINGLE_HEAP_MEMORY
    expect(stress, "dalloc_register_heap once more", false, dalloc_register_heap(stress->memory, stress->heap_size));
    if (stress->model.count > 0) {
        expect(stress, "dalloc_unregister_heap(false)", false, dalloc_unregister_heap(false));
        compare(stress, true);
    }
    expect(stress, "dalloc_unregister_heap", true, dalloc_unregister_heap(stress->model.count > 0 || one_in(stress, 2)));
    expect(stress, "dalloc_is_initialized", false, dalloc_is_initialized());
    expect(stress, "the default heap", 0, as_number(dalloc_get_default_heap()));
    expect(stress, "dalloc_unregister_heap once more", false, dalloc_unregister_heap(true));
#else
    heap_deinit(stress->heap);
    const alloc_info_t *info = &stress->heap->alloc_info;
    expect(stress, "mem", 0, as_number(stress->heap->mem));
    expect(stress, "allocations_num", 0, info->allocations_num);
    expect(stress, "max_memory_amount", stress->model.max_memory, info->max_memory_amount);
    expect(stress, "max_allocations_amount", stress->model.max_allocations, info->max_allocations_amount);
    /* It is as one that was never initialised. */
    const uint32_t messages = stress_messages;
    dalloc(stress->heap, 8, stress->copy);
    expect_message(stress, messages, true);
    expect(stress, "a variable that a heap after heap_deinit gives", 0, as_number(*stress->copy));
#endif
    model_reset(&stress->model);
    clear_outside(stress);
}

#ifdef USE_SINGLE_HEAP_MEMORY
static void reset_heap(stress_t *stress) {
    describe(stress, "dalloc_reset_heap", 0, 0, 0);
    dalloc_reset_heap();
    model_reset(&stress->model);
    clear_outside(stress);
    compare(stress, true);
    expect_zeros(stress, "a byte of the heap", UINT32_MAX, stress->memory, stress->model.total_size);
}
#endif

void renew_heap(stress_t *stress) {
#ifdef USE_SINGLE_HEAP_MEMORY
    if (one_in(stress, 2)) {
        reset_heap(stress);
        return;
    }
#endif
    end_heap(stress);
    start_heap(stress);
}
