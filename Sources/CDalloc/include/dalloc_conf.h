/*
 * dalloc_conf.h - what an integrator can choose at compile time.
 *
 * Set a value with a compiler flag (-DMAX_NUM_OF_ALLOCATIONS=200), or keep all of yours in one header
 * and name it: -DDALLOC_CUSTOM_CONF_FILE='"my_dalloc_conf.h"'. What neither sets gets its default here.
 *
 * The values decide the layout of heap_t, so every file that includes dalloc.h, and the library itself, must be
 * compiled with the same ones. The headers that `make c-library` and `make firmware-library` install know those
 * of the library beside them: they are the default there, and others are a compile-time error, as is a heap_t that
 * comes out otherwise, by another DALLOC_MUTEX_TYPE or by a packing of structs.
 *
 *   MAX_NUM_OF_ALLOCATIONS      100      blocks in one heap, 1 to 65535
 *   ALLOCATION_ALIGNMENT_BYTES  4        a power of two up to 65536; 1 packs blocks byte by byte
 *   USE_ALIGNMENT               defined  0, or DALLOC_NO_ALIGNMENT: as ALLOCATION_ALIGNMENT_BYTES 1
 *   FILL_FREED_MEMORY_BY_NULLS  true     zero the memory that is given back
 *   USE_SINGLE_HEAP_MEMORY      -        the default heap and the functions def_...
 *   USE_THREAD_SAFETY           -        a recursive mutex per heap: DALLOC_MUTEX_... below
 *   USE_FREE_RTOS               -        that mutex from FreeRTOS
 *   DALLOC_USE_CALL_SITES              -        keep the return address of the caller with each block
 *   dalloc_debug                printf   where messages go: used like printf
 *   dalloc_snprintf             snprintf writes the info strings
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DALLOC_CONF_H
#define DALLOC_CONF_H

#ifdef DALLOC_CUSTOM_CONF_FILE
#include DALLOC_CUSTOM_CONF_FILE
#endif

/* Beside an installed library: what it was built with. */
#ifdef __has_include
#if __has_include("dalloc_library_conf.h")
#include "dalloc_library_conf.h"
#endif
#endif

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
/* Programs for dalloc 1.5 have these two from its headers. A freestanding compiler may have none. */
#if defined(__STDC_HOSTED__) && __STDC_HOSTED__ == 1
#include <stdio.h>
#include <string.h>
#elif defined(__has_include) && !defined(DALLOC_LIBRARY_BUILD)
#if __has_include(<string.h>)
#include <string.h>
#endif
#endif

/* The version of the C library whose programs run unchanged. */
#ifndef DALLOC_VERSION
#define DALLOC_VERSION "1.5.0"
#endif

/* The most blocks that one heap can hold at a time. Each costs a table entry of 16 bytes on 32-bit targets and 24 bytes on
 * 64-bit ones, and 4 or 8 more with DALLOC_USE_CALL_SITES. */
#ifndef MAX_NUM_OF_ALLOCATIONS
#define MAX_NUM_OF_ALLOCATIONS 100UL
#endif

#if MAX_NUM_OF_ALLOCATIONS < 1 || MAX_NUM_OF_ALLOCATIONS > 65535
#error "MAX_NUM_OF_ALLOCATIONS must be between 1 and 65535"
#endif

/* Blocks start at multiples of ALLOCATION_ALIGNMENT_BYTES, and so must the heap's memory. To switch that off, define
 * DALLOC_NO_ALIGNMENT, or USE_ALIGNMENT as 0 (the second comparison tells 0 from a macro that is defined as nothing). */
#ifdef DALLOC_NO_ALIGNMENT
#undef USE_ALIGNMENT
#elif !defined(USE_ALIGNMENT)
#define USE_ALIGNMENT
#elif USE_ALIGNMENT + 0 == 0 && 1 - USE_ALIGNMENT - 1 == 0
#define DALLOC_NO_ALIGNMENT
#undef USE_ALIGNMENT
#endif

#ifndef ALLOCATION_ALIGNMENT_BYTES
#define ALLOCATION_ALIGNMENT_BYTES 4U
#endif
#ifdef USE_ALIGNMENT
#if (ALLOCATION_ALIGNMENT_BYTES) < 1 || (ALLOCATION_ALIGNMENT_BYTES) > 65536 \
    || ((ALLOCATION_ALIGNMENT_BYTES) & ((ALLOCATION_ALIGNMENT_BYTES) - 1)) != 0
#error "ALLOCATION_ALIGNMENT_BYTES must be a power of two, at most 65536"
#endif
#define DALLOC_ALIGNMENT ((uint32_t)(ALLOCATION_ALIGNMENT_BYTES))
#else
#define DALLOC_ALIGNMENT ((uint32_t)1)
#endif

/* The bytes that a block of `val` bytes takes. For programs: the library asks no other definition of it. */
#ifndef DALLOC_ALIGN_UP
#ifdef USE_ALIGNMENT
#define DALLOC_ALIGN_UP(val) \
    (((val) + ((ALLOCATION_ALIGNMENT_BYTES) - 1U)) / (ALLOCATION_ALIGNMENT_BYTES) * (ALLOCATION_ALIGNMENT_BYTES))
#else
#define DALLOC_ALIGN_UP(val) (val)
#endif
#endif

/* Zero the memory that a free, or a block made smaller, gives back; memory that is allocated is then always zero. */
#ifndef FILL_FREED_MEMORY_BY_NULLS
#define FILL_FREED_MEMORY_BY_NULLS true
#endif

