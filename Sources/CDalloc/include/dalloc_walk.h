/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file dalloc_walk.h
 * @brief Lists the blocks of a heap.
 */
#ifndef DALLOC_WALK_H
#define DALLOC_WALK_H

#include "dalloc_types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What is known of a block. */
typedef struct {
    uint32_t index;        /**< its entry in the table, from 0 */
    uint32_t offset;       /**< bytes from heap_t.mem to the block */
    uint32_t size;         /**< bytes asked for */
    uint32_t padded_size;  /**< bytes taken */
    uint32_t gap;          /**< free bytes between the block before and this one; 0 with the eager policy */
    void *address;         /**< where it starts; good until the heap is unlocked */
    void **owner;          /**< the pointer variable that owns it; NULL: an orphan */
    const void *call_site; /**< where the call that allocated it returns to; NULL without DALLOC_USE_CALL_SITES */
    bool is_pinned;        /**< it does not move: see dalloc_pin.h */
} dalloc_block_t;

/** @cond INTERNAL */
DALLOC_ASSERT_LAYOUT(offsetof(dalloc_block_t, address) % sizeof(void *) == 0, offset_of_address);
/** @endcond */

/**
 * @brief Sees one block.
 *
 * Context: the task that called dalloc_heap_walk, inside the heap's lock. It must not change the heap.
 *
 * @param context  as given to dalloc_heap_walk
 * @param block    the block; valid until the visitor returns
 * @return true to go on, false to end the walk
 */
typedef bool (*dalloc_visitor_t)(void *context, const dalloc_block_t *block);

/**
 * @brief Shows each block to a visitor, in the order of their addresses.
 *
 * Context: any task, not an interrupt. The heap is locked throughout.
 *
 * @param heap     the heap; without memory nothing is shown, which is reported through dalloc_debug
 * @param visitor  called once a block; NULL is reported likewise
 * @param context  given to the visitor; may be NULL
 * @return how many blocks the visitor has seen
 */
uint32_t dalloc_heap_walk(heap_t *heap, dalloc_visitor_t visitor, void *context);

#ifdef __cplusplus
}
#endif

#endif /* DALLOC_WALK_H */
