/*
 * own_mutex.h - the mutexes of own_mutex_conf.h, which find out when they are unlocked by the wrong thread. Each program
 * includes it in one file.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OWN_MUTEX_H
#define OWN_MUTEX_H

#include "check.h"
#include "freertos/FreeRTOS.h"
#include "freertos/semphr.h"

enum { OWN_MUTEXES = 8 };

static struct {
    SemaphoreHandle_t mutex; /* NULL: free */
    int depth;               /* guarded by the mutex */
} own_mutexes[OWN_MUTEXES];

static bool own_mutex_refuses;

/* Heaps are made and ended by one thread. */
int own_mutex_create(void) {
    if (own_mutex_refuses) return -1;
    for (int number = 0; number < OWN_MUTEXES; number++) {
        if (own_mutexes[number].mutex != NULL) continue;
        own_mutexes[number].mutex = xSemaphoreCreateRecursiveMutex();
        CHECK(own_mutexes[number].mutex != NULL);
        return number;
    }
    return -1;
}

void own_mutex_delete(int mutex) {
    CHECK(own_mutexes[mutex].mutex != NULL && own_mutexes[mutex].depth == 0);
    vSemaphoreDelete(own_mutexes[mutex].mutex);
    own_mutexes[mutex].mutex = NULL;
}

void own_mutex_lock(int mutex) {
    CHECK(own_mutexes[mutex].mutex != NULL);
    CHECK(xSemaphoreTakeRecursive(own_mutexes[mutex].mutex, portMAX_DELAY) == pdTRUE);
    own_mutexes[mutex].depth++;
}

static inline bool own_mutex_try(int mutex) {
    if (xSemaphoreTakeRecursive(own_mutexes[mutex].mutex, 0) != pdTRUE) return false;
    own_mutexes[mutex].depth++;
    return true;
}

void own_mutex_unlock(int mutex) {
    CHECK(own_mutexes[mutex].mutex != NULL);
    own_mutexes[mutex].depth--;
    CHECK(xSemaphoreGiveRecursive(own_mutexes[mutex].mutex) == pdTRUE);
}

/* How many there are, all of them unlocked. */
static inline int own_mutexes_idle(void) {
    int count = 0;
    for (int number = 0; number < OWN_MUTEXES; number++) {
        if (own_mutexes[number].mutex == NULL) continue;
        CHECK(own_mutexes[number].depth == 0);
        count++;
    }
    return count;
}

#endif
