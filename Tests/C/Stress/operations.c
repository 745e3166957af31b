/*
 * operations.c - what programs do with a heap: each operation on the library and on the model.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "stress.h"

#include <string.h>

/* ---- Choosing ------------------------------------------------------------------------------------------------------- */

model_block_t *any_block(stress_t *stress) {
    return stress->model.count == 0 ? NULL : stress->model.blocks[below(stress, stress->model.count)];
}

model_block_t *owned_block(stress_t *stress) {
    for (int attempt = 0; attempt < 8; attempt++) {
        model_block_t *block = any_block(stress);
        if (block != NULL && block->owner != NULL && block->owner->owned == block) return block;
    }
    return NULL;
}

/* There are more variables outside than a table has blocks. */
static model_variable_t *outside_variable(stress_t *stress) {
    uint32_t place = below(stress, stress->outside_count);
    while (stress->variables[place].held != NULL) place = (place + 1) % stress->outside_count;
    return &stress->variables[place];
}

static void set_content(stress_t *stress, model_variable_t *variable, void *content) {
    variable->content = content;
    write_variable(model_address(&stress->model, variable), content);
}

/* A variable in the block that owns nothing, made if there is none where chance points. */
static model_variable_t *inside_variable(stress_t *stress, model_block_t *block) {
    if (block->size < sizeof(void *)) return NULL;
    uint32_t position = below(stress, block->size - (uint32_t)sizeof(void *) + 1);
    if (!one_in(stress, 4)) position -= position % sizeof(void *);
    model_variable_t *variable = model_variable_in(&stress->model, block, position);
    if (variable != NULL) {
        set_content(stress, variable, NULL);
        return variable;
    }
    for (variable = block->inside; variable != NULL; variable = variable->next) {
        if (variable->held == NULL) return variable;
    }
    return NULL;
}

model_variable_t *free_variable(stress_t *stress) {
    model_variable_t *variable = NULL;
    if (stress->model.count > 0 && one_in(stress, 4)) variable = inside_variable(stress, any_block(stress));
    return variable != NULL ? variable : outside_variable(stress);
}

static uint32_t size_to_allocate(stress_t *stress) {
    const model_t *model = &stress->model;
    const uint32_t left = model_room(model, NULL);
    const uint32_t kind = below(stress, 128);
    /* One block that takes all memory lasts long among many, and would keep the table from filling. */
    if ((kind == 2 || kind == 4) && !one_in(stress, 1 + stress->phase.blocks / 32)) return 1;
    switch (kind) {
    case 0: return 0;
    case 1: return UINT32_MAX - below(stress, 2 * model->alignment + 2);
    case 2: return left;
    case 3: return left + below(stress, 9);
    case 4: return left < 9 ? 1 : left - below(stress, 9);
    case 5: return model->total_size + below(stress, 3);
    default: return 1 + below(stress, stress->phase.max_size);
    }
}

static uint32_t size_to_change_to(stress_t *stress, const model_block_t *block) {
    const uint32_t room = model_room(&stress->model, block);
    const uint32_t kind = below(stress, 32);
    if (kind == 2 && !one_in(stress, 1 + stress->phase.blocks / 32)) return block->size;
    switch (kind) {
    case 0: return 0;
    case 1: return UINT32_MAX - below(stress, 2 * stress->model.alignment + 2);
    case 2: return room;
    case 3: return room + 1 + below(stress, stress->model.alignment);
    case 4: return block->size;
    case 5: return UINT32_MAX - model_offset(&stress->model) + below(stress, 16); /* wraps around at the heap's end */
    default: break;
    }
    switch (below(stress, 4)) {
    case 0: return 1 + below(stress, block->size);
    case 1: return block->size + 1 + below(stress, 8);
    case 2: return block->size > 8 ? block->size - below(stress, 8) : 1;
    default: return 1 + below(stress, stress->phase.max_size);
    }
}

/* ---- The calls ------------------------------------------------------------------------------------------------------ */

/* Not inlined: its place is the call site that the table must name. */
__attribute__((noinline)) static void call_dalloc(stress_t *stress, uint32_t size, void **variable) {
    bool done = false;
    IF_DEFAULT(stress, (def_dalloc(size, variable), done = true));
    if (!done) dalloc(stress->heap, size, variable);
    /* No tail call, which would leave no trace of this function. */
    stress->arguments[2] = done;
}

