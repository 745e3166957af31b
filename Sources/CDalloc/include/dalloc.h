/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file dalloc.h
 * @brief A compacting allocator for embedded systems, drop-in compatible with dalloc 1.5.
 *
 * A heap is a piece of memory that you give, and a table of the blocks in it. Freeing a block closes the gap it
 * leaves: the blocks after it move down, and the pointer variables that own them are shifted by the same distance.
 * The heap never fragments. In return, a block is reached through its one owner, and copies of the pointer are good
 * only until the next free or resize.
 *
 * @code{.c}
 * #include "dalloc.h"
 *
 * static uint8_t memory[4096] __attribute__((aligned(8)));
 * static heap_t heap;
 * static void *message; // the owner: it must stay where it is
 *
 * int main(void) {
 *     heap_init(&heap, memory, sizeof memory);
 *     dalloc(&heap, 64, &message);
 *     if (message == NULL) return 1;                 // no room
 *     if (!drealloc(&heap, 128, &message)) return 1; // else the first 64 bytes are kept
 *     dfree(&heap, &message, USING_PTR_ADDRESS);     // message is NULL again
 *     heap_deinit(&heap);
 *     return 0;
 * }
 * @endcode
 *
 * Build it with `make c-library OUTPUT=folder`, which leaves libdalloc.a and these headers; dalloc_conf.h has the
 * options. dalloc_check.h verifies a heap, dalloc_walk.h lists its blocks. docs/dalloc-1.5.md lists all that differs
 * from dalloc 1.5, with the reasons.
 *
 * **Owners.** The owner must stay where it is for as long as it owns the block: a global, a struct field, or a place
 * in another block of the same heap; owners inside the heap move with their block. Hand a block to another variable
 * with replace_pointers. A program may advance an owner in its block, or to just after it, as in `while (*line++ !=
 * '=')`. When the block moves, the owner goes on pointing to the same byte; dfree and drealloc still know its block.
 * An owner that holds anything else when its block moves was overwritten, or is gone and its memory serves something
 * else: it is left as it is. It still owns its block. A call that names it by its address is reported, and goes on
 * with that block.
 *
 * **Misuse.** NULL, a pointer that the heap does not know, a heap that was never initialised (zeroed memory): none of
 * them changes anything. Each is reported through dalloc_debug, unless the result of the call says it already.
 * Reports come when a call has done its work and unlocked the heap, so a dalloc_debug of yours may call the heap
 * itself. An observer, and a visitor of dalloc_heap_walk, must not.
 *
 * **Tasks and interrupts.** With USE_THREAD_SAFETY every function but heap_init and heap_deinit may be called from
 * any task; without it, calls on one heap must not overlap. Hold heap_lock around using a block's bytes, and around a
 * call whose variable stands in a block of the heap: both may be moved by other tasks. No function may be called from
 * an interrupt, because a mutex can't be waited for there, and because a free may move the whole heap.
 *
 * **Time.** dalloc takes the same time whatever the heap holds. A block is found by a binary search; a variable that
 * owns none, or was overwritten, costs a look at each entry, and so does replace_pointers. A free moves the bytes
 * after the block and updates one variable for each block moved; with owners inside the heap it looks at each entry
 * once more. `make bench-firmware` and `make bench-allocator` count instructions.
 *
 * **Stack.** At most 168 bytes on a Cortex-M4, whether an agent records the heap or not (`make bench-firmware`),
 * without what your dalloc_debug, observer and mutex need.
 */
#ifndef DALLOC_H
#define DALLOC_H

#include "dalloc_types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @name Heaps */
/** @{ */

#if defined(DALLOC_LIBRARY_BUILD) || defined(DALLOC_DOXYGEN) || defined(__swift__)
/**
 * @brief Makes a heap, zeroes its memory, and resets every statistic.
 *
 * All of `*heap` is overwritten, whatever it was, so choose a policy, set an observer or attach a recorder
 * afterwards. Owners of a heap that was there are not touched. End a heap that has a mutex before you make it anew.
 * What is refused leaves a heap without memory, and is reported through dalloc_debug; heap_t.mem is NULL then.
 *
 * Context: no other task may use the heap yet.
 *
 * @param heap  the heap; must stay where it is until heap_deinit
 * @param mem   its memory, aligned to ALLOCATION_ALIGNMENT_BYTES; it is the heap's until heap_deinit
 * @param size  bytes of `mem`: ALLOCATION_ALIGNMENT_BYTES at least
 */
void heap_init(heap_t *heap, void *mem, uint32_t size);
#else
static inline void heap_init(heap_t *heap, void *mem, uint32_t size);
#endif

