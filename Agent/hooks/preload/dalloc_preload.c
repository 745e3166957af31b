/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dalloc_preload.c - watches malloc in any Linux program, which need not be built again:
 *
 *   make preload
 *   DALLOC_PRELOAD=tcp://127.0.0.1:7420 LD_PRELOAD=$PWD/.build/preload/dalloc-preload.so program
 *   DALLOC_PRELOAD=file:program.frames LD_PRELOAD=$PWD/.build/preload/dalloc-preload.so program
 *
 * DALLOC_PRELOAD_DEVICE    the device's name; the program's name and process number, unless given
 * DALLOC_PRELOAD_CHILDREN  1: a child after fork is watched as well, as a device with "-" and its process number at the end
 *
 * docs/heaps.md says what it costs and what it can't see. This file has the functions that the program calls in place of the C
 * library's; preload.h has the others.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "preload.h"

#define EXPORTED __attribute__((visibility("default")))
#define CALL_SITE __builtin_return_address(0)

EXPORTED void *malloc(size_t size) {
    const preload_real_t *real = preload_real();
    if (real == NULL) return preload_early_alloc(size);
    void *block = real->malloc(size);
    preload_allocated(block, size, CALL_SITE);
    return block;
}

EXPORTED void *calloc(size_t count, size_t size) {
    const preload_real_t *real = preload_real();
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) bytes = SIZE_MAX;
    if (real == NULL) return preload_early_alloc(bytes);
    void *block = real->calloc(count, size);
    preload_allocated(block, bytes, CALL_SITE);
    return block;
}

EXPORTED void free(void *block) {
    if (block == NULL || preload_is_early(block)) return;
    preload_freeing(block);
    preload_real()->free(block);
}

static void *resized(void *block, size_t size, const void *call_site) {
    const preload_real_t *real = preload_real();
    if (real != NULL && !preload_is_early(block)) return preload_realloc(block, size, call_site);
    void *copy = real == NULL ? preload_early_alloc(size) : real->malloc(size);
    if (real != NULL) preload_allocated(copy, size, call_site);
    if (copy != NULL && block != NULL) {
        size_t kept = preload_early_size(block);
        memcpy(copy, block, kept < size ? kept : size);
    }
    return copy;
}

EXPORTED void *realloc(void *block, size_t size) { return resized(block, size, CALL_SITE); }

EXPORTED void *reallocarray(void *block, size_t count, size_t size) {
    size_t bytes;
    if (!__builtin_mul_overflow(count, size, &bytes)) return resized(block, bytes, CALL_SITE);
    errno = ENOMEM;
    preload_allocated(NULL, SIZE_MAX, CALL_SITE);
    return NULL;
}

EXPORTED int posix_memalign(void **result, size_t alignment, size_t size) {
    const preload_real_t *real = preload_real();
    if (real == NULL) return ENOMEM;
    void *block = NULL;
    int error = real->posix_memalign(&block, alignment, size);
    if (error == 0) *result = block;
    if (error != EINVAL) preload_allocated(error == 0 ? block : NULL, size, CALL_SITE);
    return error;
}

EXPORTED void *memalign(size_t alignment, size_t size) {
    const preload_real_t *real = preload_real();
    if (real == NULL) return NULL;
    void *block = real->memalign(alignment, size);
    preload_allocated(block, size, CALL_SITE);
    return block;
}

EXPORTED void *aligned_alloc(size_t alignment, size_t size) {
    const preload_real_t *real = preload_real();
    if (real == NULL) return NULL;
    void *block = real->aligned_alloc(alignment, size);
    preload_allocated(block, size, CALL_SITE);
    return block;
}

EXPORTED void *valloc(size_t size) {
    const preload_real_t *real = preload_real();
    if (real == NULL) return NULL;
    void *block = real->valloc(size);
    preload_allocated(block, size, CALL_SITE);
    return block;
}

EXPORTED void *pvalloc(size_t size) {
    const preload_real_t *real = preload_real();
    if (real == NULL) return NULL;
    void *block = real->pvalloc(size);
    preload_allocated(block, size, CALL_SITE);
    return block;
}