static void call_dfree(stress_t *stress, void **variable, validate_ptr_condition_t condition) {
    IF_DEFAULT(stress, if (condition == USING_PTR_ADDRESS) { def_dfree(variable); return; });
    dfree(stress->heap, variable, condition);
}

static bool call_drealloc(stress_t *stress, uint32_t size, void **variable) {
    IF_DEFAULT(stress, return def_drealloc(size, variable));
    return drealloc(stress->heap, size, variable);
}

static void call_replace(stress_t *stress, void **old, void **new) {
    IF_DEFAULT(stress, { def_replace_pointers(old, new); return; });
    replace_pointers(stress->heap, old, new);
}

/* ---- Operations ----------------------------------------------------------------------------------------------------- */

static void note_call_site(stress_t *stress, model_block_t *block) {
#ifdef DALLOC_USE_CALL_SITES
    const uint32_t index = model_index(&stress->model, block);
    block->call_site = stress->heap->alloc_info.ptr_info_arr[index].call_site;
    /* A function pointer can't be cast to one of data in ISO C, but copied. */
    void (*function)(stress_t *, uint32_t, void **) = call_dalloc;
    uintptr_t start;
    memcpy(&start, &function, sizeof start);
    const uintptr_t place = (uintptr_t)block->call_site;
    expect_of(stress, "call_site within the caller", index, 1, place > start && place < start + 2048);
#else
    (void)stress;
    (void)block;
#endif
}

static void allocate(stress_t *stress, model_variable_t *variable) {
    model_t *model = &stress->model;
    const uint32_t size = size_to_allocate(stress);
    void **place = model_address(model, variable);
    /* What an uninitialised variable holds must not matter: chance, or the address of another's block. */
    if (variable->held == NULL && one_in(stress, 16)) {
        const model_block_t *block = any_block(stress);
        set_content(stress, variable, block == NULL ? stress->memory + 1 : model->memory + block->offset);
    }
    describe(stress, "dalloc(size, variable)", size, as_number(place), 0);
    const uint32_t messages = stress_messages;
    const uint64_t orphans = model->orphans;
    call_dalloc(stress, size, place);
    model_block_t *block = model_alloc(model, size, variable);
    place = model_address(model, variable);
    expect(stress, "the variable", as_number(model_content(model, variable)), as_number(read_variable(place)));
    expect_message(stress, messages, (block == NULL && size != 0) || model->orphans != orphans);
    if (block == NULL) {
        stress->failed += 1;
        if (model->count == model->capacity) stress->full += 1;
        return;
    }
    note_call_site(stress, block);
    if (FILL_FREED_MEMORY_BY_NULLS) {
        const uint8_t *bytes = model->memory + block->offset;
        expect_zeros(stress, "a byte of the new block", model->count - 1, bytes, size);
    }
    write_token(stress, block, 0, size);
}

static void refuse_double_free(stress_t *stress, void **place, validate_ptr_condition_t condition) {
    describe(stress, "dfree(variable, condition) once more", as_number(place), condition, 0);
    const uint32_t messages = stress_messages;
    call_dfree(stress, place, condition);
    expect_message(stress, messages, true);
    stress->refused += 1;
}

static void release(stress_t *stress, model_block_t *block) {
    model_t *model = &stress->model;
    void *address = model->memory + block->offset;
    const uint32_t index = model_index(model, block);
    model_variable_t *owner = block->owner;
    /* An owner that holds something else names another block, or none. */
    if (owner != NULL && owner->owned != block) owner = NULL;
    void **place = owner == NULL ? stress->copy : model_address(model, owner);
    validate_ptr_condition_t condition = USING_PTR_ADDRESS;
    model_variable_t *holder_of_copy = NULL;
    if (owner == NULL || one_in(stress, 2)) {
        condition = USING_PTR_VALUE;
        /* By the owner itself, or a copy outside or inside the heap, even in the freed block. */
        if (owner == NULL || model_at(model, model_content(model, owner)) != block || one_in(stress, 2)) {
            holder_of_copy = free_variable(stress);
            place = one_in(stress, 2) ? stress->copy : model_address(model, holder_of_copy);
            if (place == stress->copy) {
                *stress->copy = address;
            } else {
                set_content(stress, holder_of_copy, address);
            }
        }
    }
    describe(stress, "dfree(variable, condition) of entry", as_number(place), condition, index);
    const uint32_t messages = stress_messages;
    const uint64_t orphans = model->orphans;
    /* Once freed, an owner inside the block is gone. */
    const bool remains = owner != NULL && owner->holder != block;
    call_dfree(stress, place, condition);
    model_free(model, block, condition == USING_PTR_ADDRESS);
    expect_message(stress, messages, model->orphans != orphans);
    if (place == stress->copy) {
        expect(stress, "the copy", as_number(address), as_number(*stress->copy));
        *stress->copy = NULL;
    }
    if (remains && owner->held == NULL && one_in(stress, 32)) refuse_double_free(stress, model_address(model, owner), below(stress, 2));
}

