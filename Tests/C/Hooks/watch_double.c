/* SPDX-License-Identifier: Apache-2.0 */
/* watch_double.c - see watch_double.h. */
#include "watch_double.h"

#include <stdio.h>
#include <string.h>

watch_double_t watch_double;

static bool is_started;

dalloc_agent_error_t dalloc_agent_watch_with_buffer(dalloc_agent_t *agent, dalloc_watch_t *watch, const dalloc_watch_config_t *config,
                                                    uint8_t *buffer, uint32_t bytes) {
    (void)agent, (void)watch, (void)buffer, (void)bytes;
    memset(&watch_double, 0, sizeof watch_double);
    watch_double.config = *config;
    is_started = true;
    dalloc_watch_lock(watch);
    if (config->next != NULL) {
        uint32_t size = 0;
        const void *block = NULL;
        while ((block = config->next(config->walk_context, block, &size)) != NULL)
            watch_double.blocks[watch_double.count++] = (watch_double_block_t){block, size, NULL};
    }
    dalloc_watch_unlock(watch);
    return DALLOC_AGENT_OK;
}

void watch_double_end(void) { is_started = false; }

/* Where the block is, or would be. */
static uint32_t place(const void *address) {
    uint32_t low = 0, high = watch_double.count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if ((uintptr_t)watch_double.blocks[middle].address < (uintptr_t)address) low = middle + 1;
        else high = middle;
    }
    return low;
}

static bool is_at(uint32_t index, const void *address) {
    return index < watch_double.count && watch_double.blocks[index].address == address;
}

static void contradict(const char *what, const void *address) {
    watch_double.contradictions++;
    fprintf(stderr, "contradiction: %s %p\n", what, (void *)(uintptr_t)address);
}

static void enter(const void *address, uint32_t size, const void *call_site) {
    uint32_t index = place(address);
    uintptr_t start = (uintptr_t)address, end = start + (size == 0 ? 1 : size);
    watch_double_block_t *before = index > 0 ? &watch_double.blocks[index - 1] : NULL;
    bool overlaps = (before != NULL && (uintptr_t)before->address + before->size > start)
        || (index < watch_double.count && (uintptr_t)watch_double.blocks[index].address < end);
    uintptr_t base = (uintptr_t)watch_double.config.memory;
    bool is_outside = watch_double.config.size != 0 && (start < base || end > base + watch_double.config.size);
    if (overlaps || is_outside || watch_double.count == WATCH_DOUBLE_BLOCKS) {
        contradict(overlaps ? "overlaps" : is_outside ? "is outside" : "too many", address);
        return;
    }
    memmove(&watch_double.blocks[index + 1], &watch_double.blocks[index],
            (watch_double.count - index) * sizeof watch_double.blocks[0]);
    watch_double.blocks[index] = (watch_double_block_t){address, size == 0 ? 1 : size, call_site};
    watch_double.count++;
}

static bool leave(const void *address) {
    uint32_t index = place(address);
    if (!is_at(index, address)) {
        contradict("not there", address);
        return false;
    }
    watch_double.count--;
    memmove(&watch_double.blocks[index], &watch_double.blocks[index + 1],
            (watch_double.count - index) * sizeof watch_double.blocks[0]);
    return true;
}

void dalloc_watch_alloc_from(dalloc_watch_t *watch, const void *block, uint32_t size, const void *call_site) {
    if (!is_started || block == NULL) return;
    dalloc_watch_lock(watch);
    watch_double.allocations++;
    enter(block, size, call_site);
    dalloc_watch_unlock(watch);
}

void dalloc_watch_alloc(dalloc_watch_t *watch, const void *block, uint32_t size) {
    dalloc_watch_alloc_from(watch, block, size, NULL);
}

void dalloc_watch_free(dalloc_watch_t *watch, const void *block) {
    if (!is_started || block == NULL) return;
    dalloc_watch_lock(watch);
    watch_double.frees++;
    /* A real watch may walk on from the block that goes. */
    uint32_t size = 0;
    if (watch_double.config.next != NULL) {
        const void *next = watch_double.config.next(watch_double.config.walk_context, block, &size);
        uint32_t index = place(block);
        const void *expected = index + 1 < watch_double.count ? watch_double.blocks[index + 1].address : NULL;
        if (is_at(index, block) && next != expected) contradict("the walk from a block that goes leads to", next);
    }
    (void)leave(block);
    dalloc_watch_unlock(watch);
}

void dalloc_watch_resize(dalloc_watch_t *watch, const void *old_block, const void *block, uint32_t size) {
    if (!is_started) return;
    if (old_block == NULL) {
        dalloc_watch_alloc(watch, block, size);
    } else if (block == NULL) {
        dalloc_watch_free(watch, old_block);
    } else {
        bool is_locked = watch_double.is_locked != NULL ? watch_double.is_locked() : watch_double.depth > 0;
        if (watch_double.config.lock != NULL && !is_locked) watch_double.unlocked++;
        dalloc_watch_lock(watch);
        watch_double.resizes++;
        uint32_t index = place(old_block);
        const void *call_site = is_at(index, old_block) ? watch_double.blocks[index].call_site : NULL;
        if (leave(old_block)) enter(block, size, call_site);
        dalloc_watch_unlock(watch);
    }
}

void dalloc_watch_failed(dalloc_watch_t *watch, uint32_t size, dalloc_watch_why_t why) {
    (void)watch;
    if (!is_started) return;
    watch_double.failures++;
    watch_double.last_failed_size = size;
    watch_double.last_why = why;
}

void dalloc_watch_reset(dalloc_watch_t *watch) {
    (void)watch;
    watch_double.count = 0;
}

void dalloc_watch_lock(dalloc_watch_t *watch) {
    (void)watch;
    if (!is_started || watch_double.config.lock == NULL) return;
    watch_double.config.lock(watch_double.config.lock_context);
    watch_double.depth++;
}

void dalloc_watch_unlock(dalloc_watch_t *watch) {
    (void)watch;
    if (!is_started || watch_double.config.lock == NULL) return;
    watch_double.depth--;
    watch_double.config.unlock(watch_double.config.lock_context);
}

bool watch_double_equals_walk(void) {
    uint32_t index = 0, size = 0;
    const void *block = NULL;
    dalloc_watch_lock(NULL);
    while ((block = watch_double.config.next(watch_double.config.walk_context, block, &size)) != NULL) {
        if (!is_at(index, block) || watch_double.blocks[index].size != size) {
            fprintf(stderr, "walk: block %u is %p of %u bytes\n", (unsigned)index, (void *)(uintptr_t)block, (unsigned)size);
            break;
        }
        index++;
    }
    dalloc_watch_unlock(NULL);
    return block == NULL && index == watch_double.count;
}
