/*
 * floor.h - the least that a compacting allocator must do for an operation, written as a plain C loop: what the benchmark
 * holds the allocator against.
 *
 * A floor works on a heap_t like the allocator, and leaves the same bytes, pointer variables, entries in use,
 * allocations_num, offset and gap_bytes behind (operations.c verifies that). It includes
 *   - memmove of the blocks that must move, and memset of what is given back or gained, as FILL_FREED_MEMORY_BY_NULLS asks;
 *   - for each block that moves: its pointer variable, the offset in its entry, and its entry's new place after a free;
 *   - the pointer variable and the entry of the block itself, and the two or three counters that say where the heap ends.
 * It does not include
 *   - any check: of NULL, the heap, the pointer, room, the size, alignment; all sizes are multiples of the alignment;
 *   - finding the block: it is told the entry;
 *   - orphans, and owners that stand inside the heap: every entry has an owner, and none of them moves;
 *   - peaks, totals, the observer, the lock, clearing the entry after the last one, and choosing a policy.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FLOOR_H
#define FLOOR_H

#include "dalloc.h"

/* Does nothing, which is one instruction: that it is counted as such shows that nothing around a floor is. */
void floor_nothing(void);

/* Appends a block. */
void floor_alloc(heap_t *heap, uint32_t size, uint8_t **owner);

/* Removes block `index` and moves those after it down. */
void floor_free(heap_t *heap, uint32_t index);

/* Make block `index` larger or smaller by `by` bytes, and move those after it. */
void floor_grow(heap_t *heap, uint32_t index, uint32_t by);
void floor_shrink(heap_t *heap, uint32_t index, uint32_t by);

/* Removes block `index` and leaves a gap; the block is not the last one. */
void floor_free_lazily(heap_t *heap, uint32_t index);

/* Closes the only gap, which is before block `index`, and appends a block. */
void floor_compact_and_alloc(heap_t *heap, uint32_t index, uint32_t size, uint8_t **owner);

#endif
