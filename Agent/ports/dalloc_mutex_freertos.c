/*
 * dalloc_mutex_freertos.c - the mutex of dalloc_mutex.h with FreeRTOS: recursive, and it inherits priority. Compile it with the firmware,
 * whose FreeRTOSConfig.h it reads.
 *
 * With configSUPPORT_STATIC_ALLOCATION, its memory is here, for DALLOC_MUTEXES heaps; else FreeRTOS allocates it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dalloc_mutex.h"

#include <stddef.h>

#include "FreeRTOS.h"
#include "semphr.h"

#if !defined(configUSE_RECURSIVE_MUTEXES) || configUSE_RECURSIVE_MUTEXES == 0
#error "heap_lock may be held around other calls: set configUSE_RECURSIVE_MUTEXES to 1 in FreeRTOSConfig.h"
#endif
#if !defined(configUSE_MUTEXES) || configUSE_MUTEXES == 0
#error "heaps take a mutex that inherits priority: set configUSE_MUTEXES to 1 in FreeRTOSConfig.h"
#endif

#if defined(configSUPPORT_STATIC_ALLOCATION) && configSUPPORT_STATIC_ALLOCATION != 0

#ifndef DALLOC_MUTEXES
#define DALLOC_MUTEXES 2 /* heaps at a time; one more is refused by heap_init */
#endif

static struct {
    StaticSemaphore_t memory;
    SemaphoreHandle_t mutex; /* NULL: free */
} mutexes[DALLOC_MUTEXES];

void *dalloc_mutex_create(void) {
    void *made = NULL;
    taskENTER_CRITICAL();
    for (size_t index = 0; index < DALLOC_MUTEXES && made == NULL; index++) {
        if (mutexes[index].mutex != NULL) continue;
        mutexes[index].mutex = xSemaphoreCreateRecursiveMutexStatic(&mutexes[index].memory);
        made = mutexes[index].mutex;
    }
    taskEXIT_CRITICAL();
    return made;
}

void dalloc_mutex_delete(void *mutex) {
    vSemaphoreDelete((SemaphoreHandle_t)mutex);
    for (size_t index = 0; index < DALLOC_MUTEXES; index++)
        if (mutexes[index].mutex == (SemaphoreHandle_t)mutex) mutexes[index].mutex = NULL;
}

#elif !defined(configSUPPORT_DYNAMIC_ALLOCATION) || configSUPPORT_DYNAMIC_ALLOCATION != 0

void *dalloc_mutex_create(void) { return xSemaphoreCreateRecursiveMutex(); }

void dalloc_mutex_delete(void *mutex) { vSemaphoreDelete((SemaphoreHandle_t)mutex); }

#else
#error "a mutex needs memory: set configSUPPORT_STATIC_ALLOCATION or configSUPPORT_DYNAMIC_ALLOCATION to 1 in FreeRTOSConfig.h"
#endif

void dalloc_mutex_lock(void *mutex) { (void)xSemaphoreTakeRecursive((SemaphoreHandle_t)mutex, portMAX_DELAY); }

void dalloc_mutex_unlock(void *mutex) { (void)xSemaphoreGiveRecursive((SemaphoreHandle_t)mutex); }
