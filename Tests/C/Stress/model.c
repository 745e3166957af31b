/*
 * model.c - the model of a dalloc heap: see model.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "model.h"

#include <stdlib.h>
#include <string.h>

static void *checked(void *memory) {
    if (memory == NULL) abort();
    return memory;
}

/* ---- Sizes and places ----------------------------------------------------------------------------------------------- */

/* In 64 bits, as sizes near 2^32 must not wrap around. */
static uint64_t padded(const model_t *model, uint32_t size) {
    return ((uint64_t)size + model->alignment - 1) / model->alignment * model->alignment;
}

uint32_t model_padded(const model_t *model, uint32_t size) {
    return (uint32_t)padded(model, size);
}

uint32_t model_end(const model_t *model, const model_block_t *block) {
    return block->offset + model_padded(model, block->size);
}

/* Where the block before entry `index` ends. */
static uint32_t end_before(const model_t *model, uint32_t index) {
    return index == 0 ? 0 : model_end(model, model->blocks[index - 1]);
}

uint32_t model_offset(const model_t *model) {
    return end_before(model, model->count);
}

uint32_t model_gap_bytes(const model_t *model) {
    return model_offset(model) - model->used;
}

uint32_t model_index(const model_t *model, const model_block_t *block) {
    uint32_t low = 0, high = model->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (model->blocks[middle]->offset < block->offset) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

void **model_address(const model_t *model, const model_variable_t *variable) {
    if (variable->holder == NULL) return variable->place;
    return (void **)(void *)(model->memory + variable->holder->offset + variable->position);
}

void *model_content(const model_t *model, const model_variable_t *variable) {
    if (variable->owned == NULL) return variable->content;
    return model->memory + variable->owned->offset + variable->advance;
}

uint32_t model_fault(const model_t *model) {
    for (uint32_t index = 0; index < model->count; index++) {
        const model_block_t *block = model->blocks[index];
        if (block->owner == NULL || block->owner->owned == block) continue;
        /* As a number: it may point just after this block by chance. */
        const uintptr_t content = (uintptr_t)model_content(model, block->owner);
        if (content - ((uintptr_t)model->memory + block->offset) > block->size) return index;
    }
    return UINT32_MAX;
}

model_block_t *model_at(const model_t *model, const void *content) {
    for (uint32_t index = 0; index < model->count; index++) {
        if (model->memory + model->blocks[index]->offset == content) return model->blocks[index];
    }
    for (uint32_t index = 0; index < model->count; index++) {
        model_block_t *block = model->blocks[index];
        if (block->owner == NULL || block->owner->owned != block) continue;
        if (model_content(model, block->owner) == content) return block;
    }
    return NULL;
}

/* ---- Blocks and variables ------------------------------------------------------------------------------------------- */

/* Spare blocks are linked by `owner`, spare variables by `next`. */
static model_block_t *take_block(model_t *model) {
    model_block_t *block = model->spare_blocks;
    if (block == NULL) return checked(calloc(1, sizeof *block));
    model->spare_blocks = (model_block_t *)(void *)block->owner;
    memset(block, 0, sizeof *block);
    return block;
}

static void give_block(model_t *model, model_block_t *block) {
    block->owner = (model_variable_t *)(void *)model->spare_blocks;
    model->spare_blocks = block;
}

static void disown(model_block_t *block) {
    if (block->owner == NULL) return;
    model_block_t **link = &block->owner->held;
    while (*link != block) link = &(*link)->next_held;
    *link = block->next_held;
    block->owner = NULL;
}

static void own(model_variable_t *variable, model_block_t *block) {
    block->owner = variable;
    block->next_held = variable->held;
    variable->held = block;
    variable->owned = block;
    variable->advance = 0;
}

void model_overwrite(model_variable_t *variable, void *content) {
    variable->owned = NULL;
    variable->content = content;
}

/* Ends all variables of the block that touch bytes from `size` on. */
static void cut_off(model_t *model, model_block_t *block, uint32_t size) {
    model_variable_t **link = &block->inside;
    while (*link != NULL) {
        model_variable_t *variable = *link;
        if (variable->position + sizeof(void *) <= size) {
            link = &variable->next;
            continue;
        }
        for (; variable->held != NULL; model->orphans += 1) disown(variable->held);
        *link = variable->next;
        variable->next = model->spare_variables;
        model->spare_variables = variable;
    }
}

model_variable_t *model_variable_in(model_t *model, model_block_t *block, uint32_t position) {
    const uint32_t width = sizeof(void *);
    if (block->size < width || position > block->size - width) return NULL;
    model_variable_t **link = &block->inside;
    while (*link != NULL && (*link)->position + width <= position) link = &(*link)->next;
    if (*link != NULL && (*link)->position < position + width) return NULL;

    model_variable_t *variable = model->spare_variables;
    if (variable == NULL) {
        variable = checked(malloc(sizeof *variable));
    } else {
        model->spare_variables = variable->next;
    }
    *variable = (model_variable_t){.holder = block, .position = position, .next = *link};
    *link = variable;
    return variable;
}

void model_forget(model_t *model, model_variable_t *variable) {
    model_variable_t **link = &variable->holder->inside;
    while (*link != variable) link = &(*link)->next;
    *link = variable->next;
    variable->next = model->spare_variables;
    model->spare_variables = variable;
}

/* ---- Moving --------------------------------------------------------------------------------------------------------- */

static void move(model_t *model, uint32_t index, uint32_t offset) {
    if (model->blocks[index]->offset == offset) return;
    model->blocks[index]->offset = offset;
    model->moves += 1;
    /* A block that grows has moved before it did. */
    const model_block_t *block = model->blocks[index];
    model->bytes_moved += model_padded(model, block == model->grown ? model->grown_from : block->size);
}

/* From entry `first` on, each block follows the one before without a gap, unless it is pinned. */
static void close_gaps(model_t *model, uint32_t first) {
    for (uint32_t index = first; index < model->count; index++) {
        if (model->blocks[index]->pins == 0) move(model, index, end_before(model, index));
    }
}

/* The lazy policy: moves `limit` bytes of blocks at most, from the lowest gap that can be closed on, but one block at least. */
static void compact_step(model_t *model, uint32_t limit) {
    uint32_t index = model->packed;
    uint64_t moved = 0;
    for (; index < model->count; index++) {
        const model_block_t *block = model->blocks[index];
        if (block->pins > 0 || block->offset == end_before(model, index)) continue;
        const uint32_t bytes = model_padded(model, model->blocks[index]->size);
        if (moved > 0 && moved + bytes > limit) break;
        moved += bytes;
        move(model, index, end_before(model, index));
    }
    model->packed = index;
}

/* From entry `index` on, there may be gaps. */
static void loosen(model_t *model, uint32_t index) {
    if (index < model->packed) model->packed = index;
}

/* Where the block of entry `index`, or a new one, begins when all gaps below it are closed that can be. */
static uint64_t lowest_start(const model_t *model, uint32_t index) {
    if (index < model->count && model->blocks[index]->pins > 0) return model->blocks[index]->offset;
    uint64_t end = 0;
    for (uint32_t below = 0; below < index; below++) {
        const model_block_t *block = model->blocks[below];
        end = block->pins > 0 ? model_end(model, block) : end + padded(model, block->size);
    }
    return end;
}

uint32_t model_room(const model_t *model, const model_block_t *block) {
    const uint32_t own = block == NULL ? 0 : model_padded(model, block->size);
    /* Then all that is not in use can be brought together. */
    if (model->pinned == 0) return model->total_size - model->used + own;
    const uint32_t index = block == NULL ? model->count : model_index(model, block);
    const uint64_t start = lowest_start(model, index);
    uint64_t above = 0;
    for (uint32_t later = index + 1; later < model->count; later++) {
        const model_block_t *other = model->blocks[later];
        /* Nothing between is pushed towards a pinned one. */
        if (other->pins > 0) return (uint32_t)(model->blocks[index + 1]->offset - start);
        above += padded(model, other->size);
    }
    return (uint32_t)(model->total_size - start - above);
}

static void note_peaks(model_t *model) {
    if (model->used > model->max_memory) model->max_memory = model->used;
    if (model->count > model->max_allocations) model->max_allocations = model->count;
}

/* ---- Operations ----------------------------------------------------------------------------------------------------- */

void model_create(model_t *model, uint32_t alignment, uint32_t capacity) {
    *model = (model_t){.alignment = alignment, .capacity = capacity};
    model->blocks = checked(calloc(capacity, sizeof *model->blocks));
}

void model_reset(model_t *model) {
    for (uint32_t index = 0; index < model->count; index++) {
        model_variable_t *owner = model->blocks[index]->owner;
        if (owner != NULL) model_overwrite(owner, model_content(model, owner));
    }
    for (uint32_t index = 0; index < model->count; index++) disown(model->blocks[index]);
    for (uint32_t index = 0; index < model->count; index++) {
        cut_off(model, model->blocks[index], 0);
        give_block(model, model->blocks[index]);
    }
    model->count = model->packed = model->pinned = model->used = model->max_memory = model->max_allocations = 0;
    model->total_allocations = model->frees = model->failures = model->moves = model->bytes_moved = 0;
}

void model_init(model_t *model, uint8_t *memory, uint32_t size) {
    model_reset(model);
    model->memory = memory;
    model->total_size = size;
    model->policy = MODEL_EAGER;
    model->step = 0;
}

model_block_t *model_alloc(model_t *model, uint32_t size, model_variable_t *variable) {
    model_overwrite(variable, NULL);
    const uint64_t bytes = padded(model, size);
    if (size == 0 || model->count == model->capacity || bytes > model_room(model, NULL)) {
        model->failures += 1;
        return NULL;
    }
    while (model_offset(model) + bytes > model->total_size) {
        compact_step(model, model->step);
    }
    model_block_t *block = take_block(model);
    block->id = model->next_id++;
    block->size = size;
    block->offset = model_offset(model);
    own(variable, block);
    model->blocks[model->count++] = block;
    model->used += (uint32_t)bytes;
    model->total_allocations += 1;
    note_peaks(model);
    return block;
}

void model_free(model_t *model, model_block_t *block, bool named) {
    const uint32_t index = model_index(model, block);
    if (block->owner != NULL && (named || block->owner->owned == block)) model_overwrite(block->owner, NULL);
    disown(block);
    cut_off(model, block, 0);
    model->count -= 1;
    memmove(&model->blocks[index], &model->blocks[index + 1], (model->count - index) * sizeof *model->blocks);
    model->used -= model_padded(model, block->size);
    model->frees += 1;
    if (block->pins > 0) model->pinned -= 1;
    give_block(model, block);
    loosen(model, index);
    if (model->policy != MODEL_LAZY) close_gaps(model, index);
}

bool model_realloc(model_t *model, model_block_t *block, uint32_t size) {
    const uint32_t index = model_index(model, block);
    const uint32_t before = model_padded(model, block->size);
    const uint64_t after = padded(model, size);
    if (size == 0 || after > model_room(model, block)) {
        model->failures += 1;
        return false;
    }
    block->owner->owned = block;
    block->owner->advance = 0;
    cut_off(model, block, size);
    loosen(model, index + 1);
    /* A gap behind the block, or the end of the heap, may have room for it as things stand. */
    const bool last = index + 1 == model->count;
    const uint32_t room = last ? model->total_size : model->blocks[index + 1]->offset;
    const uint32_t old_size = block->size;
    block->size = size;
    model->used = model->used - before + (uint32_t)after;
    if (model->policy != MODEL_LAZY) {
        close_gaps(model, index + 1);
    } else if (block->offset + after > room) {
        model->grown = block;
        model->grown_from = old_size;
    }
    note_peaks(model);
    return true;
}

const char *model_adopt(model_t *model, uint32_t index, uint32_t offset) {
    if (offset < end_before(model, index)) return "a block begins before the one in front of it ends";
    if (offset % model->alignment != 0) return "a block is not aligned";
    if (model->blocks[index]->pins > 0 && offset != model->blocks[index]->offset) return "a pinned block has moved";
    move(model, index, offset);
    loosen(model, index);
    if (model_end(model, model->blocks[index]) > model->total_size) return "a block ends outside the heap";
    return NULL;
}

bool model_replace(model_variable_t *old, model_variable_t *new) {
    if (old->held == NULL || new->held != NULL) return false;
    model_block_t *block = old->held;
    const uint32_t advance = old->owned == block ? old->advance : 0;
    disown(block);
    own(new, block);
    new->advance = advance;
    model_overwrite(old, NULL);
    return true;
}

uint32_t model_compact(model_t *model, uint32_t max_bytes) {
    if (model_gap_bytes(model) > 0) compact_step(model, max_bytes);
    return model_gap_bytes(model);
}

bool model_set_policy(model_t *model, model_policy_t policy, uint32_t step) {
    if (policy == MODEL_EAGER && model->pinned > 0) return false;
    if (policy != MODEL_LAZY) close_gaps(model, 0);
    model->policy = policy;
    model->step = step == 0 ? UINT32_MAX : step;
    return true;
}

bool model_pin(model_t *model, model_block_t *block) {
    if (model->policy == MODEL_EAGER || block->pins == 255) return false;
    block->pins += 1;
    if (block->pins == 1) model->pinned += 1;
    return true;
}

bool model_unpin(model_t *model, model_block_t *block) {
    if (block->pins == 0) return false;
    block->pins -= 1;
    if (block->pins > 0) return true;
    model->pinned -= 1;
    const uint32_t index = model_index(model, block);
    loosen(model, index);
    if (model->policy == MODEL_PINNING) close_gaps(model, index);
    return true;
}
