/*
 * workload.h - the operations that all figures of the benchmark are taken from: a firmware that receives, parses and answers,
 * on one heap.
 *
 *   heap     64 KB, a table of 100 entries, about 60 blocks live
 *   sizes    8 to 1024 bytes, skewed small: each power of two is as likely as the next; half of them are below 91
 *   frees    60 of 100 are of one of the four youngest blocks, the others of any block
 *   resizes  one operation in 20: a block of any age gets a new size
 *   owners   pointer variables in a static array of 100; an allocation goes to any of those that are free
 *   time     1 ms between two operations on average, with an exponential distribution; the clock counts milliseconds
 *
 * The same seed gives the same operations on every machine.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WORKLOAD_H
#define WORKLOAD_H

#include "dalloc.h"

enum { WORKLOAD_HEAP_BYTES = 64 * 1024, WORKLOAD_OWNERS = 100 };

typedef enum { WORKLOAD_ALLOC, WORKLOAD_FREE, WORKLOAD_RESIZE, WORKLOAD_KINDS } workload_kind_t;

/* What a step did. */
typedef struct {
    uint64_t microseconds; /* when */
    workload_kind_t kind;
    uint32_t depth;        /* free, resize: entries after the block's, before the operation */
    uint32_t size;         /* alloc, resize: bytes asked for */
    uint32_t owner;        /* the block's pointer variable: its place in the array */
    uint32_t offset;       /* from the heap's base to the block */
} workload_operation_t;

extern heap_t workload_heap;

/* An empty heap, and the operations from the first on. */
void workload_start(void);

/* When the next operation is due, in microseconds. */
uint64_t workload_due(void);

/* The next operation. Ends the program if the heap refuses it. */
workload_operation_t workload_step(void);

/* Allocates until the table has `blocks` entries. */
void workload_fill(uint32_t blocks);

#endif