/**
 * @brief Makes a heap, as heap_init, with a table of yours.
 *
 * So heaps of one program can have tables of different sizes, wherever you want them. The table in alloc_info is not
 * used; a MAX_NUM_OF_ALLOCATIONS of 1 saves its memory.
 *
 * Context: no other task may use the heap yet.
 *
 * @param heap     the heap; must stay where it is until heap_deinit
 * @param mem      its memory, aligned to ALLOCATION_ALIGNMENT_BYTES; it is the heap's until heap_deinit
 * @param size     bytes of `mem`: ALLOCATION_ALIGNMENT_BYTES at least
 * @param table    its table, which need not be initialised; it is the heap's until heap_deinit
 * @param entries  entries of `table`: the most blocks at a time, 1 to 65535
 */
void dalloc_heap_init_with_table(heap_t *heap, void *mem, uint32_t size, ptr_info_t *table, uint32_t entries);

/**
 * @brief Ends a heap: forgets every block, tells the observer, deletes the mutex, and clears `*heap`.
 *
 * Only max_memory_amount and max_allocations_amount stay. The owners are not touched, as some may be gone by then:
 * they, and all copies, are now invalid. `mem` keeps its bytes and is yours again. heap_init makes the heap usable
 * again.
 *
 * Context: no other task may use the heap any more.
 *
 * @param heap  the heap; NULL, and one without memory, are no mistake
 */
void heap_deinit(heap_t *heap);

/**
 * @brief Allocates a block and makes a variable its owner.
 *
 * The variable is not read, so it need not be initialised. One that owns a block already goes on owning that one,
 * too: mostly a leak. dfree and drealloc then take the block that it points to, and the newest one when it points to
 * none.
 *
 * Context: any task, not an interrupt.
 *
 * @param heap      the heap
 * @param size      bytes, from 1
 * @param[out] ptr  the owner. It is set to the block, or to NULL when size is 0, there is no room, or the table is
 *                  full. It must stay where it is until the block is freed
 */
void dalloc(heap_t *heap, uint32_t size, void **ptr);

/**
 * @brief Frees a block, sets its owner to NULL, and moves the blocks after it down.
 *
 * By its value, an owner that no longer points to the block is left as it is: it may be gone. Blocks whose owner
 * stood inside the freed block become orphans, which is reported: they stay in the heap, nothing is written through
 * their lost owner, and USING_PTR_VALUE still frees them.
 *
 * Context: any task, not an interrupt.
 *
 * @param heap       the heap
 * @param ptr        the owner; with USING_PTR_VALUE any variable that holds the block's address
 * @param condition  how `ptr` names the block
 */
void dfree(heap_t *heap, void **ptr, validate_ptr_condition_t condition);

/**
 * @brief Changes the size of a block, in place; the blocks after it move.
 *
 * Keeps min(old, new) bytes. Bytes gained are zero if FILL_FREED_MEMORY_BY_NULLS is true. Blocks whose owner stood in
 * bytes that were cut off become orphans.
 *
 * Context: any task, not an interrupt.
 *
 * @param heap  the heap
 * @param size  the new size in bytes, from 1
 * @param ptr   the owner; the block's start afterwards. That it was not before is reported
 * @return false when `ptr` owns no block, size is 0, or there is no room; then nothing has changed
 */
bool drealloc(heap_t *heap, uint32_t size, void **ptr);

/**
 * @brief Hands a block from its owner to another variable.
 *
 * Context: any task, not an interrupt.
 *
 * @param heap            the heap
 * @param ptr_to_replace  the owner; NULL afterwards
 * @param ptr_new         the new owner; points to the byte that the old one pointed to. Refused, with a message, when
 *                        it owns a block of this heap
 */
void replace_pointers(heap_t *heap, void **ptr_to_replace, void **ptr_new);

/**
 * @brief Tells whether a variable names a block of this heap.
 *
 * Context: any task, not an interrupt. Another task may change the answer, unless the caller holds heap_lock.
 *
 * @param heap            the heap
 * @param ptr             the variable; NULL names none
 * @param condition       how it names the block
 * @param[out] ptr_index  the block's entry in the table; not written when there is none; may be NULL
 * @return true when there is such a block
 */
bool validate_ptr(heap_t *heap, void **ptr, validate_ptr_condition_t condition, uint32_t *ptr_index);

/**
 * @brief Locks the heap, to use a block while other tasks allocate and free: nothing of theirs moves it until
 * heap_unlock.
 *
 * Calls nest. It does nothing without USE_THREAD_SAFETY, or on a heap that has no memory.
 *
 * Context: any task, not an interrupt. It waits for as long as another task holds the heap.
 *
 * @param heap  the heap
 */
void heap_lock(heap_t *heap);

/**
 * @brief Undoes one heap_lock.
 *
 * Context: the task that locked it.
 *
 * @param heap  the heap
 */
void heap_unlock(heap_t *heap);

/** @} */
/** @name Listings, through dalloc_debug */
/** @{ */

/**
 * @brief Prints usage, peaks and totals, a number to a line, with the labels of dalloc 1.5 first.
 *
 * Context: any task, not an interrupt. The heap is locked while it prints.
 *
 * @param heap  the heap; it may have ended
 */
void print_dalloc_info(heap_t *heap);

