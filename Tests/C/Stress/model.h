/*
 * model.h - what a dalloc heap must look like after each operation.
 *
 * Written from the comments in the public headers alone, and as plainly as possible: no byte is moved here, no
 * address looked up. The model knows blocks and pointer variables by identity, so whatever the library loses track of shows.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MODEL_H
#define MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct model_block model_block_t;
typedef struct model_variable model_variable_t;

/* A pointer variable of the program, outside the heap or inside one of its blocks. */
struct model_variable {
    model_block_t *held;      /* the blocks it owns, the newest first: more than one when it was given to dalloc twice */
    model_block_t *owned;     /* the one that it points into, which is the newest; NULL: none */
    uint32_t advance;         /* how far in that one, or just after it */
    void *content;            /* what it contains otherwise */
    model_block_t *holder;    /* the block it stands in; NULL: it stands outside, at `place` */
    uint32_t position;        /* bytes from the holder's start */
    void **place;
    model_variable_t *next;   /* the next one in the holder, by position */
};

struct model_block {
    uint32_t id;              /* never used twice: its content is made from it */
    uint32_t size, offset;
    uint32_t pins;            /* while there are any, it stays where it is */
    model_variable_t *owner;  /* NULL: an orphan */
    model_block_t *next_held; /* of the same owner */
    model_variable_t *inside; /* the variables that stand in it, by position */
    const void *call_site;
};

typedef enum { MODEL_EAGER, MODEL_LAZY, MODEL_PINNING } model_policy_t;

typedef struct {
    uint32_t alignment, capacity;
    uint8_t *memory;
    uint32_t total_size;
    model_policy_t policy;
    uint32_t step; /* bytes that one step of compaction moves at most */

    model_block_t **blocks; /* in the order of the table */
    uint32_t count;
    uint32_t packed;        /* the first ones, known to stand without gaps but those before pinned ones: the lowest gap comes after them */
    uint32_t pinned;        /* how many have pins */
    uint32_t used;          /* bytes, padding included, gaps not */
    uint32_t max_memory, max_allocations;
    uint64_t total_allocations, frees, failures, moves, bytes_moved;
    uint64_t orphans;       /* made so far, to know when a message is due */
    uint32_t next_id;
    model_block_t *grown;   /* where this and the other blocks are now, the headers leave open: see model_adopt */
    uint32_t grown_from;    /* its size before */

    model_block_t *spare_blocks;
    model_variable_t *spare_variables;
} model_t;

/* Makes an empty model, for a table of `capacity` blocks. */
void model_create(model_t *model, uint32_t alignment, uint32_t capacity);

/* heap_init: no blocks, eager, statistics at zero. */
void model_init(model_t *model, uint8_t *memory, uint32_t size);

/* dalloc_reset_heap, heap_deinit: no blocks, statistics at zero; owners outside own nothing, and hold what they held. */
void model_reset(model_t *model);

/* dalloc: the new block, or NULL when there must be none. */
model_block_t *model_alloc(model_t *model, uint32_t size, model_variable_t *variable);

/* dfree; `named`: by the owner's address. */
void model_free(model_t *model, model_block_t *block, bool named);

/* drealloc: whether it must succeed. */
bool model_realloc(model_t *model, model_block_t *block, uint32_t size);

/* replace_pointers, for the newest block of `old`: whether it must succeed. */
bool model_replace(model_variable_t *old, model_variable_t *new);

/* The program writes to a variable: it points into none of its blocks any more. */
void model_overwrite(model_variable_t *variable, void *content);

/* dalloc_heap_compact: the bytes left in gaps. */
uint32_t model_compact(model_t *model, uint32_t max_bytes);

/* dalloc_heap_set_policy: whether it must succeed. */
bool model_set_policy(model_t *model, model_policy_t policy, uint32_t step);

/* dalloc_pin, dalloc_unpin: whether it must succeed. */
bool model_pin(model_t *model, model_block_t *block);
bool model_unpin(model_t *model, model_block_t *block);

/* The most bytes, padding included, that a block can have; of a new one, when it is NULL. */
uint32_t model_room(const model_t *model, const model_block_t *block);

/* Where a lazy heap puts blocks when one grows is not laid down. Takes the place of one block as the library has it; says in words
 * what can't be right about it, or NULL. From the first block to the last. */
const char *model_adopt(model_t *model, uint32_t index, uint32_t offset);

/* Makes a pointer variable in a block, unless it would overlap another there. */
model_variable_t *model_variable_in(model_t *model, model_block_t *block, uint32_t position);

/* Forgets a variable inside a block, which owns nothing. */
void model_forget(model_t *model, model_variable_t *variable);

/* The first block whose owner doesn't point into it or just after it; UINT32_MAX: none. */
uint32_t model_fault(const model_t *model);

/* The block that USING_PTR_VALUE names: one that starts there, or whose owner points there; NULL: none. */
model_block_t *model_at(const model_t *model, const void *content);

uint32_t model_index(const model_t *model, const model_block_t *block);
uint32_t model_padded(const model_t *model, uint32_t size);
/* Where the block ends, padding included. */
uint32_t model_end(const model_t *model, const model_block_t *block);
/* heap_t.offset and heap_t.gap_bytes. */
uint32_t model_offset(const model_t *model);
uint32_t model_gap_bytes(const model_t *model);
/* Where the variable is now, and what it contains. */
void **model_address(const model_t *model, const model_variable_t *variable);
void *model_content(const model_t *model, const model_variable_t *variable);

#endif
