/* SPDX-License-Identifier: Apache-2.0 */
/* What the libraries of a release are configured with, beside what their targets give: one archive for all programs. The sizes of
 * tables and recorders are the program's. */
#ifndef DALLOC_RELEASE_CONF_H
#define DALLOC_RELEASE_CONF_H

/* Any RTOS, or none: dalloc_mutex.h. */
#define DALLOC_EXTERNAL_MUTEX

/* A program that wants it defines USE_SINGLE_HEAP_MEMORY. */
#define DALLOC_OFFERS_DEFAULT_HEAP
#ifdef DALLOC_LIBRARY_BUILD
#define USE_SINGLE_HEAP_MEMORY
#endif

/* Who allocated a block: 4 bytes an entry. */
#define DALLOC_USE_CALL_SITES

/* What C aligns its largest types to: malloc of the same machine gives no less. */
#if defined(__LP64__)
#define ALLOCATION_ALIGNMENT_BYTES 16
#else
#define ALLOCATION_ALIGNMENT_BYTES 8
#endif

#endif
