/*
 * dalloc_check.h - verifies a heap: for tests, and for the moment before a device writes its post-mortem.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DALLOC_CHECK_H
#define DALLOC_CHECK_H

#include "dalloc_types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Checks every invariant of a heap, in this order, and says in words which one is broken first; NULL when all hold:
 *
 *   1. The heap has memory: mem is aligned, and total_size has room for one unit of alignment.
 *   2. offset is within total_size, and allocations_num within the table.
 *   3. Each block has a size, starts aligned, where the one before it ends or behind, and ends within offset; with the eager
 *      policy there are no gaps.
 *   4. offset is where the last block ends, and gap_bytes what is missing between the blocks.
 *   5. No free_flag is set, and each owner points into its block or just after it. (A program that overwrote an owner broke this
 *      one, or one whose owner is gone.)
 *   6. owners_inside is the number of owners that touch the heap's memory.
 *   7. Entries after the last one are cleared: zero but for their free_flag, which is set.
 *   8. Peaks are not below what is in use; with FILL_FREED_MEMORY_BY_NULLS, gaps and free memory are zero.
 *
 * `*index` (may be NULL) is set to the entry at fault, or to UINT32_MAX when it is not about one. Reads no table entry before
 * 2 holds, and no variable before 3 and 4 do, so it may be called on a heap that something has overwritten. */
const char *dalloc_heap_check(heap_t *heap, uint32_t *index);

#ifdef __cplusplus
}
#endif

#endif
