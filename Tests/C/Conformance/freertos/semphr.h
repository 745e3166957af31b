/*
 * semphr.h - the recursive mutexes of FreeRTOS, made of POSIX ones. As on a device, FreeRTOS.h comes first.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SEMAPHORE_H
#define SEMAPHORE_H

#ifndef INC_FREERTOS_H
#error "include FreeRTOS.h before semphr.h"
#endif

#include <pthread.h>
#include <stdlib.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct QueueDefinition *QueueHandle_t;
typedef QueueHandle_t SemaphoreHandle_t;

/* Recursive by hand: the POSIX attribute hides from programs in strict C99. */
struct QueueDefinition {
    pthread_mutex_t guard; /* of the fields below */
    pthread_cond_t idle;
    pthread_t holder;
    unsigned depth;
};

/* NULL when there is no memory for one. */
static inline SemaphoreHandle_t xSemaphoreCreateRecursiveMutex(void) {
    SemaphoreHandle_t semaphore = (SemaphoreHandle_t)malloc(sizeof *semaphore);
    if (semaphore == NULL) return NULL;
    if (pthread_mutex_init(&semaphore->guard, NULL) != 0 || pthread_cond_init(&semaphore->idle, NULL) != 0) abort();
    semaphore->depth = 0;
    return semaphore;
}

/* No time to wait, or all: nothing here waits for a while. */
static inline BaseType_t xSemaphoreTakeRecursive(SemaphoreHandle_t semaphore, TickType_t ticks) {
    BaseType_t taken = pdTRUE;
    pthread_mutex_lock(&semaphore->guard);
    while (semaphore->depth > 0 && !pthread_equal(semaphore->holder, pthread_self())) {
        taken = pdFALSE;
        if (ticks != portMAX_DELAY) break;
        pthread_cond_wait(&semaphore->idle, &semaphore->guard);
        taken = pdTRUE;
    }
    if (taken) {
        semaphore->holder = pthread_self();
        semaphore->depth++;
    }
    pthread_mutex_unlock(&semaphore->guard);
    return taken;
}

/* pdFALSE when the caller does not hold it. */
static inline BaseType_t xSemaphoreGiveRecursive(SemaphoreHandle_t semaphore) {
    BaseType_t given = pdFALSE;
    pthread_mutex_lock(&semaphore->guard);
    if (semaphore->depth > 0 && pthread_equal(semaphore->holder, pthread_self())) {
        given = pdTRUE;
        if (--semaphore->depth == 0) pthread_cond_signal(&semaphore->idle);
    }
    pthread_mutex_unlock(&semaphore->guard);
    return given;
}

static inline void vSemaphoreDelete(SemaphoreHandle_t semaphore) {
    pthread_cond_destroy(&semaphore->idle);
    pthread_mutex_destroy(&semaphore->guard);
    free(semaphore);
}

#ifdef __cplusplus
}
#endif

#endif
