/*
 * dalloc_mutex_cmsis_rtos2.c - the mutex of dalloc_mutex.h with CMSIS-RTOS2: recursive, and it inherits priority. Its memory is the
 * RTOS's own.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dalloc_mutex.h"

#include <stddef.h>

#include "cmsis_os2.h"

void *dalloc_mutex_create(void) {
    static const osMutexAttr_t attributes = {"dalloc", osMutexRecursive | osMutexPrioInherit, NULL, 0};
    return osMutexNew(&attributes);
}

void dalloc_mutex_delete(void *mutex) { (void)osMutexDelete(mutex); }

void dalloc_mutex_lock(void *mutex) { (void)osMutexAcquire(mutex, osWaitForever); }

void dalloc_mutex_unlock(void *mutex) { (void)osMutexRelease(mutex); }
