/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dalloc.h - a compacting allocator for embedded systems, drop-in compatible with dalloc 1.5.
 *
 * A heap is a piece of memory that you give, and a table of the blocks in it. Freeing a block closes the gap
 * it leaves: the blocks behind it move down, and the pointer variables that own them are shifted by the same
 * distance. The heap therefore never fragments; in return, a block is reached through its one owner,
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
 * replace_pointers. dalloc sets the variable it is given and never reads it, so it need not be initialised.
 *
 * A program may advance an owner in its block, or to just after it, as in `while (*line++ != '=')`. When the block moves, the owner
 * goes on pointing to the same byte; dfree, and drealloc, which sets it to the block's start again, still know its block.
 * An owner that holds anything else when its block moves - it was overwritten, or is gone, and its memory serves something else - is
 * left as it is. It still owns its block: a call that names it by its address is reported, and goes on with that block.
 *
 * Misuse - NULL, a pointer that the heap doesn't know, a heap that was never initialised (zeroed memory) - changes nothing. It is
 * reported through dalloc_debug, unless the result of the call says it already. Reports come when a call has done its work and
 * unlocked the heap, so a dalloc_debug of yours may call the heap itself. An observer, and a visitor of dalloc_heap_walk, must not.
 *
 * docs/dalloc-1.5.md lists all that differs from dalloc 1.5, with the reasons.
 *
 * With USE_THREAD_SAFETY every function but heap_init and heap_deinit may be called from any thread; without it, calls on one heap
 * must not overlap. Hold heap_lock around using a block's bytes, and around a call whose variable stands in a block of the heap:
 * both may be moved by other threads.
 *
 * What takes how long: dalloc takes the same time whatever the heap holds. A block is found by a binary search; a variable that owns
 * none, or was overwritten, costs a look at each entry, and so does replace_pointers. A free moves the bytes behind the block and
 * updates one variable for each block moved; with owners inside the heap it looks at each entry once more.
 *
 * dalloc_check.h verifies a heap, dalloc_walk.h lists its blocks.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DALLOC_H
#define DALLOC_H

#include "dalloc_types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Heaps ------------------------------------------------------------------------------------------------------ */

/* Makes a heap of `size` bytes at `mem`, zeroes them, and resets every statistic. All of `*heap` is overwritten, whatever it
 * was (owners of a heap that was there are not touched), so the policy is set, an observer set, or a recorder attached, afterwards; end a heap with a mutex before you make it
 * anew. `mem` must be aligned to ALLOCATION_ALIGNMENT_BYTES and have at least that many bytes; otherwise the heap is left
 * without memory and every call is refused with a message. */
void heap_init(heap_t *heap, void *mem, uint32_t size);

/* Ends a heap: forgets every block, tells the observer, deletes the mutex, and clears `*heap` but for max_memory_amount and
 * max_allocations_amount. The owners are not touched, as some may be gone by then: they, and all copies, are now invalid. `mem`
 * keeps its bytes. heap_init makes the heap usable again. No other thread may use it any more. Nothing to end is no mistake. */
void heap_deinit(heap_t *heap);

/* Allocates `size` bytes and makes `*ptr` their owner. `*ptr` is NULL when size is 0, or there is no room, or
 * the table is full. A variable that owns a block already goes on owning that one, too: a leak, mostly. dfree and drealloc take
 * the block that `*ptr` points to, and the newest one when it points to none. */
void dalloc(heap_t *heap, uint32_t size, void **ptr);

/* Frees the block that `ptr` names by its variable (USING_PTR_ADDRESS) or by its value (USING_PTR_VALUE: a copy of the
 * pointer will do), sets its owner to NULL and moves the blocks behind it down. (By its value, an owner that no longer points to the
 * block is left as it is: it may be gone.) Blocks whose owner stood inside the freed block become orphans, which is reported:
 * they stay in the heap, nothing is written through their lost owner, and USING_PTR_VALUE still frees them. */
void dfree(heap_t *heap, void **ptr, validate_ptr_condition_t condition);

/* Changes the size of the block that `*ptr` owns, in place; the blocks behind it move. Keeps
 * min(old, new) bytes; bytes gained are zero if FILL_FREED_MEMORY_BY_NULLS is true. `*ptr` is the block's start afterwards; that it
 * was not before is reported. Blocks whose owner stood in bytes that were cut off become orphans. On failure, size 0 included,
 * returns false and nothing has changed. */
bool drealloc(heap_t *heap, uint32_t size, void **ptr);

/* Hands the block that `*ptr_to_replace` owns to `*ptr_new`, which points to the same byte afterwards, and sets `*ptr_to_replace` to
 * NULL. Refused, with a message, when `*ptr_new` owns another block of this heap. */
void replace_pointers(heap_t *heap, void **ptr_to_replace, void **ptr_new);

