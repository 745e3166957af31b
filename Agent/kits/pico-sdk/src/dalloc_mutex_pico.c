/*
 * dalloc_mutex_pico.c - the mutex of dalloc_mutex.h with the Pico SDK: a recursive_mutex_t, for both cores. Its memory is here, for
 * DALLOC_MUTEXES heaps. Make heaps on one core, before the other one is started.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dalloc_mutex.h"

#include <stdbool.h>
#include <stddef.h>

#include "pico/mutex.h"

#ifndef DALLOC_MUTEXES
#define DALLOC_MUTEXES 2 /* heaps at a time; one more is refused by heap_init */
#endif

static struct {
    recursive_mutex_t mutex;
    bool is_used;
} mutexes[DALLOC_MUTEXES];

void *dalloc_mutex_create(void) {
    for (size_t index = 0; index < DALLOC_MUTEXES; index++) {
        if (mutexes[index].is_used) continue;
        mutexes[index].is_used = true;
        recursive_mutex_init(&mutexes[index].mutex);
        return &mutexes[index].mutex;
    }
    return NULL;
}

void dalloc_mutex_delete(void *mutex) {
    for (size_t index = 0; index < DALLOC_MUTEXES; index++)
        if (mutex == &mutexes[index].mutex) mutexes[index].is_used = false;
}

void dalloc_mutex_lock(void *mutex) { recursive_mutex_enter_blocking(mutex); }

void dalloc_mutex_unlock(void *mutex) { recursive_mutex_exit(mutex); }
