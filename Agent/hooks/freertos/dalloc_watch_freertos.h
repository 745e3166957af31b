/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file dalloc_watch_freertos.h
 * @brief Watches the heap of FreeRTOS: heap_1 to heap_5.
 *
 * Add dalloc_watch_freertos.c to the project, and three lines:
 *
 * @code{.c}
 * #include "dalloc_freertos_trace.h"                   // in FreeRTOSConfig.h
 * #define configAPPLICATION_ALLOCATED_HEAP 1           // there, too, for heap_4: ucHeap is then a variable of yours
 *
 * dalloc_watch_freertos_begin(&agent, "heap", regions); // in main, once the agent is started
 * @endcode
 *
 * `regions` says where the heap lies, so that it can be walked: with heap_5 it is what vPortDefineHeapRegions takes. With
 * heap_4 it is
 *
 * @code{.c}
 * uint8_t ucHeap[configTOTAL_HEAP_SIZE];
 * static const HeapRegion_t regions[] = {{ucHeap, sizeof ucHeap}, {NULL, 0}};
 * @endcode
 *
 * Only heap_4 and heap_5 can be walked. With the others define DALLOC_FREERTOS_HEAP as 1, 2 or 3 for
 * dalloc_watch_freertos.c, pass NULL, and begin before the first allocation.
 *
 * **Sizes.** The kernel rounds a size up, and tells of no other. With heap_4 and heap_5 a block's size is what the program may
 * use of it: the size that was asked for, the alignment, and up to two headers that were too small a rest. With heap_1 and
 * heap_2 it is what the kernel takes for the block. Of an allocation that failed, kernels from V11 don't tell the size: it is 0.
 *
 * **Call sites** are not known: the kernel's macros don't have them.
 */
#ifndef DALLOC_WATCH_FREERTOS_H
#define DALLOC_WATCH_FREERTOS_H

#include "FreeRTOS.h"
#include "dalloc_watch.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @brief Watches the kernel's heap from now on.
 *
 * Context: the task that polls, or main before the scheduler starts; with heap_5, after vPortDefineHeapRegions.
 *
 * @param agent    a started agent; its clock is read with the scheduler suspended, and must not block
 * @param name     what the collector calls the heap: 0 to 32 bytes; borrowed until dalloc_agent_deinit
 * @param regions  where the heap lies, in the order of addresses, ended by {NULL, 0}; borrowed until dalloc_agent_deinit. NULL:
 *                 it can't be walked
 * @return what dalloc_agent_watch returns
 */
dalloc_agent_error_t dalloc_watch_freertos_begin(dalloc_agent_t *agent, const char *name, const HeapRegion_t *regions);

#ifdef __cplusplus
}
#endif

#endif /* DALLOC_WATCH_FREERTOS_H */
