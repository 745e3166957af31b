/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dalloc_watch_wrap.c - malloc and its like, as the linker puts them in place of the C library's. dalloc_watch_wrap.h says what to add
 * to a project.
 *
 * newlib: all others end in the five functions with _r; those without it are here for the sake of their call sites. picolibc, and any
 * other C library: there are none with _r.
 */
#include "dalloc_watch_wrap.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#define CALL_SITE __builtin_return_address(0)

static dalloc_watch_t watch;
static bool is_watched;
static unsigned depth; /* calls of these functions that are in each other; with the watch's lock */

dalloc_agent_error_t dalloc_watch_wrap_begin(dalloc_agent_t *agent, const dalloc_watch_config_t *config) {
    if (config == NULL) return DALLOC_AGENT_ERROR_NULL;
    dalloc_watch_config_t with_sites = *config;
    with_sites.call_sites = true;
    dalloc_agent_error_t error = dalloc_agent_watch(agent, &watch, &with_sites);
    if (error == DALLOC_AGENT_OK) is_watched = true;
    return error;
}

/* Whether the call is to be told: it is the program's, or the C library's for itself. */
static bool enter(void) {
    dalloc_watch_lock(&watch);
    return depth++ == 0;
}

static void leave(void) {
    depth--;
    dalloc_watch_unlock(&watch);
}

static uint32_t bytes(size_t size) { return size > UINT32_MAX ? UINT32_MAX : (uint32_t)size; }

static void tell_failed(size_t size) {
    if (size != 0)
        dalloc_watch_failed(&watch, bytes(size), size > PTRDIFF_MAX ? DALLOC_WATCH_BAD_SIZE : DALLOC_WATCH_NO_ROOM);
}

static void tell_allocated(const void *block, size_t size, const void *call_site) {
    if (block != NULL)
        dalloc_watch_alloc_from(&watch, block, bytes(size), call_site);
    else
        tell_failed(size);
}

static void tell_resized(const void *old, const void *block, size_t size, const void *call_site) {
    if (old == NULL)
        tell_allocated(block, size, call_site);
    else if (block != NULL || size == 0) /* a size of 0 frees where it returns NULL */
        dalloc_watch_resize(&watch, old, block, bytes(size));
    else
        tell_failed(size);
}

static size_t product(size_t count, size_t size) {
    return size != 0 && count > SIZE_MAX / size ? SIZE_MAX : count * size;
}

/* The linker knows the C library's functions as __real_. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
void __real_free(void *block);
void *__real_memalign(size_t alignment, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);
void __wrap_free(void *block);
void *__wrap_memalign(size_t alignment, size_t size);

void *__wrap_malloc(size_t size) {
    if (!is_watched) return __real_malloc(size);
    bool is_outermost = enter();
    void *block = __real_malloc(size);
    if (is_outermost) tell_allocated(block, size, CALL_SITE);
    leave();
    return block;
}

void *__wrap_calloc(size_t count, size_t size) {
    if (!is_watched) return __real_calloc(count, size);
    bool is_outermost = enter();
    void *block = __real_calloc(count, size);
    if (is_outermost) tell_allocated(block, product(count, size), CALL_SITE);
    leave();
    return block;
}

void *__wrap_realloc(void *old, size_t size) {
    if (!is_watched) return __real_realloc(old, size);
    bool is_outermost = enter();
    void *block = __real_realloc(old, size);
    if (is_outermost) tell_resized(old, block, size, CALL_SITE);
    leave();
    return block;
}

void __wrap_free(void *block) {
    if (!is_watched) {
        __real_free(block);
        return;
    }
    if (enter()) dalloc_watch_free(&watch, block);
    __real_free(block);
    leave();
}

void *__wrap_memalign(size_t alignment, size_t size) {
    if (!is_watched) return __real_memalign(alignment, size);
    bool is_outermost = enter();
    void *block = __real_memalign(alignment, size);
    if (is_outermost) tell_allocated(block, size, CALL_SITE);
    leave();
    return block;
}

#if defined(__NEWLIB__) && !defined(__PICOLIBC__) && !defined(_PICOLIBC__)

struct _reent;
void *__real__malloc_r(struct _reent *task, size_t size);
void *__real__calloc_r(struct _reent *task, size_t count, size_t size);
void *__real__realloc_r(struct _reent *task, void *block, size_t size);
void __real__free_r(struct _reent *task, void *block);
void *__real__memalign_r(struct _reent *task, size_t alignment, size_t size);
void *__wrap__malloc_r(struct _reent *task, size_t size);
void *__wrap__calloc_r(struct _reent *task, size_t count, size_t size);
void *__wrap__realloc_r(struct _reent *task, void *block, size_t size);
void __wrap__free_r(struct _reent *task, void *block);
void *__wrap__memalign_r(struct _reent *task, size_t alignment, size_t size);

void *__wrap__malloc_r(struct _reent *task, size_t size) {
    if (!is_watched) return __real__malloc_r(task, size);
    bool is_outermost = enter();
    void *block = __real__malloc_r(task, size);
    if (is_outermost) tell_allocated(block, size, CALL_SITE);
    leave();
    return block;
}

void *__wrap__calloc_r(struct _reent *task, size_t count, size_t size) {
    if (!is_watched) return __real__calloc_r(task, count, size);
    bool is_outermost = enter();
    void *block = __real__calloc_r(task, count, size);
    if (is_outermost) tell_allocated(block, product(count, size), CALL_SITE);
    leave();
    return block;
}

void *__wrap__realloc_r(struct _reent *task, void *old, size_t size) {
    if (!is_watched) return __real__realloc_r(task, old, size);
    bool is_outermost = enter();
    void *block = __real__realloc_r(task, old, size);
    if (is_outermost) tell_resized(old, block, size, CALL_SITE);
    leave();
    return block;
}

void __wrap__free_r(struct _reent *task, void *block) {
    if (!is_watched) {
        __real__free_r(task, block);
        return;
    }
    if (enter()) dalloc_watch_free(&watch, block);
    __real__free_r(task, block);
    leave();
}

void *__wrap__memalign_r(struct _reent *task, size_t alignment, size_t size) {
    if (!is_watched) return __real__memalign_r(task, alignment, size);
    bool is_outermost = enter();
    void *block = __real__memalign_r(task, alignment, size);
    if (is_outermost) tell_allocated(block, size, CALL_SITE);
    leave();
    return block;
}

#else

void *__real_aligned_alloc(size_t alignment, size_t size);
int __real_posix_memalign(void **result, size_t alignment, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
int __wrap_posix_memalign(void **result, size_t alignment, size_t size);

void *__wrap_aligned_alloc(size_t alignment, size_t size) {
    if (!is_watched) return __real_aligned_alloc(alignment, size);
    bool is_outermost = enter();
    void *block = __real_aligned_alloc(alignment, size);
    if (is_outermost) tell_allocated(block, size, CALL_SITE);
    leave();
    return block;
}

int __wrap_posix_memalign(void **result, size_t alignment, size_t size) {
    if (!is_watched) return __real_posix_memalign(result, alignment, size);
    bool is_outermost = enter();
    int error = __real_posix_memalign(result, alignment, size);
    if (is_outermost) tell_allocated(error == 0 ? *result : NULL, size, CALL_SITE);
    leave();
    return error;
}

#endif
