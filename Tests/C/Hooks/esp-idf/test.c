/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test.c - the functions of ESP-IDF's heap, wrapped by the linker: 50,000 random calls, each told once, and 500 walks that find what is
 * there.
 */
#include <stdio.h>
#include <stdlib.h>

#include "../check.h"
#include "../watch_double.h"
#include "dalloc_watch_esp_idf.h"
#include "heap.h"

static esp_alloc_failed_hook_t callback;
static dalloc_agent_t agent;
static void *held[100];
static uint32_t state = 3;

esp_err_t heap_caps_register_failed_alloc_callback(esp_alloc_failed_hook_t given) {
    callback = given;
    return 0;
}

static uint32_t random_below(uint32_t limit) {
    state = state * 1664525u + 1013904223u;
    return (uint32_t)(((uint64_t)state * limit) >> 32);
}

static void check_walk(void) {
    uint32_t size = 0, index = 0;
    const void *block = NULL;
    int before = walks;
    dalloc_watch_lock(NULL);
    while ((block = watch_double.config.next(NULL, block, &size)) != NULL) {
        CHECK(index < watch_double.count && watch_double.blocks[index].address == block);
        CHECK(size >= watch_double.blocks[index].size); /* it is rounded up */
        index++;
    }
    dalloc_watch_unlock(NULL);
    CHECK(index == watch_double.count);
    CHECK(walks - before <= (int)index / 16 + 2);
}

static bool is_locked(void) { return critical > 0; }

int main(void) {
    for (int index = 0; index < 20; index++) held[index] = heap_caps_malloc_base(30, MALLOC_CAP_DEFAULT);
    CHECK(dalloc_watch_esp_idf_begin(&agent, "heap") == DALLOC_AGENT_OK);
    watch_double.is_locked = is_locked;
    CHECK(watch_double.count == 20);
    uint32_t gone = 0, come = 0;
    for (int operation = 1; operation <= 50000; operation++) {
        void **place = &held[random_below(100)];
        uint32_t size = random_below(200) + 1;
        uint32_t caps = random_below(10) == 0 ? MALLOC_CAP_EXEC : MALLOC_CAP_DEFAULT;
        if (*place == NULL) {
            switch (random_below(4)) {
                case 0: *place = heap_caps_malloc_base(size, caps); break;
                case 1: *place = heap_caps_calloc_base(size, 1, MALLOC_CAP_DEFAULT); break;
                case 2: *place = heap_caps_aligned_alloc_base(8, size, MALLOC_CAP_DEFAULT); break;
                default: *place = heap_caps_realloc_base(NULL, size, MALLOC_CAP_DEFAULT); break;
            }
            if (*place != NULL) come++;
        } else if (!esp_ptr_in_diram_iram(*place) && random_below(2) == 0) {
            uint32_t new_size = random_below(20) == 0 ? 0 : size;
            void *moved = heap_caps_realloc_base(*place, new_size, MALLOC_CAP_DEFAULT);
            if (new_size == 0) gone++;
            if (new_size == 0 || moved != NULL) *place = moved;
        } else {
            heap_caps_free(*place);
            *place = NULL;
            gone++;
        }
        CHECK(watch_double.contradictions == 0 && critical == 0);
        if (operation % 100 == 0) check_walk();
    }
    CHECK(watch_double.allocations == come && watch_double.frees == gone && watch_double.resizes > 1000);
    CHECK(watch_double.unlocked == 0);
    CHECK(heap_caps_malloc_base(100000, MALLOC_CAP_DEFAULT) == NULL && watch_double.failures == 0);
    callback(100000, MALLOC_CAP_DEFAULT, "heap_caps_malloc");
    CHECK(watch_double.failures == 1 && watch_double.last_failed_size == 100000);
    puts("ok");
    return 0;
}
