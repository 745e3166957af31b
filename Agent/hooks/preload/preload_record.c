/* SPDX-License-Identifier: Apache-2.0 */
/*
 * preload_record.c - keeps the table, and tells the watch. Both see the same blocks at any time, whatever the program does: a free of
 * a block that is not in the table is nobody's business, and a block in a place that the table says is taken shows that a free went
 * past us, which is told first.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>

#include "preload.h"
#include "preload_table.h"

pthread_mutex_t preload_lock = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
dalloc_watch_t preload_watch;

static preload_state_t state; /* written with preload_lock */

/* This thread is between two halves of a change. A signal handler that allocates in the middle of it is not recorded. */
static bool is_changing;

void preload_set_state(preload_state_t now) { __atomic_store_n(&state, now, __ATOMIC_RELAXED); }

static bool begin_change(void) {
    if (__atomic_load_n(&state, __ATOMIC_RELAXED) == PRELOAD_OFF) return false;
    (void)pthread_mutex_lock(&preload_lock);
    if (state == PRELOAD_OFF || is_changing) {
        (void)pthread_mutex_unlock(&preload_lock);
        return false;
    }
    is_changing = true;
    return true;
}

static void end_change(void) {
    is_changing = false;
    if (state == PRELOAD_WATCHING) {
        /* A frame may be written, which is where a thread can be cancelled. malloc is no such place. */
        int cancelling;
        (void)pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancelling);
        preload_recorded();
        preload_truth_step();
        (void)pthread_setcancelstate(cancelling, NULL);
    }
    (void)pthread_mutex_unlock(&preload_lock);
}

/* A watch counts bytes in 32 bits, and a block has one at least. */
static uint32_t bytes(size_t size) { return size == 0 ? 1 : size > UINT32_MAX ? UINT32_MAX : (uint32_t)size; }

static void forget(uintptr_t address) {
    if (state == PRELOAD_WATCHING) dalloc_watch_free(&preload_watch, (const void *)address);
    (void)preload_table_remove(address);
}

/* Whether there was an entry left for it. */
static bool enter(uintptr_t address, uint32_t size) {
    for (uintptr_t other; (other = preload_table_overlapped(address, size)) != 0;) forget(other);
    return preload_table_insert(address, size);
}

static void failed(size_t size) {
    /* A wrong alignment is the program's mistake, and no lack of memory. */
    if (state == PRELOAD_WATCHING && errno != EINVAL)
        dalloc_watch_failed(&preload_watch, bytes(size), size > PTRDIFF_MAX ? DALLOC_WATCH_BAD_SIZE : DALLOC_WATCH_NO_ROOM);
}

void preload_allocated(void *block, size_t size, const void *call_site) {
    int error = errno;
    if (!begin_change()) return;
    if (block == NULL)
        failed(size);
    else if (enter((uintptr_t)block, bytes(size)) && state == PRELOAD_WATCHING)
        dalloc_watch_alloc_from(&preload_watch, block, bytes(size), call_site);
    end_change();
    errno = error;
}

void preload_freeing(const void *block) {
    int error = errno;
    if (!begin_change()) return;
    if (preload_table_has((uintptr_t)block)) forget((uintptr_t)block);
    end_change();
    errno = error;
}

void *preload_realloc(void *block, size_t size, const void *call_site) {
    /* Nobody may tell of the memory that this gives back before this has told of it. */
    if (!begin_change()) return preload_real()->realloc(block, size);
    void *result = preload_real()->realloc(block, size);
    int error = errno;
    bool was_known = block != NULL && preload_table_has((uintptr_t)block);
    if (result != NULL) {
        if (was_known) (void)preload_table_remove((uintptr_t)block);
        bool is_known = enter((uintptr_t)result, bytes(size));
        if (state != PRELOAD_WATCHING)
            ;
        else if (was_known)
            dalloc_watch_resize(&preload_watch, block, is_known ? result : NULL, bytes(size));
        else if (is_known)
            dalloc_watch_alloc_from(&preload_watch, result, bytes(size), call_site);
    } else if (size != 0 || block == NULL) {
        failed(size);
    } else if (was_known) {
        forget((uintptr_t)block); /* size 0 frees */
    }
    end_change();
    errno = error;
    return result;
}

const void *preload_next(void *context, const void *block, uint32_t *size) {
    (void)context;
    return (const void *)preload_table_next((uintptr_t)block, size);
}
