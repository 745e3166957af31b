/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file dalloc_watch_esp_idf.h
 * @brief Watches all heaps of ESP-IDF together: malloc, heap_caps_malloc and what ends in them.
 *
 * Add dalloc_watch_esp_idf.c to a component, its linker options, and one call:
 *
 * @code
 * target_link_options(${COMPONENT_LIB} INTERFACE @${CMAKE_CURRENT_SOURCE_DIR}/esp-idf.flags) # in CMakeLists.txt
 * @endcode
 * @code{.c}
 * dalloc_watch_esp_idf_begin(&agent, "heap"); // in app_main, once the agent is started
 * @endcode
 *
 * It is for versions that have components/heap/heap_caps_base.c; with older ones it does not link. Of Espressif's chips, Swift can be
 * compiled for those with RISC-V cores.
 *
 * **Why not CONFIG_HEAP_USE_HOOKS?** esp_heap_trace_free_hook is called after the memory was given back. On two cores, and when a task is
 * interrupted there, the next owner may tell of it first. A realloc in place calls the hook for allocations alone, and one that moves
 * in its heap does not say from where. The functions below all of these are wrapped instead.
 *
 * **Lock.** A spinlock, held during each call with the interrupts of this core off, as the heaps' own locks are. A realloc that must
 * copy does it there, too. malloc in a critical section, before the scheduler, and on both cores stays possible.
 *
 * **Flash cache.** The heap's functions lie in IRAM, so that code may allocate while the flash can't be read. Where yours does, place
 * this file and libDallocAgent.a in IRAM by a linker fragment (`noflash`).
 *
 * **Walk.** What was allocated before app_main is found by heap_caps_walk_all, with the size that the heap gave rather than the one that
 * was asked for. A part of a list takes one walk for 16 blocks, in which interrupts of this core are off. With heap poisoning or
 * CONFIG_HEAP_TASK_TRACKING addresses in a walk are others than the program's; the heap then counts as one that can't be walked.
 *
 * **Call sites** are not known: the functions that are wrapped are called by ESP-IDF's own.
 */
#ifndef DALLOC_WATCH_ESP_IDF_H
#define DALLOC_WATCH_ESP_IDF_H

#include "dalloc_watch.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @brief Watches the heaps from now on. Takes heap_caps_register_failed_alloc_callback for failures.
 *
 * Context: the task that polls.
 *
 * @param agent  a started agent; its clock is read with interrupts off, and must not block
 * @param name   what the collector calls the heap: 0 to 32 bytes; borrowed until dalloc_agent_deinit
 * @return what dalloc_agent_watch returns
 */
dalloc_agent_error_t dalloc_watch_esp_idf_begin(dalloc_agent_t *agent, const char *name);

#ifdef __cplusplus
}
#endif

#endif /* DALLOC_WATCH_ESP_IDF_H */
