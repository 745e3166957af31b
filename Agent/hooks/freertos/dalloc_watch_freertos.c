/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dalloc_watch_freertos.c - watches the heap of FreeRTOS. dalloc_watch_freertos.h says what to add to a project.
 *
 * What it knows of heap_4 and heap_5, from V8 to V11: a region begins at the first aligned address, and ends with a header of size 0.
 * Between them lie blocks without a gap, each with a header that has a link and the block's size, header included. The top bit of the
 * size is set while the block is in use; the link of such a block is "none", which is NULL, or NULL in the disguise of
 * configENABLE_HEAP_PROTECTOR. Free blocks that touch are merged.
 */
#include "dalloc_watch_freertos.h"

#include "dalloc_freertos_trace.h"
#include "task.h"

#ifndef DALLOC_FREERTOS_HEAP
#define DALLOC_FREERTOS_HEAP 4
#endif

static dalloc_watch_t watch;

#if DALLOC_FREERTOS_HEAP >= 4

typedef struct {
    void *link;  /* to the next free block */
    size_t size; /* in bytes, with the header */
} header_t;

#define ALIGNED(bytes) (((bytes) + (portBYTE_ALIGNMENT - 1)) & ~(uintptr_t)(portBYTE_ALIGNMENT - 1))
#define HEADER_BYTES ALIGNED((uintptr_t)sizeof(header_t))
#define IN_USE ((size_t)1 << (sizeof(size_t) * 8 - 1))

/* The link of a block in use. */
static void *no_link;

static const header_t *header_of(const void *block) { return (const header_t *)((uintptr_t)block - HEADER_BYTES); }

static uint32_t bytes_of(const header_t *header) { return (uint32_t)((header->size & ~IN_USE) - HEADER_BYTES); }

/* vPortFree clears the bit before it suspends the scheduler. A block that it was interrupted with is free for the kernel, but we
 * were not told: it has no link yet. */
static bool is_in_use(const header_t *header) {
    if (header->size & IN_USE) {
        no_link = header->link;
        return true;
    }
    return header->link == no_link;
}

/* The block with the lowest address above `block`. A free block is followed by one in use or by the end of its region, so a call
 * looks at three headers, or two more for each region without blocks. */
static const void *next_block(void *context, const void *block, uint32_t *size) {
    const HeapRegion_t *region = context;
    for (; region->xSizeInBytes > 0; region++) {
        uintptr_t start = (uintptr_t)region->pucStartAddress;
        uintptr_t end = start + region->xSizeInBytes;
        uintptr_t place = ALIGNED(start);
        if ((uintptr_t)block > place) place = (uintptr_t)header_of(block);
        while (place < end && end - place >= HEADER_BYTES) {
            const header_t *header = (const header_t *)place;
            size_t length = header->size & ~IN_USE;
            /* The end of the region, memory that no kernel has touched, or a header that was written over. */
            if (length < HEADER_BYTES || length > end - place) break;
            if (place + HEADER_BYTES > (uintptr_t)block && is_in_use(header)) {
                *size = bytes_of(header);
                return (const void *)(place + HEADER_BYTES);
            }
            place += length;
        }
    }
    return NULL;
}

#endif

static void suspend(void *context) {
    (void)context;
    vTaskSuspendAll();
}

static void resume(void *context) {
    (void)context;
    (void)xTaskResumeAll();
}

dalloc_agent_error_t dalloc_watch_freertos_begin(dalloc_agent_t *agent, const char *name, const HeapRegion_t *regions) {
    dalloc_watch_config_t config = {0};
    config.name = name;
    config.alignment = portBYTE_ALIGNMENT;
    config.lock = suspend;
    config.unlock = resume;
    if (regions != NULL && regions[0].xSizeInBytes > 0 && regions[1].xSizeInBytes == 0) {
        config.memory = regions[0].pucStartAddress;
        config.size = (uint32_t)regions[0].xSizeInBytes;
    }
#if DALLOC_FREERTOS_HEAP >= 4
    if (regions != NULL) {
        config.next = next_block;
        config.walk_context = (void *)(uintptr_t)regions;
    }
#endif
    return dalloc_agent_watch(agent, &watch, &config);
}

void dalloc_freertos_malloc(const void *block, size_t size) {
    if (block == NULL) {
        /* A size with the top bit set, or one that no header can be added to, is beyond what the kernel gives. */
        dalloc_watch_why_t why = size > (size_t)-1 / 2 ? DALLOC_WATCH_BAD_SIZE : DALLOC_WATCH_NO_ROOM;
#if DALLOC_FREERTOS_HEAP >= 4
        if (why == DALLOC_WATCH_NO_ROOM && size > HEADER_BYTES) size -= HEADER_BYTES;
#endif
        dalloc_watch_failed(&watch, size > UINT32_MAX ? UINT32_MAX : (uint32_t)size, why);
        return;
    }
#if DALLOC_FREERTOS_HEAP >= 4
    no_link = header_of(block)->link;
    size = bytes_of(header_of(block));
#endif
    dalloc_watch_alloc(&watch, block, (uint32_t)size);
}

void dalloc_freertos_free(const void *block) { dalloc_watch_free(&watch, block); }
