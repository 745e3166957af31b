/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file dalloc_check.h
 * @brief Verifies a heap: for tests, and for the moment before a device writes its post-mortem.
 */
#ifndef DALLOC_CHECK_H
#define DALLOC_CHECK_H

#include "dalloc_types.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @brief Checks every invariant of a heap, in this order, and says in words which one is broken first.
 *
 * 1. The heap has memory: mem is aligned, and total_size has room for one unit of alignment.
 * 2. offset is within total_size, and allocations_num within the table.
 * 3. Each block has a size, starts aligned, not before the end of the one before it, and ends within offset; with the
 *    eager policy there are no gaps and no pinned blocks, with DALLOC_POLICY_PINNING gaps before pinned blocks only.
 * 4. offset is where the last block ends, gap_bytes is the sum of what is missing between the blocks, and pinned_blocks
 *    counts those with pins.
 * 5. No free_flag is set, and each owner points into its block or just after it. A program that overwrote an owner,
 *    or one whose owner is gone, broke this one.
 * 6. owners_inside is the number of owners that touch the heap's memory.
 * 7. Entries after the last one are cleared: zero but for their free_flag, which is set.
 * 8. Peaks are not below what is in use; with FILL_FREED_MEMORY_BY_NULLS, gaps and free memory are zero.
 *
 * It reads no table entry before 2 holds, and no variable before 3 and 4 do, so it may be called on a heap that
 * something has overwritten. It takes a look at each entry, and with FILL_FREED_MEMORY_BY_NULLS at each free byte.
 *
 * Context: any task, not an interrupt. The heap is locked throughout, so its mutex must be in order.
 *
 * @param heap        the heap; NULL, or one without memory, breaks 1
 * @param[out] index  the entry at fault, or UINT32_MAX when no entry is; may be NULL
 * @return a sentence, static, without a newline; NULL when all holds
 */
const char *dalloc_heap_check(heap_t *heap, uint32_t *index);

#ifdef __cplusplus
}
#endif

#endif /* DALLOC_CHECK_H */