/* The mutex of a heap. It must be recursive: heap_lock may be held around other calls. `m` is heap_t.mutex itself, so a macro may
 * take its address.
 *
 *   DALLOC_MUTEX_TYPE        the type of heap_t.mutex
 *   DALLOC_MUTEX_CREATE()    gives a new one
 *   DALLOC_MUTEX_INIT(m)     instead of CREATE, where the type can't be assigned: makes `m`; true on success
 *   DALLOC_MUTEX_IS_VALID(m) false when CREATE failed; true unless you say otherwise
 *   DALLOC_MUTEX_DELETE(m), DALLOC_MUTEX_LOCK(m), DALLOC_MUTEX_UNLOCK(m)
 *
 * Whoever defines none of them gets POSIX threads on systems that have them. With USE_FREE_RTOS, each that is not defined is FreeRTOS's. */
#if defined(USE_FREE_RTOS) && !defined(USE_THREAD_SAFETY)
#define USE_THREAD_SAFETY
#endif

#ifdef USE_THREAD_SAFETY
#ifdef USE_FREE_RTOS
#include "FreeRTOS.h"
#include "semphr.h"
#if defined(DALLOC_MUTEX_LOCK) != defined(DALLOC_MUTEX_UNLOCK)
#error "only one of DALLOC_MUTEX_LOCK(m) and DALLOC_MUTEX_UNLOCK(m) is defined: FreeRTOS's other one may be of another kind"
#endif
#if !defined(DALLOC_MUTEX_LOCK) && (!defined(configUSE_RECURSIVE_MUTEXES) || configUSE_RECURSIVE_MUTEXES == 0)
#error "USE_FREE_RTOS takes a recursive mutex: set configUSE_RECURSIVE_MUTEXES to 1 in FreeRTOSConfig.h"
#endif
#ifndef DALLOC_MUTEX_TYPE
#define DALLOC_MUTEX_TYPE SemaphoreHandle_t
#ifndef DALLOC_MUTEX_IS_VALID
#define DALLOC_MUTEX_IS_VALID(m) ((m) != NULL)
#endif
#endif
#if !defined(DALLOC_MUTEX_CREATE) && !defined(DALLOC_MUTEX_INIT)
#define DALLOC_MUTEX_CREATE() xSemaphoreCreateRecursiveMutex()
#endif
#ifndef DALLOC_MUTEX_DELETE
#define DALLOC_MUTEX_DELETE(m) vSemaphoreDelete(m)
#endif
#ifndef DALLOC_MUTEX_LOCK
#define DALLOC_MUTEX_LOCK(m) ((void)xSemaphoreTakeRecursive((m), portMAX_DELAY))
#define DALLOC_MUTEX_UNLOCK(m) ((void)xSemaphoreGiveRecursive(m))
#endif
#endif
#ifndef DALLOC_MUTEX_TYPE
#if defined(DALLOC_MUTEX_CREATE) || defined(DALLOC_MUTEX_INIT) || defined(DALLOC_MUTEX_DELETE) \
    || defined(DALLOC_MUTEX_LOCK) || defined(DALLOC_MUTEX_UNLOCK)
#error "a DALLOC_MUTEX_ macro is defined, but not DALLOC_MUTEX_TYPE"
#elif defined(__unix__) || defined(__APPLE__)
#include <pthread.h>
#define DALLOC_MUTEX_TYPE pthread_mutex_t
#define DALLOC_MUTEX_INIT(m) dalloc_port_posix_mutex(&(m))
#define DALLOC_MUTEX_DELETE(m) ((void)pthread_mutex_destroy(&(m)))
#define DALLOC_MUTEX_LOCK(m) ((void)pthread_mutex_lock(&(m)))
#define DALLOC_MUTEX_UNLOCK(m) ((void)pthread_mutex_unlock(&(m)))
#define DALLOC_POSIX_MUTEX
#else
#error "USE_THREAD_SAFETY needs DALLOC_MUTEX_TYPE, _CREATE(), _DELETE(m), _LOCK(m) and _UNLOCK(m), or USE_FREE_RTOS"
#endif
#elif !defined(DALLOC_MUTEX_DELETE) || !defined(DALLOC_MUTEX_LOCK) || !defined(DALLOC_MUTEX_UNLOCK) \
    || !(defined(DALLOC_MUTEX_CREATE) || defined(DALLOC_MUTEX_INIT))
#error "DALLOC_MUTEX_TYPE is defined, but not all of DALLOC_MUTEX_CREATE(), _DELETE(m), _LOCK(m) and _UNLOCK(m)"
#endif
#ifndef DALLOC_MUTEX_IS_VALID
#define DALLOC_MUTEX_IS_VALID(m) true
#endif
#endif

/* Where messages about misuse and failed allocations go, and what the print and dump functions write: a function like printf,
 * called once for a message or a part of a listing, with a `\n` where a line ends. What happens in a heap again and again is told at the
 * 1st, 2nd, 4th, 8th ... time. A freestanding target has none of its own; messages are dropped there until you name one. */
#ifndef dalloc_debug
#if defined(__STDC_HOSTED__) && __STDC_HOSTED__ == 1
#define dalloc_debug printf
#else
#define dalloc_debug(...) ((void)0)
#define DALLOC_NO_MESSAGES /* then their texts take no room either */
#endif
#endif

/* Writes the info strings: a function like snprintf. A freestanding library without one formats them itself. */
#if !defined(dalloc_snprintf) && defined(__STDC_HOSTED__) && __STDC_HOSTED__ == 1
#define dalloc_snprintf snprintf
#endif

#endif
