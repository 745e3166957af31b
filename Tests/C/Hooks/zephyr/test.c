/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test.c - a heap that calls its listeners when and with what a sys_heap calls them: 100,000 random operations, resizes in place among
 * them, and 1,000 comparisons of the walk with what the program holds.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../check.h"
#include "../watch_double.h"
#include "dalloc_watch_zephyr.h"

/* MARK: Interrupts and listeners */

static unsigned int locked;
static struct heap_listener *listeners;

unsigned int irq_lock(void) { return locked++; }

void irq_unlock(unsigned int key) {
    CHECK(key == locked - 1);
    locked = key;
}

void heap_listener_register(struct heap_listener *listener) {
    listener->node = listeners;
    listeners = listener;
}

static void notify(enum heap_event_types event, struct sys_heap *heap, void *block, size_t bytes) {
    for (struct heap_listener *listener = listeners; listener != NULL; listener = listener->node) {
        if (listener->event != event || listener->heap_id != HEAP_ID_FROM_POINTER(heap)) continue;
        if (event == HEAP_ALLOC) listener->alloc_cb(listener->heap_id, block, bytes);
        else listener->free_cb(listener->heap_id, block, bytes);
    }
}

/* MARK: A heap of units of 8 bytes, with a header of 4 before each block */

enum { UNITS = 1000 };
static uint8_t memory[UNITS * 8 + 4] __attribute__((aligned(8)));
static uint16_t lengths[UNITS]; /* of the block that begins with a unit, in units */
static bool taken[UNITS];
static struct sys_heap heap, other;

static void *at(int unit) { return memory + unit * 8 + 4; }

static int unit_of(const void *block) { return (int)((const uint8_t *)block - memory - 4) / 8; }

static size_t usable(int unit) { return lengths[unit] * 8u - 4; }

size_t sys_heap_usable_size(struct sys_heap *asked, void *block) {
    CHECK(asked == &heap && lengths[unit_of(block)] != 0);
    return usable(unit_of(block));
}

static bool is_free(int from, int units) {
    if (from + units > UNITS) return false;
    for (int unit = from; unit < from + units; unit++)
        if (taken[unit]) return false;
    return true;
}

static void *allocate(size_t bytes) {
    int units = (int)(bytes + 4 + 7) / 8;
    for (int unit = 0; unit + units <= UNITS; unit++) {
        if (!is_free(unit, units)) continue;
        memset(taken + unit, true, (size_t)units);
        lengths[unit] = (uint16_t)units;
        notify(HEAP_ALLOC, &heap, at(unit), usable(unit));
        return at(unit);
    }
    return NULL;
}

static void release(void *block) {
    int unit = unit_of(block);
    notify(HEAP_FREE, &heap, block, usable(unit));
    memset(taken + unit, false, lengths[unit]);
    lengths[unit] = 0;
}

static void *resize(void *block, size_t bytes) {
    int unit = unit_of(block), units = (int)(bytes + 4 + 7) / 8, had = lengths[unit];
    if (units == had) return block;
    if (units < had || is_free(unit + had, units - had)) {
        size_t before = usable(unit);
        memset(taken + unit, false, (size_t)had);
        memset(taken + unit, true, (size_t)units);
        lengths[unit] = (uint16_t)units;
        /* As inplace_realloc: both, and the new one first. */
        notify(HEAP_ALLOC, &heap, block, usable(unit));
        notify(HEAP_FREE, &heap, block, before);
        return block;
    }
    void *moved = allocate(bytes);
    if (moved != NULL) release(block);
    return moved;
}

/* MARK: The test */

DALLOC_WATCH_ZEPHYR(watch, sizeof memory);

static dalloc_agent_t agent;
static void *held[100];
static uint32_t state = 7;

static uint32_t random_below(uint32_t limit) {
    state = state * 1664525u + 1013904223u;
    return (uint32_t)(((uint64_t)state * limit) >> 32);
}

static bool is_locked(void) { return locked > 0; }

int main(void) {
    heap.heap = (struct z_heap *)memory;
    void *early = allocate(20); /* not in the map: nobody hears of it */
    CHECK(dalloc_watch_zephyr_begin(&agent, &watch, "system", &heap) == DALLOC_AGENT_OK);
    watch_double.is_locked = is_locked;
    for (int operation = 1; operation <= 100000; operation++) {
        void **place = &held[random_below(100)];
        uint32_t bytes = random_below(120) + 1;
        if (*place == NULL) {
            *place = allocate(bytes);
        } else if (random_below(2) == 0) {
            void *moved = resize(*place, bytes);
            if (moved != NULL) *place = moved;
        } else {
            release(*place);
            *place = NULL;
        }
        /* Of a heap that nobody watches. */
        if (random_below(100) == 0) watch.on_alloc.alloc_cb(HEAP_ID_FROM_POINTER(&other), memory, 8);
        if (operation == 50000) release(early);
        if (operation % 100 != 0) continue;
        uint32_t count = 0;
        for (int index = 0; index < 100; index++) {
            if (held[index] == NULL) continue;
            uint32_t told = 0;
            while (told < watch_double.count && watch_double.blocks[told].address != held[index]) told++;
            CHECK(told < watch_double.count && watch_double.blocks[told].size == usable(unit_of(held[index])));
            count++;
        }
        CHECK(watch_double.count == count);
        CHECK(watch_double_equals_walk());
    }
    CHECK(watch_double.resizes > 1000);
    CHECK(watch_double.contradictions == 0 && watch_double.unlocked == 0 && locked == 0);
    puts("ok");
    return 0;
}
