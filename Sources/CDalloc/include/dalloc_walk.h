/*
 * dalloc_walk.h - lists the blocks of a heap.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DALLOC_WALK_H
#define DALLOC_WALK_H

#include "dalloc_types.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    uint32_t index;        /* in the table */
    uint32_t offset;       /* bytes from heap_t.mem to the block */
    uint32_t size;         /* bytes asked for */
    uint32_t padded_size;  /* bytes taken */
    uint32_t gap;          /* free bytes between the block before and this one; 0 with the eager policy */
    void *address;
    void **owner;          /* NULL: an orphan */
    const void *call_site; /* NULL without DALLOC_USE_CALL_SITES */
} dalloc_block_t;

DALLOC_ASSERT_LAYOUT(offsetof(dalloc_block_t, address) % sizeof(void *) == 0, offset_of_address);

/* Sees one block, inside the heap's lock; must not change the heap. False ends the walk. */
typedef bool (*dalloc_visitor_t)(void *context, const dalloc_block_t *block);

/* Shows each block to the visitor, in order of their addresses. Returns how many it has seen. */
uint32_t dalloc_heap_walk(heap_t *heap, dalloc_visitor_t visitor, void *context);

#ifdef __cplusplus
}
#endif

#endif
