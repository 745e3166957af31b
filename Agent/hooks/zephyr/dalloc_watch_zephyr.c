/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dalloc_watch_zephyr.c - watches a sys_heap. dalloc_watch_zephyr.h says what to add to a project.
 *
 * A heap calls its listeners with its own lock held, and with interrupts locked: after an allocation, before the memory of a free can be
 * allocated, and after a resize in place, with both.
 */
#include "dalloc_watch_zephyr.h"

#include <stddef.h>

static dalloc_watch_zephyr_t *watches;

/* irq_lock nests, also on several cores, when each key goes back in its turn. */
static unsigned int keys[8];
static unsigned int depth;

static void lock(void *context) {
    (void)context;
    unsigned int key = irq_lock();
    keys[depth++] = key;
}

static void unlock(void *context) {
    (void)context;
    irq_unlock(keys[--depth]);
}

/* MARK: The map */

/* The bit of a block, or `size` when it lies outside of the heap. */
static uint32_t bit_of(const dalloc_watch_zephyr_t *heap, const void *block) {
    uintptr_t offset = (uintptr_t)block - (uintptr_t)heap->memory;
    return offset < heap->size ? (uint32_t)(offset / 4) : heap->size;
}

static bool has(const dalloc_watch_zephyr_t *heap, uint32_t bit) {
    return bit < heap->size && (heap->map[bit / 32] >> (bit % 32) & 1) != 0;
}

/* A word of the map stands for 128 bytes, so this takes as long as the gap after the block is large. */
static const void *next_block(void *context, const void *block, uint32_t *size) {
    const dalloc_watch_zephyr_t *heap = context;
    uint32_t bits = (heap->size + 3) / 4;
    uint32_t bit = block == NULL ? 0 : bit_of(heap, block) + 1;
    while (bit < bits) {
        uint32_t rest = heap->map[bit / 32] >> (bit % 32);
        if (rest == 0) {
            bit = (bit / 32 + 1) * 32;
        } else if ((rest & 1) == 0) {
            bit++;
        } else {
            void *found = (void *)(uintptr_t)(heap->memory + (size_t)bit * 4);
            *size = (uint32_t)sys_heap_usable_size(heap->heap, found);
            return found;
        }
    }
    return NULL;
}

/* MARK: Listeners */

static dalloc_watch_zephyr_t *watch_of(uintptr_t heap_id) {
    dalloc_watch_zephyr_t *heap = watches;
    while (heap != NULL && HEAP_ID_FROM_POINTER(heap->heap) != heap_id) heap = heap->next;
    return heap;
}

static void allocated(uintptr_t heap_id, void *block, size_t bytes) {
    dalloc_watch_zephyr_t *heap = watch_of(heap_id);
    (void)bytes; /* with an alignment, some versions count bytes before the block */
    if (heap == NULL) return;
    lock(NULL);
    uint32_t bit = bit_of(heap, block);
    uint32_t size = (uint32_t)sys_heap_usable_size(heap->heap, block);
    heap->resized = NULL;
    if (has(heap, bit)) {
        heap->resized = block;
        dalloc_watch_resize(&heap->watch, block, block, size);
    } else if (bit < heap->size) {
        heap->map[bit / 32] |= (uint32_t)1 << (bit % 32);
        dalloc_watch_alloc(&heap->watch, block, size);
    }
    unlock(NULL);
}

static void freed(uintptr_t heap_id, void *block, size_t bytes) {
    dalloc_watch_zephyr_t *heap = watch_of(heap_id);
    (void)bytes;
    if (heap == NULL) return;
    lock(NULL);
    uint32_t bit = bit_of(heap, block);
    if (has(heap, bit) && heap->resized != block) {
        dalloc_watch_free(&heap->watch, block);
        heap->map[bit / 32] &= ~((uint32_t)1 << (bit % 32));
    }
    heap->resized = NULL;
    unlock(NULL);
}

dalloc_agent_error_t dalloc_watch_zephyr_begin(dalloc_agent_t *agent, dalloc_watch_zephyr_t *watch, const char *name,
                                               struct sys_heap *heap) {
    if (watch == NULL || heap == NULL) return DALLOC_AGENT_ERROR_NULL;
    watch->memory = (const uint8_t *)heap->heap; /* what a heap keeps for itself comes first in its memory */
    dalloc_watch_config_t config = {0};
    config.name = name;
    config.memory = watch->memory;
    config.size = watch->size;
    config.alignment = 4;
    config.lock = lock;
    config.unlock = unlock;
    config.next = next_block;
    config.walk_context = watch;
    watch->heap = heap;
    dalloc_agent_error_t error = dalloc_agent_watch(agent, &watch->watch, &config);
    if (error != DALLOC_AGENT_OK) return error;
    watch->next = watches;
    watches = watch;
    watch->on_alloc.heap_id = HEAP_ID_FROM_POINTER(heap);
    watch->on_alloc.event = HEAP_ALLOC;
    watch->on_alloc.alloc_cb = allocated;
    watch->on_free.heap_id = HEAP_ID_FROM_POINTER(heap);
    watch->on_free.event = HEAP_FREE;
    watch->on_free.free_cb = freed;
    heap_listener_register(&watch->on_alloc);
    heap_listener_register(&watch->on_free);
    return DALLOC_AGENT_OK;
}
