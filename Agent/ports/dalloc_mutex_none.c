/*
 * dalloc_mutex_none.c - the mutex of dalloc_mutex.h for programs in which one task only uses heaps: bare metal with a main loop, or an
 * RTOS where heaps and agent belong to one task. Nothing is locked.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dalloc_mutex.h"

void *dalloc_mutex_create(void) {
    static char mutex; /* anything but NULL */
    return &mutex;
}

void dalloc_mutex_delete(void *mutex) { (void)mutex; }

void dalloc_mutex_lock(void *mutex) { (void)mutex; }

void dalloc_mutex_unlock(void *mutex) { (void)mutex; }
