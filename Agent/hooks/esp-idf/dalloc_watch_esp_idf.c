/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dalloc_watch_esp_idf.c - watches the heaps of ESP-IDF. dalloc_watch_esp_idf.h says what to add to a project.
 *
 * All allocations of ESP-IDF end in four functions of heap_caps_base.c, and all frees in a fifth. Calls that these make of each other lie
 * in one object file, and so past the linker's --wrap: each allocation is seen once. An attempt that fails may be followed by another
 * with other capabilities; only heap_caps.c knows when the program gets nothing, and calls the callback for failures.
 */
#include "dalloc_watch_esp_idf.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "esp_heap_caps.h"
#include "esp_memory_utils.h"
#include "freertos/FreeRTOS.h"
#include "sdkconfig.h"

static dalloc_watch_t watch;
static portMUX_TYPE mutex = portMUX_INITIALIZER_UNLOCKED;

static void lock(void *context) { portENTER_CRITICAL_SAFE((portMUX_TYPE *)context); }

static void unlock(void *context) { portEXIT_CRITICAL_SAFE((portMUX_TYPE *)context); }

/* A block for code may be told by the address at which it is executed; the heap's own address stands before it. */
static const void *heap_address(const void *block) {
    if (block != NULL && !esp_dram_match_iram() && esp_ptr_in_diram_iram(block)) return ((void *const *)block)[-1];
    return block;
}

static uint32_t bytes(size_t size) { return size > UINT32_MAX ? UINT32_MAX : (uint32_t)size; }

/* MARK: The walk */

/* ESP-IDF walks all blocks or none. So a walk gathers the lowest ones above a block, for the next calls. */
static struct {
    uintptr_t after;
    uint32_t count; /* up to 16; fewer: no others are above */
    struct {
        uintptr_t address;
        uint32_t size;
    } blocks[16];
    bool is_valid; /* nothing was allocated or freed since */
} found;

#if !defined(CONFIG_HEAP_POISONING_LIGHT) && !defined(CONFIG_HEAP_POISONING_COMPREHENSIVE) \
    && !defined(CONFIG_HEAP_TASK_TRACKING)

#define MOST (sizeof found.blocks / sizeof found.blocks[0])

static bool gather(walker_heap_into_t heap, walker_block_info_t block, void *context) {
    uintptr_t address = (uintptr_t)block.ptr;
    (void)heap, (void)context;
    if (!block.used || address <= found.after) return true;
    if (found.count == MOST && address >= found.blocks[MOST - 1].address) return true;
    uint32_t place = found.count < MOST ? found.count++ : MOST - 1;
    for (; place > 0 && found.blocks[place - 1].address > address; place--) found.blocks[place] = found.blocks[place - 1];
    found.blocks[place].address = address;
    found.blocks[place].size = bytes(block.size);
    return true;
}

static const void *next_block(void *context, const void *block, uint32_t *size) {
    (void)context;
    uintptr_t after = (uintptr_t)block;
    for (int attempt = 0; attempt < 2; attempt++) {
        for (uint32_t index = 0; found.is_valid && after >= found.after && index < found.count; index++) {
            if (found.blocks[index].address <= after) continue;
            *size = found.blocks[index].size;
            return (const void *)found.blocks[index].address;
        }
        if (found.is_valid && after >= found.after && found.count < MOST) return NULL;
        found.after = after;
        found.count = 0;
        heap_caps_walk_all(gather, NULL);
        found.is_valid = true;
    }
    return NULL;
}

#else
#define next_block NULL
#endif

/* MARK: What the linker calls */

void *__real_heap_caps_malloc_base(size_t size, uint32_t caps);
void *__real_heap_caps_realloc_base(void *block, size_t size, uint32_t caps);
void *__real_heap_caps_aligned_alloc_base(size_t alignment, size_t size, uint32_t caps);
void __real_heap_caps_free(void *block);
void *__wrap_heap_caps_malloc_base(size_t size, uint32_t caps);
void *__wrap_heap_caps_calloc_base(size_t count, size_t size, uint32_t caps);
void *__wrap_heap_caps_realloc_base(void *old, size_t size, uint32_t caps);
void *__wrap_heap_caps_aligned_alloc_base(size_t alignment, size_t size, uint32_t caps);
void __wrap_heap_caps_free(void *block);

void *__wrap_heap_caps_malloc_base(size_t size, uint32_t caps) {
    lock(&mutex);
    void *block = __real_heap_caps_malloc_base(size, caps);
    found.is_valid = false;
    dalloc_watch_alloc(&watch, heap_address(block), bytes(size));
    unlock(&mutex);
    return block;
}

/* ESP-IDF's own does the same; but there is no need to clear memory with interrupts off. */
void *__wrap_heap_caps_calloc_base(size_t count, size_t size, uint32_t caps) {
    if (size != 0 && count > SIZE_MAX / size) return NULL;
    void *block = __wrap_heap_caps_malloc_base(count * size, caps);
    return block == NULL ? NULL : memset(block, 0, count * size);
}

void *__wrap_heap_caps_aligned_alloc_base(size_t alignment, size_t size, uint32_t caps) {
    lock(&mutex);
    void *block = __real_heap_caps_aligned_alloc_base(alignment, size, caps);
    found.is_valid = false;
    dalloc_watch_alloc(&watch, heap_address(block), bytes(size));
    unlock(&mutex);
    return block;
}

void *__wrap_heap_caps_realloc_base(void *old, size_t size, uint32_t caps) {
    lock(&mutex);
    const void *old_address = heap_address(old); /* which is not there any more afterwards */
    void *block = __real_heap_caps_realloc_base(old, size, caps);
    found.is_valid = false;
    if (old == NULL)
        dalloc_watch_alloc(&watch, heap_address(block), bytes(size));
    else if (block != NULL || size == 0)
        dalloc_watch_resize(&watch, old_address, heap_address(block), bytes(size));
    unlock(&mutex);
    return block;
}

void __wrap_heap_caps_free(void *block) {
    lock(&mutex);
    dalloc_watch_free(&watch, heap_address(block)); /* may walk */
    __real_heap_caps_free(block);
    found.is_valid = false;
    unlock(&mutex);
}

static void failed(size_t size, uint32_t caps, const char *function) {
    (void)caps, (void)function;
    dalloc_watch_failed(&watch, bytes(size), DALLOC_WATCH_NO_ROOM);
}

dalloc_agent_error_t dalloc_watch_esp_idf_begin(dalloc_agent_t *agent, const char *name) {
    dalloc_watch_config_t config = {0};
    config.name = name;
    config.alignment = 4;
    config.lock = lock;
    config.unlock = unlock;
    config.lock_context = &mutex;
    config.next = next_block;
    dalloc_agent_error_t error = dalloc_agent_watch(agent, &watch, &config);
    if (error == DALLOC_AGENT_OK) (void)heap_caps_register_failed_alloc_callback(failed);
    return error;
}
