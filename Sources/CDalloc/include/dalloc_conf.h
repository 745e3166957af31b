/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file dalloc_conf.h
 * @brief What an integrator can choose at compile time.
 *
 * Set a value with a compiler flag (-DMAX_NUM_OF_ALLOCATIONS=200), or keep all of yours in one header and name it:
 * -DDALLOC_CUSTOM_CONF_FILE='"my_dalloc_conf.h"'. What neither sets gets its default here.
 *
 * The values decide the layout of heap_t, so every file that includes dalloc.h, and the library itself, must be
 * compiled with the same ones. Only MAX_NUM_OF_ALLOCATIONS is the program's alone: a library works with tables of all
 * sizes. The headers that `make c-library` and `make firmware-library` install know those of the library beside them:
 * they are the default there, and others are a compile-time error. So is a heap_t that comes out otherwise, by another
 * DALLOC_MUTEX_TYPE or by a packing of structs. Files that differ all the same do not link.
 *
 * | macro                          | default    | chooses                                                           |
 * |--------------------------------|------------|-------------------------------------------------------------------|
 * | #MAX_NUM_OF_ALLOCATIONS        | 100        | blocks in one heap, 1 to 65535                                    |
 * | #ALLOCATION_ALIGNMENT_BYTES    | 4          | a power of two, 1 to 65536; 1 packs blocks byte by byte           |
 * | #USE_ALIGNMENT                 | defined    | 0, or #DALLOC_NO_ALIGNMENT: as an ALLOCATION_ALIGNMENT_BYTES of 1 |
 * | #FILL_FREED_MEMORY_BY_NULLS    | true       | whether memory that is given back is zeroed                       |
 * | #USE_SINGLE_HEAP_MEMORY        | -          | the default heap, and the functions def_...                       |
 * | #USE_THREAD_SAFETY             | -          | a recursive mutex for each heap                                   |
 * | #USE_FREE_RTOS                 | -          | that mutex from FreeRTOS                                          |
 * | #DALLOC_EXTERNAL_MUTEX         | -          | that mutex from four functions of yours, or of a port             |
 * | #DALLOC_USE_CALL_SITES         | -          | keeps the return address of the caller with each block            |
 * | #dalloc_debug                  | printf     | where messages go                                                 |
 * | #dalloc_snprintf               | snprintf   | what writes the info strings                                      |
 *
 * The macros of dalloc 1.5 keep their names. What is new begins with DALLOC_.
 */
/* Not DALLOC_CONF_H: a header of yours may well be called dalloc_conf.h, too. */
#ifndef DALLOC_CONF_OF_THE_LIBRARY_H
#define DALLOC_CONF_OF_THE_LIBRARY_H

/* What each macro means. The compiler reads the definitions further down. */
#ifdef DALLOC_DOXYGEN

/** Names a header of yours with the macros of this file, in quotes or angle brackets. It is included before all else.
 * */
#define DALLOC_CUSTOM_CONF_FILE "my_dalloc_conf.h"

/** The version of the C library whose programs run unchanged. */
#define DALLOC_VERSION "1.5.0"

/** The most blocks that one heap can hold at a time: 1 to 65535. Each costs a table entry in heap_t, of 16 bytes on
 * 32-bit targets and 24 bytes on 64-bit ones. */
#define MAX_NUM_OF_ALLOCATIONS 100UL

/** Defined: blocks start at multiples of ALLOCATION_ALIGNMENT_BYTES, and so must the memory of each heap. Define it
 * as 0 to pack blocks byte by byte. */
#define USE_ALIGNMENT
/** Another way to say USE_ALIGNMENT 0. */
#define DALLOC_NO_ALIGNMENT
/** What the address of each block, and of each heap's memory, is a multiple of, in bytes: a power of two, 1 to 65536.
 * */
#define ALLOCATION_ALIGNMENT_BYTES 4U
/** The alignment that is in effect, in bytes: ALLOCATION_ALIGNMENT_BYTES, or 1. Not for configuration. */
#define DALLOC_ALIGNMENT ((uint32_t)(ALLOCATION_ALIGNMENT_BYTES))
/** The bytes that a block takes in the heap: its size, rounded up to the alignment. The library itself does not use
 * it.
 * @param val the size that was asked for, in bytes */
#define DALLOC_ALIGN_UP(val) \
    (((val) + ((ALLOCATION_ALIGNMENT_BYTES) - 1U)) / (ALLOCATION_ALIGNMENT_BYTES) * (ALLOCATION_ALIGNMENT_BYTES))

/** true: memory is zeroed when a free, or a block made smaller, gives it back; what is allocated is then always zero.
 * false: it keeps its bytes, which saves time. */
#define FILL_FREED_MEMORY_BY_NULLS true

/** Define it for the default heap and its functions, which begin with def_. It costs the RAM of one heap_t. */
#define USE_SINGLE_HEAP_MEMORY

/** Define it to keep with each block where the call that allocated it returns to. Each table entry is 4 bytes larger
 * on 32-bit targets, 8 on 64-bit ones. */
#define DALLOC_USE_CALL_SITES

/** Define it to give each heap a mutex, so that several tasks may use it. On systems with POSIX threads nothing else
 * is needed. Elsewhere define DALLOC_MUTEX_TYPE, DALLOC_MUTEX_CREATE or DALLOC_MUTEX_INIT, DALLOC_MUTEX_DELETE,
 * DALLOC_MUTEX_LOCK and DALLOC_MUTEX_UNLOCK, or USE_FREE_RTOS.
 *
 * The mutex must be recursive: heap_lock may be held around other calls. It should inherit priority: a task of high
 * priority may wait for one of low priority that holds the heap. */
