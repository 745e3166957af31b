/*
 * dalloc_port.h - how the Swift engine reaches what only C can say: the table behind a fixed array, the
 * configuration's macros, and a printf-like function. Not part of the public API.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DALLOC_PORT_H
#define DALLOC_PORT_H

#include <stddef.h>

#include "dalloc.h"
#include "dalloc_check.h"
#include "dalloc_walk.h"

/* Forced: with other target attributes than Swift's, compilers would not inline by themselves. */
#define DALLOC_PORT_INLINE static inline __attribute__((always_inline))

/* What a heap with memory always has. */
__attribute__((returns_nonnull)) DALLOC_PORT_INLINE ptr_info_t *dalloc_port_table(heap_t *heap) { return heap->table; }

/* The one in a heap_t, as a pointer: an imported C array is a tuple, and tuples end at 4096 elements. */
DALLOC_PORT_INLINE ptr_info_t *dalloc_port_own_table(heap_t *heap) { return heap->alloc_info.ptr_info_arr; }

/* Of heaps that the library, or a program that is compiled with it, makes with heap_init. */
DALLOC_PORT_INLINE uint32_t dalloc_port_own_entries(void) { return MAX_NUM_OF_ALLOCATIONS; }

DALLOC_PORT_INLINE uint32_t dalloc_port_alignment(void) { return DALLOC_ALIGNMENT; }

DALLOC_PORT_INLINE bool dalloc_port_fills_freed_memory(void) { return FILL_FREED_MEMORY_BY_NULLS; }

DALLOC_PORT_INLINE void dalloc_port_zero(void *memory, uint32_t size) { __builtin_memset(memory, 0, size); }

/* An entry that is not in use: all zero, but flagged as dalloc 1.5 has it. */
DALLOC_PORT_INLINE void dalloc_port_clear_entry(ptr_info_t *entry) {
    __builtin_memset(entry, 0, sizeof *entry);
    entry->free_flag = true;
}

/* The table and the statistics. Not the whole of alloc_info: a program's may be larger than the library's. */
void dalloc_port_clear_statistics(heap_t *heap);

/* A heap without memory, whatever it was, but for its table, which must be there. */
DALLOC_PORT_INLINE void dalloc_port_clear_heap(heap_t *heap, ptr_info_t *table, uint32_t entries) {
    __builtin_memset(heap, 0, offsetof(heap_t, alloc_info));
    heap->table = table;
    heap->table_entries = entries;
    dalloc_port_clear_statistics(heap);
}

/* Not NULL: an agent goes on looking at a heap that has ended. */
DALLOC_PORT_INLINE void dalloc_port_forget_table(heap_t *heap) {
    heap->table = heap->alloc_info.ptr_info_arr;
    heap->table_entries = 0;
}

/* All of an entry but its offset, as whole words: Swift copies field by field. The two are the same or apart. */
DALLOC_PORT_INLINE void dalloc_port_copy_entry(ptr_info_t *target, const ptr_info_t *source) {
#ifdef DALLOC_USE_CALL_SITES
    target->call_site = source->call_site;
#endif
    __builtin_memcpy(target, source, offsetof(ptr_info_t, offset));
}

/* The operations of heaps that can have gaps. They are called through pointers, so that firmware with eager heaps alone doesn't
 * contain them. Each runs inside the heap's lock. */
typedef struct dalloc_policy {
    /* As dfree, for a block whose variable, `owner`, is done with. */
    void (*free_block)(heap_t *heap, uint32_t index, const void *owner);
    /* Closes gaps for one step, so that block `index`, or a new one after the last, has room for `size` bytes in the end. False when
     * that can't be; then nothing moves. */
    bool (*make_room)(heap_t *heap, uint32_t index, uint32_t size, void ***variable);
    /* As drealloc, for a block and its owner. */
    dalloc_failure_t (*resize)(heap_t *heap, uint32_t index, uint32_t size, void **variable);
    /* Gaps are closed at once, as far as pinned blocks allow. */
    bool closes_gaps;
} dalloc_policy;

const dalloc_policy *dalloc_port_lazy_policy(void);
const dalloc_policy *dalloc_port_pinning_policy(void);
void dalloc_port_free_block(heap_t *heap, uint32_t index, const void *owner);
bool dalloc_port_make_room(heap_t *heap, uint32_t index, uint32_t size, void ***variable);
dalloc_failure_t dalloc_port_resize(heap_t *heap, uint32_t index, uint32_t size, void **variable);

/* Takes entry `index` out of a table of `count`. */
DALLOC_PORT_INLINE void dalloc_port_remove_entry(heap_t *heap, uint32_t index, uint32_t count) {
    ptr_info_t *entry = heap->table + index;
    __builtin_memmove(entry, entry + 1, (count - 1 - index) * sizeof *entry);
}

/* Between two offsets of a heap; source and target may overlap. */
DALLOC_PORT_INLINE void dalloc_port_move(heap_t *heap, uint32_t target, uint32_t source, uint32_t size) {
    __builtin_memmove(heap->mem + target, heap->mem + source, size);
}

/* Where the function that this is inlined into returns to; NULL without DALLOC_USE_CALL_SITES. */
__attribute__((always_inline)) DALLOC_PORT_INLINE const void *dalloc_port_call_site(void) {
#ifdef DALLOC_USE_CALL_SITES
    return __builtin_return_address(0);
#else
    return NULL;
#endif
}

