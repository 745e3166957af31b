/*
 * dalloc.h - a compacting allocator for embedded systems, drop-in compatible with dalloc 1.5.
 *
 * A heap is a piece of memory that you give, and a table of the blocks in it. Freeing a block closes the gap
 * it leaves: the blocks behind it move down, and the pointer variables that own them are set to the new
 * addresses. The heap therefore never fragments; in return, a block is reached through its one owner,
 * and copies of the pointer are good only until the next free or resize.
 *
 *     static uint8_t memory[4096] __attribute__((aligned(8)));
 *     static heap_t heap;
 *     uint8_t *message = NULL;
 *
 *     heap_init(&heap, memory, sizeof memory);
 *     dalloc(&heap, 64, (void **)&message);          // message is NULL when there is no room
 *     drealloc(&heap, 128, (void **)&message);       // keeps the first 64 bytes
 *     dfree(&heap, (void **)&message, USING_PTR_ADDRESS);   // message is NULL again
 *
 * The owner must stay where it is for as long as it owns the block: a global, a struct field, or another block of
 * the same heap (owners inside the heap move with their block). Hand a block to another variable with
 * replace_pointers. Misuse is reported through dalloc_debug and changes nothing.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DALLOC_H
#define DALLOC_H

#include "dalloc_types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Makes a heap of `size` bytes at `mem`, zeroes them, and resets every statistic. All of `*heap` is overwritten, whatever it
 * was, so an observer must be set, or a recorder attached, afterwards. `mem` must be aligned to
 * ALLOCATION_ALIGNMENT_BYTES and have at least that many bytes; otherwise the heap is left without memory and every call is
 * refused with a message. */
void heap_init(heap_t *heap, void *mem, uint32_t size);

/* Ends a heap: sets every owner to NULL, tells the observer, and zeroes `*heap`. heap_init makes it usable again. */
void heap_deinit(heap_t *heap);

/* Allocates `size` bytes and makes `*ptr` their owner. `*ptr` is NULL when size is 0, or there is no room, or
 * the table is full. A block that `*ptr` still owns is first made an orphan, and reported: also when the allocation then fails,
 * because `*ptr` can't be NULL and an owner at once. (Only a variable that still holds the block's address is recognised
 * as its owner. One that was overwritten goes on owning, and the next move of that block sets it.) */
void dalloc(heap_t *heap, uint32_t size, void **ptr);

/* Frees the block that `ptr` names by its variable (USING_PTR_ADDRESS) or by its value (USING_PTR_VALUE), sets its owner to
 * NULL and moves the blocks behind it down. Blocks whose owner stood inside the freed block become orphans: they stay in the
 * heap, nothing is written through their lost owner, and USING_PTR_VALUE still frees them. */
void dfree(heap_t *heap, void **ptr, validate_ptr_condition_t condition);

/* Changes the size of the block that `*ptr` owns, in place; the blocks behind it move. Keeps
 * min(old, new) bytes; bytes gained are zero if FILL_FREED_MEMORY_BY_NULLS is true. Blocks whose owner stood in bytes that
 * were cut off become orphans. On failure, size 0 included, returns false and nothing has changed. */
bool drealloc(heap_t *heap, uint32_t size, void **ptr);

/* Hands the block that `*ptr_to_replace` owns to `*ptr_new`, and sets `*ptr_to_replace` to NULL. Refused
 * when `*ptr_new` owns a block of this heap already. */
void replace_pointers(heap_t *heap, void **ptr_to_replace, void **ptr_new);

/* Tells whether `ptr` names a block of this heap, and sets `*ptr_index` (may be NULL) to its entry. */
bool validate_ptr(heap_t *heap, void **ptr, validate_ptr_condition_t condition, uint32_t *ptr_index);

#ifdef __cplusplus
}
#endif

#endif
