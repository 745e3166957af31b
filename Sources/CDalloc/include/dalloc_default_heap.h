/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file dalloc_default_heap.h
 * @brief The default heap of a program that needs one only, with USE_SINGLE_HEAP_MEMORY. Included by dalloc.h.
 */
#ifndef DALLOC_DEFAULT_HEAP_H
#define DALLOC_DEFAULT_HEAP_H

#include "dalloc_types.h"

#ifdef USE_SINGLE_HEAP_MEMORY

#ifdef __cplusplus
extern "C" {
#endif

/** @name The default heap, with USE_SINGLE_HEAP_MEMORY */
/** @{ */

/**
 * @brief Makes the default heap, as heap_init.
 *
 * Its heap_t is a static variable of the file that calls this, so call it in one file.
 *
 * Context: no other task may use the default heap yet.
 *
 * @param buffer  its memory, aligned to ALLOCATION_ALIGNMENT_BYTES; it is the heap's until dalloc_unregister_heap
 * @param size    bytes of `buffer`
 * @return false, with a message, when there is a default heap already, or the buffer is refused
 */
static inline bool dalloc_register_heap(void *buffer, uint32_t size);

/**
 * @brief The same, with a heap_t and a table of yours, as dalloc_heap_init_with_table.
 *
 * Context: no other task may use the default heap yet.
 *
 * @param heap     the default heap; must stay where it is until dalloc_unregister_heap
 * @param buffer   its memory, aligned to ALLOCATION_ALIGNMENT_BYTES; it is the heap's until dalloc_unregister_heap
 * @param size     bytes of `buffer`
 * @param table    its table; it is the heap's until dalloc_unregister_heap
 * @param entries  entries of `table`, 1 to 65535
 * @return false, with a message, when there is a default heap already, or heap, buffer or table is refused
 */
bool dalloc_register_heap_with_table(heap_t *heap, void *buffer, uint32_t size, ptr_info_t *table, uint32_t entries);

/**
 * @brief Ends the default heap, as heap_deinit: no owner is touched.
 *
 * Context: no other task may use the default heap any more.
 *
 * @param force  true: also when blocks are left in it
 * @return false, with a message, when there is no default heap, or it has blocks and `force` is false
 */
bool dalloc_unregister_heap(bool force);

/**
 * @brief Makes the default heap anew, as heap_init: forgets all blocks, zeroes the memory, and resets the statistics.
 *
 * The owners are not touched, as some may be gone by then: they are now invalid. Policy, mutex and observer stay.
 *
 * Context: any task, not an interrupt.
 */
void dalloc_reset_heap(void);

/**
 * @brief Whether there is a default heap: from dalloc_register_heap to dalloc_unregister_heap.
 *
 * Context: any.
 *
 * @return true when there is one
 */
bool dalloc_is_initialized(void);

/**
 * @brief The default heap, for all functions that take a heap.
 *
 * Context: any.
 *
 * @return the heap, which is the library's and static; NULL when there is none
 */
heap_t *dalloc_get_default_heap(void);

/** @brief As dalloc, in the default heap.
 * @param size      bytes, from 1
 * @param[out] ptr  the owner */
void def_dalloc(uint32_t size, void **ptr);

/** @brief As dfree, in the default heap, with USING_PTR_ADDRESS.
 * @param ptr  the owner */
void def_dfree(void **ptr);

/** @brief As drealloc, in the default heap.
 * @param size  the new size in bytes, from 1
 * @param ptr   the owner
 * @return false when it failed; then nothing has changed */
bool def_drealloc(uint32_t size, void **ptr);

/** @brief As replace_pointers, in the default heap.
 * @param ptr_to_replace  the owner
 * @param ptr_new         the new owner */
void def_replace_pointers(void **ptr_to_replace, void **ptr_new);

/** @brief As dalloc_pin, in the default heap.
 * @param ptr  the owner
 * @return false when it is not pinned once more */
bool def_pin(void **ptr);

/** @brief As dalloc_unpin, in the default heap.
 * @param ptr  the owner
 * @return false when it was not pinned */
bool def_unpin(void **ptr);

/** @brief As heap_lock, for the default heap. */
void def_heap_lock(void);

/** @brief As heap_unlock, for the default heap. */
void def_heap_unlock(void);

/** @brief As print_dalloc_info, for the default heap. */
void print_def_dalloc_info(void);

/** @brief As dump_heap, for the default heap. */
void dump_def_heap(void);

/** @brief As dump_dalloc_ptr_info, for the default heap. */
void dump_def_dalloc_ptr_info(void);

/** @brief As dalloc_heap_info_str, for the default heap.
 * @param[out] buf  the text
 * @param size      bytes of `buf`
 * @return the length that the whole text has; -1 when there is no default heap, `buf` is NULL or size is 0 */
int def_dalloc_heap_info_str(char *buf, uint32_t size);

/** @} */

/** @cond INTERNAL */

/* Compiled with the program, as heap_init is. */
static inline bool dalloc_register_heap(void *buffer, uint32_t size) {
    static heap_t heap;
    return dalloc_register_heap_with_table(&heap, buffer, size, heap.alloc_info.ptr_info_arr, MAX_NUM_OF_ALLOCATIONS);
}

/** @endcond */

#ifdef __cplusplus
}
#endif

#endif

#endif /* DALLOC_DEFAULT_HEAP_H */
