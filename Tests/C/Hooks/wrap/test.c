/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test.c - each function of the C library's allocator is told of once, with a call site in this file, and what the library allocates
 * for itself is told of, too. For newlib, newlib-nano, picolibc, and a C library of which only this file's calls are wrapped.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../check.h"
#include "../watch_double.h"
#include "dalloc_watch_wrap.h"

#if defined(__GLIBC__)
#include <malloc.h>
#else
void *memalign(size_t alignment, size_t size);
#endif

/* What was told since the last time. */
#define TOLD(new_allocations, new_frees, new_resizes)                                            \
    do {                                                                                         \
        CHECK(watch_double.contradictions == 0 && watch_double.unlocked == 0 && locked == 0);    \
        CHECK(watch_double.allocations == allocations + (new_allocations));                      \
        CHECK(watch_double.frees == frees + (new_frees));                                        \
        CHECK(watch_double.resizes == resizes + (new_resizes));                                  \
        settle();                                                                                \
    } while (0)

static dalloc_agent_t agent;
static uint32_t allocations, frees, resizes;
static int locked;

static void lock(void *context) {
    (void)context;
    locked++;
}

static void unlock(void *context) {
    (void)context;
    locked--;
}

static void settle(void) {
    allocations = watch_double.allocations;
    frees = watch_double.frees;
    resizes = watch_double.resizes;
}

static const watch_double_block_t *told(const void *address) {
    for (uint32_t index = 0; index < watch_double.count; index++)
        if (watch_double.blocks[index].address == address) return &watch_double.blocks[index];
    CHECK(!"told of the block");
    return NULL;
}

int main(void);
static void last(void);

/* Functions of this file follow each other; what is called from main returns between these two. */
static void check_site(const void *block, uint32_t size) {
    uintptr_t site = (uintptr_t)told(block)->call_site;
    CHECK(told(block)->size == size);
    CHECK(site > (uintptr_t)main && site < (uintptr_t)last);
}

int __attribute__((noinline, noclone)) main(void) {
    static char text[64];
    /* What a program writes to is made before. */
    setvbuf(stdout, NULL, _IONBF, 0);
    setvbuf(stderr, NULL, _IONBF, 0);
    fputs("begin\n", stdout);

    dalloc_watch_config_t config = {0};
    config.name = "malloc";
    config.lock = lock;
    config.unlock = unlock;
    CHECK(dalloc_watch_wrap_begin(&agent, &config) == DALLOC_AGENT_OK);
    CHECK(watch_double.config.call_sites);
    settle();

    char *volatile block = malloc(100);
    check_site(block, 100);
    TOLD(1, 0, 0);

    /* The next block can't be in the place that this one grows into. */
    char *volatile barrier = malloc(24);
    TOLD(1, 0, 0);
    block = realloc(block, 5000);
    CHECK(told(block)->size == 5000);
    TOLD(0, 0, 1);
    block = realloc(block, 50);
    CHECK(told(block)->size == 50);
    TOLD(0, 0, 1);
    free(block);
    free(barrier);
    free(NULL);
    TOLD(0, 2, 0);

    block = realloc(NULL, 70);
    check_site(block, 70);
    TOLD(1, 0, 0);
    free(block);
    TOLD(0, 1, 0);

    block = calloc(7, 30);
    check_site(block, 210);
    for (int index = 0; index < 210; index++) CHECK(block[index] == 0);
    TOLD(1, 0, 0);
    free(block);
    TOLD(0, 1, 0);

    block = memalign(64, 90);
    CHECK((uintptr_t)block % 64 == 0);
    check_site(block, 90);
    TOLD(1, 0, 0);
    free(block);
    TOLD(0, 1, 0);

#if !defined(__NEWLIB__) || defined(__PICOLIBC__) || defined(_PICOLIBC__)
    block = aligned_alloc(32, 96);
    check_site(block, 96);
    TOLD(1, 0, 0);
    free(block);
    void *aligned = NULL;
    CHECK(posix_memalign(&aligned, 32, 33) == 0);
    check_site(aligned, 33);
    TOLD(1, 1, 0);
    free(aligned);
    TOLD(0, 1, 0);
#endif

    volatile size_t huge = PTRDIFF_MAX;
    CHECK(malloc(huge) == NULL);
    CHECK(watch_double.failures == 1 && watch_double.last_why == DALLOC_WATCH_NO_ROOM);
    CHECK(calloc(huge, 3) == NULL);
    CHECK(watch_double.failures == 2 && watch_double.last_why == DALLOC_WATCH_BAD_SIZE);
    TOLD(0, 0, 0);

#if !defined(__GLIBC__)
    /* The library's own calls. */
    block = strdup("twelve bytes");
    CHECK(told(block)->size == 13);
    TOLD(1, 0, 0);
    free(block);
    TOLD(0, 1, 0);
#endif

    /* Numbers of floating point, of which newlib's printf allocates. */
    snprintf(text, sizeof text, "%.20f", 1.0 / 3.0);
    CHECK(watch_double.contradictions == 0 && locked == 0);

    /* A thousand of all kinds. */
    static char *held[50];
    uint32_t seed = 1;
    for (int turn = 0; turn < 1000; turn++) {
        seed = seed * 1664525u + 1013904223u;
        char **place = &held[(seed >> 8) % 50];
        if (*place != NULL && (seed >> 28) % 2 == 0) {
            free(*place);
            *place = NULL;
        } else {
            *place = realloc(*place, (seed >> 20) % 500 + 1);
            CHECK(*place != NULL);
        }
    }
    for (int index = 0; index < 50; index++) free(held[index]);
    CHECK(watch_double.contradictions == 0 && watch_double.unlocked == 0 && locked == 0);
    uint32_t left = watch_double.count;
    printf("allocations %u, frees %u, left %u\n", (unsigned)watch_double.allocations, (unsigned)watch_double.frees,
           (unsigned)left);
    CHECK(left < 10); /* printf's buffers */
    watch_double_end();
    puts("ok");
    return 0;
}

static void __attribute__((noinline, noclone, used)) last(void) { settle(); }
