/* SPDX-License-Identifier: Apache-2.0 */
/*
 * heap.c - an allocator whose blocks look like those of heap_4 and heap_5, and which calls the trace macros where these call them.
 * First fit over a list of free blocks in the order of addresses; each region ends with a header of size 0.
 */
#include "heap.h"

#include <stdbool.h>
#include <string.h>

typedef struct link {
    struct link *next;
    size_t size;
} link_t;

#define HEADER ((sizeof(link_t) + portBYTE_ALIGNMENT - 1) & ~(size_t)(portBYTE_ALIGNMENT - 1))
#define IN_USE (~(SIZE_MAX >> 1))
#define SMALLEST (HEADER * 2)

int suspended;
void (*heap_interruption)(void);

static link_t first;
static link_t *last;
static const uintptr_t canary = configENABLE_HEAP_PROTECTOR ? (uintptr_t)0xA5A5F00DC0FFEE11u : 0;

void vTaskSuspendAll(void) { suspended++; }

BaseType_t xTaskResumeAll(void) {
    suspended--;
    return 1;
}

static link_t *disguised(link_t *link) { return (link_t *)((uintptr_t)link ^ canary); }

void vPortDefineHeapRegions(const HeapRegion_t *regions) {
    link_t *before = &first;
    last = NULL;
    first.size = 0;
    for (; regions->xSizeInBytes > 0; regions++) {
        uintptr_t mask = portBYTE_ALIGNMENT - 1;
        uintptr_t start = ((uintptr_t)regions->pucStartAddress + mask) & ~mask;
        uintptr_t end = ((uintptr_t)regions->pucStartAddress + regions->xSizeInBytes - HEADER) & ~mask;
        link_t *block = (link_t *)start;
        last = (link_t *)end;
        block->size = end - start;
        block->next = disguised(last);
        last->size = 0;
        last->next = disguised(NULL);
        before->next = disguised(block);
        before = last;
    }
}

static void insert(link_t *block) {
    link_t *before = &first;
    while (disguised(before->next) < block) before = disguised(before->next);
    link_t *after = disguised(before->next);
    if ((uint8_t *)block + block->size == (uint8_t *)after && after->size != 0) {
        block->size += after->size;
        block->next = after->next;
    } else {
        block->next = disguised(after);
    }
    if (before != &first && before->size != 0 && (uint8_t *)before + before->size == (uint8_t *)block) {
        before->size += block->size;
        before->next = block->next;
    } else {
        before->next = disguised(block);
    }
}

void *pvPortMalloc(size_t size) {
    void *result = NULL;
    vTaskSuspendAll();
    if ((size & IN_USE) == 0 && size > 0) {
        size = (size + HEADER + portBYTE_ALIGNMENT - 1) & ~(size_t)(portBYTE_ALIGNMENT - 1);
        link_t *before = &first, *block = disguised(first.next);
        while (block->size < size && disguised(block->next) != NULL) {
            before = block;
            block = disguised(block->next);
        }
        if (block->size >= size) {
            before->next = block->next;
            if (block->size - size > SMALLEST) {
                link_t *rest = (link_t *)((uint8_t *)block + size);
                rest->size = block->size - size;
                block->size = size;
                insert(rest);
            }
            block->size |= IN_USE;
            block->next = disguised(NULL);
            result = (uint8_t *)block + HEADER;
        }
    }
    traceMALLOC(result, size);
    (void)xTaskResumeAll();
    return result;
}

void vPortFree(void *block) {
    if (block == NULL) return;
    link_t *link = (link_t *)((uint8_t *)block - HEADER);
    link->size &= ~IN_USE;
    memset(block, 0, link->size - HEADER); /* configHEAP_CLEAR_MEMORY_ON_FREE */
    if (heap_interruption != NULL) heap_interruption();
    vTaskSuspendAll();
    traceFREE(block, link->size);
    insert(link);
    (void)xTaskResumeAll();
}

size_t heap_usable(const void *block) {
    return (((const link_t *)((const uint8_t *)block - HEADER))->size & ~IN_USE) - HEADER;
}