/* Tells whether `ptr` names a block of this heap, and sets `*ptr_index` (may be NULL) to its entry. */
bool validate_ptr(heap_t *heap, void **ptr, validate_ptr_condition_t condition, uint32_t *ptr_index);

/* Hold the heap's mutex, to use a block while other threads allocate and free: nothing moves until heap_unlock. They nest.
 * No-ops without USE_THREAD_SAFETY, and on a heap that has no memory. */
void heap_lock(heap_t *heap);
void heap_unlock(heap_t *heap);

/* ---- Looking inside ----------------------------------------------------------------------------------------------- */

/* Prints usage, peaks and totals, a number to a line, with the labels of dalloc 1.5 first. Also of a heap that has ended. */
void print_dalloc_info(heap_t *heap);

/* Prints all bytes of the heap's memory in hexadecimal, in one line. */
void dump_heap(heap_t *heap);

/* Prints the table, a block to a line: the owner's address, the byte that it points to, the size; then offset and call site. */
void dump_dalloc_ptr_info(heap_t *heap);

/* Writes "used=%lu/%lu allocs=%lu peak_mem=%lu peak_allocs=%lu" (bytes, bytes, blocks, bytes, blocks), cut off to `size` bytes with the
 * final zero. Returns the length that the whole text has, as snprintf. When a pointer is NULL or size is 0 it returns -1, and `buf`
 * holds an empty text, if there is one. */
int dalloc_heap_info_str(heap_t *heap, char *buf, uint32_t size);

/* ---- Beyond dalloc 1.5: when gaps are closed ------------------------------------------------------------------------- */

/* Chooses when the gaps that freed blocks leave are closed. DALLOC_POLICY_EAGER, the default, closes each at once: a dfree takes as long as
 * moving all that lies behind the block. DALLOC_POLICY_LAZY leaves gaps until a dalloc or drealloc would not fit otherwise; dfree then moves
 * no block. Such a call compacts in steps of at most `step_bytes` bytes, but one whole block at least (0: no limit), and unlocks the heap
 * after each, so that other threads never wait longer than for one step. It fails only where the eager policy would, too. A drealloc
 * for which the gap behind the block is too small still moves all that lies behind. Finding the first gap costs a look at the entries
 * before it; with owners inside the heap, each gap that is closed costs a look at each entry.
 *
 * With gaps, heap_t.offset is where the last block ends. What is in use is heap_t.offset - heap_t.gap_bytes, and the
 * statistics and info strings count that. Everything else keeps its meaning.
 *
 * Back to DALLOC_POLICY_EAGER, all gaps are closed first. False when the heap has no memory, or has an observer already. */
bool dalloc_heap_set_policy(heap_t *heap, dalloc_policy_t policy, uint32_t step_bytes);

/* Lets `observer` see each operation of the heap; NULL ends it. One observer at a time: false, with a message, when the heap has another,
 * which is one with another `context`. */
bool dalloc_heap_set_observer(heap_t *heap, dalloc_observer_t observer, void *context);

/* Moves at most `max_bytes` bytes of blocks down into the gaps, but one whole block at least: for an idle task, so that allocations
 * need not. Returns the bytes that are still in gaps: 0 when there is nothing left to do. */
uint32_t dalloc_heap_compact(heap_t *heap, uint32_t max_bytes);

/* ---- The default heap ------------------------------------------------------------------------------------------------ */

#ifdef USE_SINGLE_HEAP_MEMORY

/* Makes the default heap, as heap_init. False when there is one already, or the buffer is refused. */
bool dalloc_register_heap(void *buffer, uint32_t size);

/* Ends the default heap, as heap_deinit: no owner is touched. False when there is none; or when blocks are left in it and `force` is
 * false. */
bool dalloc_unregister_heap(bool force);

/* Makes the default heap anew, as heap_init: forgets all blocks, zeroes the memory, and resets the statistics. The owners are not
 * touched, as some may be gone by then: they are now invalid. Policy, mutex and observer stay. */
void dalloc_reset_heap(void);

/* True between dalloc_register_heap and dalloc_unregister_heap. */
bool dalloc_is_initialized(void);

/* The default heap; NULL when there is none. */
heap_t *dalloc_get_default_heap(void);

/* The functions above, for the default heap. def_dfree takes the address of the owner. */
void def_dalloc(uint32_t size, void **ptr);
void def_dfree(void **ptr);
bool def_drealloc(uint32_t size, void **ptr);
void def_replace_pointers(void **ptr_to_replace, void **ptr_new);
void def_heap_lock(void);
void def_heap_unlock(void);
void print_def_dalloc_info(void);
void dump_def_heap(void);
void dump_def_dalloc_ptr_info(void);
int def_dalloc_heap_info_str(char *buf, uint32_t size);

#endif

#ifdef __cplusplus
}
#endif

#endif
