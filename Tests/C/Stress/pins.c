/*
 * pins.c - blocks that must not move.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "stress.h"

static bool call_pin(stress_t *stress, void **variable) {
    IF_DEFAULT(stress, return def_pin(variable));
    return dalloc_pin(stress->heap, variable);
}

static bool call_unpin(stress_t *stress, void **variable) {
    IF_DEFAULT(stress, return def_unpin(variable));
    return dalloc_unpin(stress->heap, variable);
}

/* A block is pinned, once or as often as it may be and once more. */
static void pin(stress_t *stress, model_block_t *block) {
    void **place = model_address(&stress->model, block->owner);
    const int times = one_in(stress, 64) ? 256 : 1 + (int)below(stress, 2);
    describe(stress, "dalloc_pin(variable) of entry", as_number(place), model_index(&stress->model, block), (uint64_t)times);
    const uint32_t messages = stress_messages;
    for (int time = 0; time < times; time++) {
        const bool done = call_pin(stress, place);
        expect(stress, "the result", model_pin(&stress->model, block), done);
        stress->pins += done;
    }
    expect_message(stress, messages, stress->model.policy == MODEL_EAGER);
}

static void unpin(stress_t *stress, model_block_t *block) {
    model_t *model = &stress->model;
    /* It moves in the end, and its variable with it, perhaps. */
    const bool all = !one_in(stress, 4);
    describe(stress, "dalloc_unpin(variable) of entry", model_index(model, block), all, block->pins);
    const uint32_t messages = stress_messages;
    do {
        const bool done = call_unpin(stress, model_address(model, block->owner));
        expect(stress, "the result", model_unpin(model, block), done);
    } while (all && block->pins > 0);
    expect_message(stress, messages, false);
}

void change_pins(stress_t *stress) {
    model_t *model = &stress->model;
    model_block_t *block = owned_block(stress);
    if (block == NULL) return;
    const bool fewer = model->pinned > stress->phase.pinned ? !one_in(stress, 4) : one_in(stress, 4);
    if (!fewer || model->policy == MODEL_EAGER) {
        if (stress->phase.pinned > 0 || one_in(stress, 8)) pin(stress, block);
        return;
    }
    for (uint32_t index = 0; index < model->count && block->pins == 0; index++) {
        model_block_t *other = model->blocks[index];
        if (other->pins > 0 && other->owner != NULL && other->owner->owned == other) block = other;
    }
    unpin(stress, block);
}
