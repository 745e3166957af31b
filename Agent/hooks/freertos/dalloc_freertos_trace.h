/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file dalloc_freertos_trace.h
 * @brief The kernel's trace macros, for FreeRTOSConfig.h. See dalloc_watch_freertos.h.
 */
#ifndef DALLOC_FREERTOS_TRACE_H
#define DALLOC_FREERTOS_TRACE_H

/* Ports include FreeRTOSConfig.h in assembler files, too. */
#if !defined(__ASSEMBLER__) && !defined(__IASMARM__) && !defined(__ASM__)

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/** @cond INTERNAL */
void dalloc_freertos_malloc(const void *block, size_t size);
void dalloc_freertos_free(const void *block);
/** @endcond */

#ifdef __cplusplus
}
#endif

/** The kernel calls it in pvPortMalloc, with the scheduler suspended. A failed allocation has a `block` of NULL. */
#define traceMALLOC(block, size) dalloc_freertos_malloc((block), (size))

/** The kernel calls it in vPortFree, with the scheduler suspended, before or after the block is free. */
#define traceFREE(block, size) dalloc_freertos_free(block)

#endif

#endif /* DALLOC_FREERTOS_TRACE_H */