static void look_up_moved_blocks(stress_t *stress) {
    model_t *model = &stress->model;
    if (model->grown == NULL) return;
    for (uint32_t index = 0; index < model->count; index++) {
        const char *fault = model_adopt(model, index, stress->heap->alloc_info.ptr_info_arr[index].offset);
        if (fault != NULL) mismatch(stress, fault, index, 0, 1);
    }
    model->grown = NULL;
    /* A block may have moved down, and up again. */
    const alloc_info_t *info = &stress->heap->alloc_info;
    expect(stress, "at least as many total_moves as blocks moved", 1, info->total_moves >= model->moves);
    expect(stress, "at least as many total_bytes_moved", 1, info->total_bytes_moved >= model->bytes_moved);
    model->moves = info->total_moves;
    model->bytes_moved = info->total_bytes_moved;
}

static void resize(stress_t *stress, model_block_t *block) {
    model_t *model = &stress->model;
    const uint32_t old_size = block->size;
    const uint32_t size = size_to_change_to(stress, block);
    const uint32_t index = model_index(model, block);
    /* A variable that the new size cuts through keeps the bytes before the cut: as they were, if what it owned is kept. */
    uint32_t torn = size;
    void *torn_content = NULL;
    for (const model_variable_t *variable = block->inside; variable != NULL; variable = variable->next) {
        if (variable->position >= size || variable->position + sizeof(void *) <= size) continue;
        torn = variable->position;
        torn_content = model_content(model, variable);
    }
    void **place = model_address(model, block->owner);
    describe(stress, "drealloc(size, variable) of entry", size, as_number(place), index);
    const uint32_t messages = stress_messages;
    const uint64_t orphans = model->orphans;
    const bool advanced = block->owner->advance != 0;
    const bool done = call_drealloc(stress, size, place);
    const bool expected = model_realloc(model, block, size);
    expect(stress, "the result", expected, done);
    expect_message(stress, messages, expected ? advanced || model->orphans != orphans : size != 0 || model->orphans != orphans);
    if (!expected) {
        stress->failed += 1;
        return;
    }
    look_up_moved_blocks(stress);
    const uint8_t *bytes = model->memory + block->offset;
    if (torn < size) {
        const bool kept = memcmp(bytes + torn, &torn_content, size - torn) == 0;
        expect_of(stress, "the bytes that are left of a variable", index, true, kept);
        write_token(stress, block, torn, size);
    }
    if (size > old_size) {
        if (FILL_FREED_MEMORY_BY_NULLS) {
            expect_zeros(stress, "a byte gained", index, bytes + old_size, size - old_size);
        }
        write_token(stress, block, old_size, size);
    }
}

static void replace(stress_t *stress, model_block_t *block) {
    model_t *model = &stress->model;
    model_variable_t *old = block->owner;
    model_variable_t *new = NULL;
    const model_block_t *another = any_block(stress);
    switch (below(stress, 16)) {
    case 0: new = old; break;
    case 1: new = another->owner != NULL && another->owner->owned == another ? another->owner : NULL; break;
    case 2:
    case 3: new = inside_variable(stress, block); break;
    default: break;
    }
    if (new == NULL) new = free_variable(stress);
    void **from = model_address(model, old), **to = model_address(model, new);
    describe(stress, "replace_pointers(old, new) of entry", as_number(from), as_number(to), model_index(model, block));
    const uint32_t messages = stress_messages;
    call_replace(stress, from, to);
    const bool done = model_replace(old, new);
    /* Onto itself, nothing changes: whether that is misuse, the headers don't say. */
    if (new != old) expect_message(stress, messages, !done);
    if (!done) stress->refused += 1;
}

