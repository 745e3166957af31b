/*
 * dalloc_conf.h - what an integrator can choose at compile time.
 *
 * Set a value with a compiler flag (-DMAX_NUM_OF_ALLOCATIONS=200), or keep all of yours in one header
 * and name it: -DDALLOC_CUSTOM_CONF_FILE='"my_dalloc_conf.h"'. What neither sets gets its default here.
 *
 * Every file that includes dalloc.h, and the library itself, must be compiled with the same values:
 * they decide the layout of heap_t.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DALLOC_CONF_H
#define DALLOC_CONF_H

#ifdef DALLOC_CUSTOM_CONF_FILE
#include DALLOC_CUSTOM_CONF_FILE
#endif


#include <stdbool.h>
#include <stdint.h>

#ifndef DALLOC_VERSION
#define DALLOC_VERSION "1.5.0"
#endif

/* The most blocks that one heap can hold at a time: 1 to 65535. Each costs a table entry of
 * 16 bytes on 32-bit targets and 24 bytes on 64-bit ones. */
#ifndef MAX_NUM_OF_ALLOCATIONS
#define MAX_NUM_OF_ALLOCATIONS 100
#endif

#if MAX_NUM_OF_ALLOCATIONS < 1 || MAX_NUM_OF_ALLOCATIONS > 65535
#error "MAX_NUM_OF_ALLOCATIONS must be between 1 and 65535"
#endif

/* Blocks start at multiples of ALLOCATION_ALIGNMENT_BYTES, a power of two, and the heap's memory must
 * be aligned to it. Define DALLOC_NO_ALIGNMENT to pack blocks byte by byte. */
#ifndef DALLOC_NO_ALIGNMENT
#ifndef USE_ALIGNMENT
#define USE_ALIGNMENT
#endif
#endif

#ifdef USE_ALIGNMENT
#ifndef ALLOCATION_ALIGNMENT_BYTES
#define ALLOCATION_ALIGNMENT_BYTES 4U
#endif
#if (ALLOCATION_ALIGNMENT_BYTES) < 1 || ((ALLOCATION_ALIGNMENT_BYTES) & ((ALLOCATION_ALIGNMENT_BYTES) - 1)) != 0
#error "ALLOCATION_ALIGNMENT_BYTES must be a power of two"
#endif
#define DALLOC_ALIGNMENT ((uint32_t)(ALLOCATION_ALIGNMENT_BYTES))
#else
#define DALLOC_ALIGNMENT ((uint32_t)1)
#endif

/* Zero the memory that a free, or a block made smaller, gives back. */
#ifndef FILL_FREED_MEMORY_BY_NULLS
#define FILL_FREED_MEMORY_BY_NULLS true
#endif

/* Where messages about misuse and failed allocations go: a function like printf. On a freestanding
 * target without one, messages are dropped. */
#ifndef dalloc_debug
#if defined(__STDC_HOSTED__) && __STDC_HOSTED__ == 1
#include <stdio.h>
#define dalloc_debug printf
#else
#define dalloc_debug(...) ((void)0)
#endif
#endif

#endif
