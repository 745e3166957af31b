/*
 * dalloc_mutex_zephyr.c - the mutex of dalloc_mutex.h with Zephyr: a k_mutex, which is recursive and inherits priority. Its memory is
 * here, for CONFIG_DALLOC_MUTEXES heaps.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dalloc_mutex.h"

#include <zephyr/kernel.h>

#ifndef CONFIG_DALLOC_MUTEXES
#define CONFIG_DALLOC_MUTEXES 2 /* heaps at a time; one more is refused by heap_init */
#endif

static struct {
    struct k_mutex mutex;
    atomic_t is_used;
} mutexes[CONFIG_DALLOC_MUTEXES];

void *dalloc_mutex_create(void) {
    for (size_t index = 0; index < ARRAY_SIZE(mutexes); index++) {
        if (!atomic_cas(&mutexes[index].is_used, 0, 1)) continue;
        if (k_mutex_init(&mutexes[index].mutex) == 0) return &mutexes[index].mutex;
        atomic_set(&mutexes[index].is_used, 0);
    }
    return NULL;
}

void dalloc_mutex_delete(void *mutex) {
    for (size_t index = 0; index < ARRAY_SIZE(mutexes); index++)
        if (mutex == &mutexes[index].mutex) atomic_set(&mutexes[index].is_used, 0);
}

void dalloc_mutex_lock(void *mutex) { (void)k_mutex_lock(mutex, K_FOREVER); }

void dalloc_mutex_unlock(void *mutex) { (void)k_mutex_unlock(mutex); }