static void compact(stress_t *stress) {
    model_t *model = &stress->model;
    const uint32_t limits[] = {0, 1 + below(stress, 16), 64, 1 + below(stress, 1024), UINT32_MAX};
    const uint32_t limit = limits[below(stress, 5)];
    describe(stress, "dalloc_heap_compact(bytes)", limit, 0, 0);
    const uint32_t messages = stress_messages;
    const uint32_t left = dalloc_heap_compact(stress->heap, limit);
    expect(stress, "the bytes in gaps", model_compact(model, limit), left);
    expect_message(stress, messages, false);
}

static void change_policy(stress_t *stress) {
    model_policy_t next = stress->policy;
    if (one_in(stress, 3)) next = MODEL_EAGER;
    else if (next != MODEL_EAGER && one_in(stress, 3)) next = next == MODEL_LAZY ? MODEL_PINNING : MODEL_LAZY;
    const uint32_t steps[] = {stress->step, stress->step, 0, 1, 100};
    /* Thousands of blocks in steps of one byte take their time. */
    const uint32_t step = stress->phase.blocks > 1024 ? stress->step : steps[below(stress, 5)];
    describe(stress, "dalloc_heap_set_policy(policy, step)", next, step, 0);
    const uint32_t messages = stress_messages;
    const dalloc_policy_t policies[] = {DALLOC_POLICY_EAGER, DALLOC_POLICY_LAZY, DALLOC_POLICY_PINNING};
    const bool done = dalloc_heap_set_policy(stress->heap, policies[next], step);
    expect(stress, "the result", model_set_policy(&stress->model, next, step), done);
    expect_message(stress, messages, !done);
}

/* The program lets an owner run through its block, to just after it at most. */
static void advance_owner(stress_t *stress, model_block_t *block) {
    model_variable_t *owner = block->owner;
    owner->advance = one_in(stress, 4) ? block->size : below(stress, block->size);
    void **place = model_address(&stress->model, owner);
    describe(stress, "advancing an owner of entry", model_index(&stress->model, block), owner->advance, as_number(place));
    write_variable(place, model_content(&stress->model, owner));
}

/* Gives the bytes of a variable in a block back to the token. */
static void dissolve_variable(stress_t *stress, model_block_t *block) {
    model_variable_t *variable = block->inside;
    while (variable != NULL && variable->held != NULL) variable = variable->next;
    if (variable == NULL) return;
    const uint32_t position = variable->position;
    model_forget(&stress->model, variable);
    write_token(stress, block, position, position + (uint32_t)sizeof(void *));
}

/* ---- One of them ---------------------------------------------------------------------------------------------------- */

static void change_blocks(stress_t *stress) {
    model_block_t *block = any_block(stress);
    const uint32_t kind = below(stress, 16);
    if (kind < 5) {
        block = owned_block(stress);
        if (block != NULL) {
            resize(stress, block);
            return;
        }
    }
    if (kind == 5) {
        block = owned_block(stress);
        if (block != NULL) {
            /* An owner that is given to dalloc loses its block. */
            allocate(stress, block->owner);
            return;
        }
    }
    /* Towards as many blocks as the phase wants. */
    const bool fewer = stress->model.count > stress->phase.blocks ? !one_in(stress, 4) : one_in(stress, 4);
    if (block != NULL && fewer) {
        release(stress, block);
    } else {
        allocate(stress, free_variable(stress));
    }
}

void operate(stress_t *stress) {
    const uint32_t kind = below(stress, 1024);
    model_block_t *block = any_block(stress);
    if (kind < 660 || block == NULL) {
        change_blocks(stress);
    } else if (kind < 700) {
        block = owned_block(stress);
        if (block != NULL) advance_owner(stress, block);
    } else if (kind < 760) {
        block = owned_block(stress);
        if (block != NULL) replace(stress, block);
    } else if (kind < 800) {
        validate(stress, block);
    } else if (kind < 860) {
        change_pins(stress);
    } else if (kind < 900) {
        compact(stress);
    } else if (kind < 940) {
        dissolve_variable(stress, block);
    } else if (kind < 980) {
        misuse(stress);
    } else if (kind < 990) {
        corrupt(stress);
    } else if (kind < 998) {
        change_policy(stress);
    } else {
        inspect(stress);
    }
    /* A heap's end is rare, so that what goes wrong late in its life has time to. */
    if (one_in(stress, 4096 + 16 * stress->phase.blocks)) renew_heap(stress);
}
