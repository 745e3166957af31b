/*
 * dalloc_port.h - how the Swift engine reaches what only C can say: the table behind a fixed array, the
 * configuration's macros, and a printf-like function. Not part of the public API.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DALLOC_PORT_H
#define DALLOC_PORT_H

#include "dalloc.h"

/* The table as a pointer: an imported C array is a tuple, and tuples end at 4096 elements. */
static inline ptr_info_t *dalloc_port_table(heap_t *heap) { return heap->alloc_info.ptr_info_arr; }

static inline uint32_t dalloc_port_table_size(void) { return MAX_NUM_OF_ALLOCATIONS; }

static inline uint32_t dalloc_port_alignment(void) { return DALLOC_ALIGNMENT; }

static inline bool dalloc_port_fills_freed_memory(void) { return FILL_FREED_MEMORY_BY_NULLS; }

/* Says what was refused or went wrong, in which function, with the number that matters. */
void dalloc_port_report(const char *function, const char *message, uint32_t number);

#endif
