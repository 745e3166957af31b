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

/* The table as a pointer: an imported C array is a tuple, and tuples end at 4096 elements. */
static inline ptr_info_t *dalloc_port_table(heap_t *heap) { return heap->alloc_info.ptr_info_arr; }

static inline uint32_t dalloc_port_table_size(void) { return MAX_NUM_OF_ALLOCATIONS; }

static inline uint32_t dalloc_port_alignment(void) { return DALLOC_ALIGNMENT; }

static inline bool dalloc_port_fills_freed_memory(void) { return FILL_FREED_MEMORY_BY_NULLS; }

static inline uint32_t dalloc_port_heap_size(void) { return (uint32_t)sizeof(heap_t); }

/* Everything in alloc_info: the table and the statistics. */
static inline void *dalloc_port_statistics(heap_t *heap) { return &heap->alloc_info; }

static inline uint32_t dalloc_port_statistics_size(void) { return (uint32_t)sizeof(alloc_info_t); }

static inline void dalloc_port_zero(void *memory, uint32_t size) { __builtin_memset(memory, 0, size); }

/* All of an entry but its offset, as whole words: Swift copies field by field. The two are the same or apart. */
static inline void dalloc_port_copy_entry(ptr_info_t *target, const ptr_info_t *source) {
    __builtin_memcpy(target, source, offsetof(ptr_info_t, offset));
}

/* Between two offsets of a heap; source and target may overlap. */
static inline void dalloc_port_move(heap_t *heap, uint32_t target, uint32_t source, uint32_t size) {
    __builtin_memmove(heap->mem + target, heap->mem + source, size);
}

/* Says what was refused or went wrong, in which function, with the number that matters. */
void dalloc_port_report(const char *function, const char *message, uint32_t number);

/* Only where the library is compiled with DALLOC_REPORT_SINK: sends those messages to `sink`, from whatever thread they come,
 * and to dalloc_debug again when it is NULL. For tests, and for programs that own the terminal. */
typedef void (*dalloc_port_sink_t)(const char *function, const char *message, uint32_t number);
void dalloc_port_set_sink(dalloc_port_sink_t sink);

#endif
