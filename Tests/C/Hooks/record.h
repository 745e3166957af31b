/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record.h - an agent that records into a file, and a second file with what the program really holds, as preload_truth.c writes it: both
 * are compared by WatchedReplay.
 */
#ifndef HOOKS_RECORD_H
#define HOOKS_RECORD_H

#include "dalloc_watch.h"

typedef struct {
    const void *address;
    uint32_t size;
} record_block_t;

/* Starts the agent, with lists of all blocks every few polls. */
dalloc_agent_t *record_begin(const char *recording, const char *truth);

/* Gathers and writes, now and then. */
void record_poll(void);

/* Cuts a frame, and writes down what the program holds. Blocks may come in any order; those with an address of NULL are none. */
void record_moment(record_block_t *blocks, uint32_t count);

void record_end(void);

#endif