DALLOC_PORT_INLINE bool dalloc_port_has_call_sites(void) {
#ifdef DALLOC_USE_CALL_SITES
    return true;
#else
    return false;
#endif
}

DALLOC_PORT_INLINE void dalloc_port_set_call_site(ptr_info_t *entry, const void *call_site) {
#ifdef DALLOC_USE_CALL_SITES
    entry->call_site = call_site;
#else
    (void)entry;
    (void)call_site;
#endif
}

DALLOC_PORT_INLINE const void *dalloc_port_get_call_site(const ptr_info_t *entry) {
#ifdef DALLOC_USE_CALL_SITES
    return entry->call_site;
#else
    (void)entry;
    return NULL;
#endif
}

/* Where the call under way returns to: one that may fail. */
DALLOC_PORT_INLINE void dalloc_port_set_caller(heap_t *heap, const void *caller) {
#ifdef DALLOC_USE_CALL_SITES
    heap->caller = caller;
#else
    (void)heap;
    (void)caller;
#endif
}

DALLOC_PORT_INLINE const void *dalloc_port_get_caller(const heap_t *heap) {
#ifdef DALLOC_USE_CALL_SITES
    return heap->caller;
#else
    (void)heap;
    return NULL;
#endif
}

/* The mutex of a heap. What the macros call may be anything, so only C files call it. */
#ifdef USE_THREAD_SAFETY
bool dalloc_port_create_mutex(heap_t *heap);
void dalloc_port_delete_mutex(heap_t *heap);
void dalloc_port_lock(heap_t *heap);
void dalloc_port_unlock(heap_t *heap);
DALLOC_PORT_INLINE void dalloc_port_lock_any(heap_t *heap) { heap_lock(heap); }
DALLOC_PORT_INLINE void dalloc_port_unlock_any(heap_t *heap) { heap_unlock(heap); }
#else
DALLOC_PORT_INLINE bool dalloc_port_create_mutex(heap_t *heap) {
    (void)heap;
    return true;
}
DALLOC_PORT_INLINE void dalloc_port_delete_mutex(heap_t *heap) { (void)heap; }
DALLOC_PORT_INLINE void dalloc_port_lock(heap_t *heap) { (void)heap; }
DALLOC_PORT_INLINE void dalloc_port_unlock(heap_t *heap) { (void)heap; }
/* Of heaps that may have ended; unlike heap_lock they cost nothing where there are no mutexes. */
DALLOC_PORT_INLINE void dalloc_port_lock_any(heap_t *heap) { (void)heap; }
DALLOC_PORT_INLINE void dalloc_port_unlock_any(heap_t *heap) { (void)heap; }
#endif

/* What the print and dump functions send to dalloc_debug, in parts. */
void dalloc_port_print_usage(const heap_t *heap);
void dalloc_port_print_table_begin(void);
void dalloc_port_print_block(const dalloc_block_t *block, uint8_t first_byte);
void dalloc_port_print_end(void);
/* Sixteen at most. */
void dalloc_port_print_bytes(const uint8_t *bytes, uint32_t count);
void dalloc_port_print_bytes_end(void);

/* What dalloc_heap_info_str promises, through dalloc_snprintf where there is one. */
int dalloc_port_info(const heap_t *heap, char *buffer, uint32_t size);

#ifdef USE_SINGLE_HEAP_MEMORY
/* NULL before the first is registered. It may have ended. */
heap_t *dalloc_port_default_heap(void);
void dalloc_port_set_default_heap(heap_t *heap);
/* Says, at the 1st, 2nd, 4th ... time, that there is none. */
void dalloc_port_report_unregistered(const char *function);
/* How often it was reported. */
extern uint32_t dalloc_port_unregistered;
#endif

/* A number that no heap of this program had before, so that handles of one can't name blocks of another. */
uint32_t dalloc_port_next_generation(void);

/* Says what was refused or went wrong, in which function, with the number that matters. dalloc_port_report_in counts in the heap, which
 * must not be locked by the library, and says it with the heap's state at the 1st, 2nd, 4th ... time; each time when `heap` is NULL. */
#ifdef DALLOC_NO_MESSAGES
DALLOC_PORT_INLINE void dalloc_port_report(const char *function, const char *message, uint32_t number) {
    (void)function;
    (void)message;
    (void)number;
}
DALLOC_PORT_INLINE void dalloc_port_report_in(heap_t *heap, dalloc_report_t what, const char *function, uint32_t number) {
    (void)heap;
    (void)what;
    (void)function;
    (void)number;
}
#else
void dalloc_port_report(const char *function, const char *message, uint32_t number);
void dalloc_port_report_in(heap_t *heap, dalloc_report_t what, const char *function, uint32_t number);
#endif

/* Only where the library is compiled with DALLOC_REPORT_SINK: sends those messages to `sink`, from whatever thread they come,
 * and to dalloc_debug again when it is NULL. For tests, and for programs that own the terminal. */
typedef void (*dalloc_port_sink_t)(const char *function, const char *message, uint32_t number);
void dalloc_port_set_sink(dalloc_port_sink_t sink);

#endif
