/* SPDX-License-Identifier: Apache-2.0 */
/*
 * watch_double.h - dalloc_watch.h without an agent: it keeps the table that a collector would have, and counts what contradicts it.
 */
#ifndef WATCH_DOUBLE_H
#define WATCH_DOUBLE_H

#include "dalloc_watch.h"

#define WATCH_DOUBLE_BLOCKS 8192

typedef struct {
    const void *address;
    uint32_t size;
    const void *call_site;
} watch_double_block_t;

typedef struct {
    dalloc_watch_config_t config;
    watch_double_block_t blocks[WATCH_DOUBLE_BLOCKS]; /* in the order of their addresses */
    uint32_t count;
    uint32_t allocations;
    uint32_t frees;
    uint32_t resizes;
    uint32_t failures;
    uint32_t last_failed_size;
    dalloc_watch_why_t last_why;
    uint32_t contradictions; /* calls that no table could follow */
    uint32_t unlocked;       /* resizes without the lock that config has */
    uint32_t depth;          /* of that lock, as far as dalloc_watch_lock was called */
    bool (*is_locked)(void); /* NULL: as `depth` says */
} watch_double_t;

extern watch_double_t watch_double;

/* The watch is one that was never started again. */
void watch_double_end(void);

/* Whether the walker finds exactly the blocks of the table, and sizes as they were told. Says on standard error what is wrong. */
bool watch_double_equals_walk(void);

#endif
