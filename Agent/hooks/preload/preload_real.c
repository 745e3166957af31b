/* SPDX-License-Identifier: Apache-2.0 */
/*
 * preload_real.c - the allocator below: the C library's, or one that the program is linked with, such as jemalloc.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <string.h>

#include "preload.h"

/* dlsym may allocate, before there is anything to allocate with. Each block has its size before it. */
static uint8_t arena[32768] __attribute__((aligned(16)));
static size_t arena_used; /* by one thread: the loader's, before main */

void *preload_early_alloc(size_t size) {
    if (size > sizeof arena) return NULL;
    size_t taken = 16 + ((size + 15) & ~(size_t)15);
    if (taken > sizeof arena - arena_used) return NULL;
    uint8_t *block = arena + arena_used + 16;
    memcpy(block - sizeof size, &size, sizeof size);
    arena_used += taken;
    return block;
}

bool preload_is_early(const void *block) { return (uintptr_t)block - (uintptr_t)arena < sizeof arena; }

size_t preload_early_size(const void *block) {
    size_t size;
    memcpy(&size, (const uint8_t *)block - sizeof size, sizeof size);
    return size;
}

/* A pointer to a function is no pointer to an object in C; POSIX says that this way is right. */
static void look_up(void *function, const char *name) {
    void *found = dlsym(RTLD_NEXT, name);
    memcpy(function, &found, sizeof found);
}

const preload_real_t *preload_real(void) {
    static preload_real_t real;
    static enum { UNKNOWN, LOOKING_UP, KNOWN } state;
    if (__atomic_load_n(&state, __ATOMIC_ACQUIRE) == KNOWN) return &real;
    if (state == LOOKING_UP) return NULL;
    state = LOOKING_UP;
    look_up(&real.calloc, "calloc");
    look_up(&real.realloc, "realloc");
    look_up(&real.free, "free");
    look_up(&real.memalign, "memalign");
    look_up(&real.aligned_alloc, "aligned_alloc");
    look_up(&real.posix_memalign, "posix_memalign");
    look_up(&real.valloc, "valloc");
    look_up(&real.pvalloc, "pvalloc");
    look_up(&real.malloc_usable_size, "malloc_usable_size");
    look_up(&real.malloc, "malloc");
    __atomic_store_n(&state, KNOWN, __ATOMIC_RELEASE);
    return &real;
}
