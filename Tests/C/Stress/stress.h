/*
 * stress.h - what the parts of the stress program share: the heap under test beside its model.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef STRESS_H
#define STRESS_H

#include "dalloc.h"
#include "dalloc_check.h"
#include "dalloc_walk.h"
#include "model.h"

/* Tokens repeat after so many blocks, which is more than ever meet. */
#define TOKEN_STARTS 4093

/* What the program does for a while. */
typedef struct {
    const char *name;
    uint32_t blocks;   /* allocates more below, frees more above */
    uint32_t max_size;
    uint32_t pinned;   /* pins more below, unpins more above */
} phase_t;

typedef struct {
    uint64_t seed, operations;
    uint32_t heap_size; /* bytes of `memory`; the heap takes all or some of them */
    model_policy_t policy;
    uint32_t step;
    bool verbose;

    uint64_t random;
    phase_t phase;
    uint64_t number;              /* the operation under way */
    const char *action;           /* and what it is, for whoever reads of a mismatch */
    uint64_t arguments[3];
    uint64_t refused, failed, full, checked, pins;
    uint32_t skipped, unchecked;  /* operations since the last full comparison, and the last dalloc_heap_check */

    heap_t *heap;
    uint8_t *memory;
    model_t model;
    uint8_t *tokens;              /* random bytes: a block's content starts at a place that follows from its id */
    const uint8_t *zeros;
    void **outside;               /* the variables outside the heap */
    model_variable_t *variables;  /* and their models */
    uint32_t outside_count;
    void **copy;                  /* a variable that never owns anything */

    heap_t *other, *blank;        /* one with a block of its own; one that was never initialised */
    void **other_owner;
    uint64_t other_memory[8] __attribute__((aligned(16)));
} stress_t;

/* Messages of the library so far. */
extern uint32_t stress_messages;

/* Names the operation under way. */
void describe(stress_t *stress, const char *action, uint64_t a, uint64_t b, uint64_t c);

/* Prints seed, operation, what was expected and what was found, and exits with 1. `index` is a table entry, or UINT32_MAX. */
void mismatch(const stress_t *stress, const char *what, uint32_t index, uint64_t expected, uint64_t found);

static inline void expect(const stress_t *stress, const char *what, uint64_t expected, uint64_t found) {
    if (expected != found) mismatch(stress, what, UINT32_MAX, expected, found);
}

static inline void expect_of(const stress_t *stress, const char *what, uint32_t index, uint64_t expected, uint64_t found) {
    if (expected != found) mismatch(stress, what, index, expected, found);
}

static inline uint64_t as_number(const void *pointer) {
    return (uint64_t)(uintptr_t)pointer;
}

/* Whether a message came since there were `before`, exactly when one was due. */
void expect_message(const stress_t *stress, uint32_t before, bool due);

/* With the default heap, its own functions, and now and then those for any heap. */
#ifdef USE_SINGLE_HEAP_MEMORY
#define IF_DEFAULT(stress, call) if (!one_in(stress, 4)) call
#else
#define IF_DEFAULT(stress, call)
#endif

/* A random number below `limit`, which is not 0. */
uint32_t below(stress_t *stress, uint32_t limit);
bool one_in(stress_t *stress, uint32_t chances);

/* Blocks are found through variables that need not be aligned: one inside a block of a packed heap isn't. */
void *read_variable(void *const *variable);
void write_variable(void **variable, void *content);

/* ---- compare.c: the heap against the model ------------------------------------------------------------------------- */

/* Statistics, table, contents and dalloc_heap_check. After each operation, on heaps of up to 64 blocks, 128 entries, 16 KiB;
 * on larger ones the more rarely the larger they are; or `now`. */
void compare(stress_t *stress, bool now);
/* The variables outside the heap. */
void compare_outside(const stress_t *stress);
/* Fails unless `size` bytes are zero. */
void expect_zeros(const stress_t *stress, const char *what, uint32_t index, const uint8_t *bytes, uint32_t size);
/* Writes the block's token into its bytes from `start` to `end`. */
void write_token(const stress_t *stress, const model_block_t *block, uint32_t start, uint32_t end);

/* ---- operations.c: what programs do -------------------------------------------------------------------------------- */

void operate(stress_t *stress);
/* A variable that owns nothing, most often outside the heap. */
model_variable_t *free_variable(stress_t *stress);
model_block_t *any_block(stress_t *stress);
/* One whose owner points to it; NULL when chance finds none. */
model_block_t *owned_block(stress_t *stress);

/* ---- pins.c: blocks that must not move ------------------------------------------------------------------------------ */

/* Pins a block or unpins one, towards as many as the phase wants. */
void change_pins(stress_t *stress);

/* ---- lifetime.c: a heap's beginning and end ------------------------------------------------------------------------- */

void start_heap(stress_t *stress);
/* Ends it and starts another, or only empties it. */
void renew_heap(stress_t *stress);

/* ---- inspection.c: what programs can see ---------------------------------------------------------------------------- */

void validate(stress_t *stress, const model_block_t *block);
void inspect(stress_t *stress);

/* ---- misuse.c: what they should not do ----------------------------------------------------------------------------- */

void create_misused_heaps(stress_t *stress);
void misuse(stress_t *stress);

/* ---- corruption.c: what dalloc_heap_check must find ---------------------------------------------------------------- */

void corrupt(stress_t *stress);

#endif
