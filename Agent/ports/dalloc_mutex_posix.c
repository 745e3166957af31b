/*
 * dalloc_mutex_posix.c - the mutex of dalloc_mutex.h with POSIX threads.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef _XOPEN_SOURCE
#define _XOPEN_SOURCE 700 /* recursive mutexes */
#endif

#include "dalloc_mutex.h"

#include <pthread.h>
#include <stdlib.h>

static int init(pthread_mutex_t *mutex) {
    pthread_mutexattr_t recursive;
    int error = pthread_mutexattr_init(&recursive);
    if (error != 0) return error;
    error = pthread_mutexattr_settype(&recursive, PTHREAD_MUTEX_RECURSIVE);
    if (error == 0) error = pthread_mutex_init(mutex, &recursive);
    pthread_mutexattr_destroy(&recursive);
    return error;
}

void *dalloc_mutex_create(void) {
    pthread_mutex_t *mutex = malloc(sizeof *mutex);
    if (mutex != NULL && init(mutex) != 0) {
        free(mutex);
        mutex = NULL;
    }
    return mutex;
}

void dalloc_mutex_delete(void *mutex) {
    pthread_mutex_destroy(mutex);
    free(mutex);
}

void dalloc_mutex_lock(void *mutex) { (void)pthread_mutex_lock(mutex); }

void dalloc_mutex_unlock(void *mutex) { (void)pthread_mutex_unlock(mutex); }
