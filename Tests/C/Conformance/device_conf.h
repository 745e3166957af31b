/*
 * device_conf.h - a configuration header that sets everything, as the one of a device would.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DEVICE_CONF_H
#define DEVICE_CONF_H

#define MAX_NUM_OF_ALLOCATIONS 64UL
#define ALLOCATION_ALIGNMENT_BYTES (8U)
#define USE_ALIGNMENT
#define FILL_FREED_MEMORY_BY_NULLS true
#define USE_SINGLE_HEAP_MEMORY
#define USE_THREAD_SAFETY
#define DALLOC_USE_CALL_SITES

#ifdef __cplusplus
extern "C" {
#endif

/* Each conformance program has it, from check.h. */
int conformance_message(const char *format, ...);

#ifdef __cplusplus
}
#endif

#define dalloc_debug(...) ((void)conformance_message(__VA_ARGS__))
#define CONFORMANCE_COUNTS_MESSAGES

#endif