/**
 * @brief Prints all bytes of the heap's memory in hexadecimal, in one line.
 *
 * Context: any task, not an interrupt. The heap is locked while it prints.
 *
 * @param heap  the heap
 */
void dump_heap(heap_t *heap);

/**
 * @brief Prints the table, a block to a line: the owner's address, the byte that it points to, the size; then offset
 * and call site.
 *
 * Context: any task, not an interrupt. The heap is locked while it prints.
 *
 * @param heap  the heap
 */
void dump_dalloc_ptr_info(heap_t *heap);

/**
 * @brief Writes "used=%lu/%lu allocs=%lu peak_mem=%lu peak_allocs=%lu": bytes, bytes, live blocks, bytes, blocks.
 *
 * Context: any task, not an interrupt.
 *
 * @param heap      the heap
 * @param[out] buf  the text, cut off to `size` bytes with the final zero; an empty one when the result is -1
 * @param size      bytes of `buf`
 * @return the length that the whole text has, as snprintf; -1 when a pointer is NULL or size is 0
 */
int dalloc_heap_info_str(heap_t *heap, char *buf, uint32_t size);

/** @} */
/** @name Beyond dalloc 1.5: when gaps are closed, and who is told */
/** @{ */

/**
 * @brief Chooses when the gaps that freed blocks leave are closed.
 *
 * DALLOC_POLICY_EAGER, the default, closes each at once: a dfree takes as long as moving all that lies after the
 * block. DALLOC_POLICY_LAZY leaves gaps until a dalloc or drealloc would not fit otherwise; dfree then moves no
 * block. Such a call compacts in steps and unlocks the heap after each, so that other tasks never wait longer than
 * for one step. It fails only where the eager policy would, too, unless blocks are pinned. A drealloc for which the gap
 * after the block is too small still moves all that lies after it. Finding the first gap costs a look at the entries before it; with owners
 * inside the heap, each gap that is closed costs a look at each entry.
 *
 * With gaps, heap_t.offset is where the last block ends. What is in use is heap_t.offset - heap_t.gap_bytes, and the
 * statistics and info strings count that. Everything else keeps its meaning. DALLOC_POLICY_PINNING closes gaps as the
 * eager policy does, but those before pinned blocks: dalloc_pin.h. Back to DALLOC_POLICY_EAGER, all gaps are closed
 * first.
 *
 * Context: any task, not an interrupt; before an observer is set or an agent records the heap.
 *
 * @param heap        the heap
 * @param policy      the policy
 * @param step_bytes  lazy: the most bytes that a step moves, but one whole block at least; 0: no limit. Others: not
 *                    used
 * @return false, with a message, when the heap has no memory, has an observer already, or is to be eager and has
 *         pinned blocks
 */
bool dalloc_heap_set_policy(heap_t *heap, dalloc_policy_t policy, uint32_t step_bytes);

/**
 * @brief Moves blocks down into the gaps: for an idle task, so that allocations need not.
 *
 * Context: any task, not an interrupt. The heap is locked until `max_bytes` have moved.
 *
 * @param heap       the heap
 * @param max_bytes  the most bytes to move, but one whole block at least
 * @return the bytes that are still in gaps: 0 when the heap has none, or no memory. Gaps before pinned blocks stay, so
 *         with pins nothing is left to do when two calls return the same
 */
uint32_t dalloc_heap_compact(heap_t *heap, uint32_t max_bytes);

/**
 * @brief Sets who is told of each operation, or ends that.
 *
 * A heap has one observer. It is called inside the lock, where other tasks wait for it. One pointer costs each
 * operation a load and a branch when nobody observes; a list would cost a loop, more flash, and more RAM in each
 * heap_t. Give an observer that calls two functions where you need two. An agent that records the heap is its
 * observer: set none of yours then.
 *
 * Context: any task, not an interrupt.
 *
 * @param heap      the heap
 * @param observer  who is told; NULL ends it, for the `context` that it was set with. It stays until then, or until
 *                  heap_deinit or the next heap_init
 * @param context   given to the observer; it must live as long as that is set. May be NULL
 * @return false, with a message, when the heap has no memory, or an observer with another context
 */
bool dalloc_heap_set_observer(heap_t *heap, dalloc_observer_t observer, void *context);

/** @} */

/** @cond INTERNAL */

/* Compiled with the program: the library does not know how large its tables are. */
#if !defined(DALLOC_LIBRARY_BUILD) && !defined(__swift__)
static inline void heap_init(heap_t *heap, void *mem, uint32_t size) {
    dalloc_heap_init_with_table(heap, mem, size, heap != NULL ? heap->alloc_info.ptr_info_arr : NULL,
                                MAX_NUM_OF_ALLOCATIONS);
}
#endif

/** @endcond */

#ifdef __cplusplus
}
#endif

#include "dalloc_pin.h"

#ifdef USE_SINGLE_HEAP_MEMORY
#include "dalloc_default_heap.h"
#endif

#endif /* DALLOC_H */