#define USE_THREAD_SAFETY

/** Define it to take the mutex from FreeRTOS.h and semphr.h, which must be on the include path:
 * configUSE_RECURSIVE_MUTEXES must be 1. It implies USE_THREAD_SAFETY. Each macro of the mutex that you define
 * yourself is taken from you. */
#define USE_FREE_RTOS

/** Define it to take the mutex from the four functions of dalloc_mutex.h, which the program, or a port in Agent/ports,
 * defines. So a library needs no header of an RTOS, and serves all of them. It implies USE_THREAD_SAFETY. */
#define DALLOC_EXTERNAL_MUTEX

/** The type of heap_t.mutex. */
#define DALLOC_MUTEX_TYPE SemaphoreHandle_t
/** Gives a new mutex. heap_init assigns it to heap_t.mutex. */
#define DALLOC_MUTEX_CREATE() xSemaphoreCreateRecursiveMutex()
/** Makes a mutex in place, where its type can't be assigned; true on success. Define it instead of
 * DALLOC_MUTEX_CREATE.
 * @param m heap_t.mutex itself, so that the macro may take its address; the same in the macros below */
#define DALLOC_MUTEX_INIT(m) my_mutex_init(&(m))
/** Whether DALLOC_MUTEX_CREATE gave a mutex. Where it is false, heap_init refuses the heap. true unless you define it.
 * @param m heap_t.mutex */
#define DALLOC_MUTEX_IS_VALID(m) ((m) != NULL)
/** Ends a mutex: in heap_deinit, with the mutex unlocked.
 * @param m heap_t.mutex */
#define DALLOC_MUTEX_DELETE(m) vSemaphoreDelete(m)
/** Waits for the mutex, for as long as it takes, and locks it once more if the caller has it already.
 * @param m heap_t.mutex */
#define DALLOC_MUTEX_LOCK(m) ((void)xSemaphoreTakeRecursive((m), portMAX_DELAY))
/** Undoes one DALLOC_MUTEX_LOCK.
 * @param m heap_t.mutex */
#define DALLOC_MUTEX_UNLOCK(m) ((void)xSemaphoreGiveRecursive(m))

/** Where messages about misuse and failed allocations go, and what the print and dump functions write: a function
 * like printf. It is called once for a message or a part of a listing, with a newline where a line ends. What goes
 * wrong in a heap again and again is told at the 1st, 2nd, 4th, 8th ... time. It is called after a call has unlocked
 * the heap, so it may use the heap itself; only listings come while it is locked.
 *
 * A freestanding target has no printf: messages are dropped there until you define this. */
#define dalloc_debug printf

/** What writes the text of dalloc_heap_info_str: a function like snprintf. A freestanding library without one formats
 * the text itself. */
#define dalloc_snprintf snprintf

#else

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

#ifndef DALLOC_VERSION
#define DALLOC_VERSION "1.5.0"
#endif

#ifndef MAX_NUM_OF_ALLOCATIONS
#define MAX_NUM_OF_ALLOCATIONS 100UL
#endif

#if MAX_NUM_OF_ALLOCATIONS < 1 || MAX_NUM_OF_ALLOCATIONS > 65535
#error "MAX_NUM_OF_ALLOCATIONS must be between 1 and 65535"
#endif

/* The second comparison tells 0 from a macro that is defined as nothing. */
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

#ifndef DALLOC_ALIGN_UP
#ifdef USE_ALIGNMENT
#define DALLOC_ALIGN_UP(val) \
    (((val) + ((ALLOCATION_ALIGNMENT_BYTES) - 1U)) / (ALLOCATION_ALIGNMENT_BYTES) * (ALLOCATION_ALIGNMENT_BYTES))
#else
#define DALLOC_ALIGN_UP(val) (val)
#endif
#endif

#ifndef FILL_FREED_MEMORY_BY_NULLS
#define FILL_FREED_MEMORY_BY_NULLS true
#endif

#if (defined(USE_FREE_RTOS) || defined(DALLOC_EXTERNAL_MUTEX)) && !defined(USE_THREAD_SAFETY)
#define USE_THREAD_SAFETY
#endif

#ifdef USE_THREAD_SAFETY
#ifdef DALLOC_EXTERNAL_MUTEX
#if defined(USE_FREE_RTOS) || defined(DALLOC_MUTEX_TYPE)
#error "DALLOC_EXTERNAL_MUTEX is defined, and USE_FREE_RTOS or DALLOC_MUTEX_TYPE, too: choose one of them"
#endif
#include "dalloc_mutex.h"
#define DALLOC_MUTEX_TYPE void *
#define DALLOC_MUTEX_CREATE() dalloc_mutex_create()
#define DALLOC_MUTEX_IS_VALID(m) ((m) != NULL)
#define DALLOC_MUTEX_DELETE(m) dalloc_mutex_delete(m)
#define DALLOC_MUTEX_LOCK(m) dalloc_mutex_lock(m)
#define DALLOC_MUTEX_UNLOCK(m) dalloc_mutex_unlock(m)
#endif
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

#ifndef dalloc_debug
#if defined(__STDC_HOSTED__) && __STDC_HOSTED__ == 1
#define dalloc_debug printf
#else
#define dalloc_debug(...) ((void)0)
#define DALLOC_NO_MESSAGES /* then their texts take no room either */
#endif
#endif

#if !defined(dalloc_snprintf) && defined(__STDC_HOSTED__) && __STDC_HOSTED__ == 1
#define dalloc_snprintf snprintf
#endif

#endif /* DALLOC_DOXYGEN */

#endif /* DALLOC_CONF_OF_THE_LIBRARY_H */
