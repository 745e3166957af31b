/* SPDX-License-Identifier: Apache-2.0 */
/*
 * heap_caps_base.c - a heap with the functions of ESP-IDF's file of this name, which call each other as those do. Blocks lie in units of
 * 16 bytes, in two regions of which the first one in the list is the higher one; the lower one can be executed at another address.
 */
#include "heap.h"

#include <string.h>

enum { UNITS = 512, REGIONS = 2 };

static uint8_t memory[REGIONS][UNITS * 16] __attribute__((aligned(16)));
static uint8_t alias[UNITS * 16] __attribute__((aligned(16))); /* of the lower region */
static uint16_t lengths[REGIONS][UNITS];
static bool taken[REGIONS][UNITS];
int critical;

static bool place_of(const void *block, int *region, int *unit) {
    for (*region = 0; *region < REGIONS; (*region)++) {
        uintptr_t offset = (uintptr_t)block - (uintptr_t)memory[*region];
        *unit = (int)(offset / 16);
        if (offset < UNITS * 16) return true;
    }
    return false;
}

static void *take(int region, size_t size) {
    int units = (int)(size + 15) / 16;
    for (int from = 0; from + units <= UNITS; from++) {
        int unit = from;
        while (unit < from + units && !taken[region][unit]) unit++;
        if (unit < from + units) continue;
        memset(taken[region] + from, true, (size_t)units);
        lengths[region][from] = (uint16_t)units;
        return memory[region] + from * 16;
    }
    return NULL;
}

bool esp_dram_match_iram(void) { return false; }

bool esp_ptr_in_diram_iram(const void *block) { return (uintptr_t)block - (uintptr_t)alias < sizeof alias; }

void *heap_caps_malloc_base(size_t size, uint32_t caps) {
    if (size == 0 || size > UNITS * 16) return NULL;
    if (caps & MALLOC_CAP_EXEC) {
        uint8_t *block = take(0, size + sizeof(void *));
        if (block == NULL) return NULL;
        void **executed = (void **)(alias + (block - memory[0]));
        *executed = block;
        return executed + 1;
    }
    void *block = take(1, size);
    return block != NULL ? block : take(0, size);
}

void *heap_caps_calloc_base(size_t count, size_t size, uint32_t caps) {
    void *block = heap_caps_malloc_base(count * size, caps);
    return block == NULL ? NULL : memset(block, 0, count * size);
}

void *heap_caps_aligned_alloc_base(size_t alignment, size_t size, uint32_t caps) {
    (void)alignment;
    return heap_caps_malloc_base(size, caps);
}

void heap_caps_free(void *block) {
    int region, unit;
    if (block == NULL) return;
    if (esp_ptr_in_diram_iram(block)) block = ((void **)block)[-1];
    if (!place_of(block, &region, &unit)) return;
    memset(taken[region] + unit, false, lengths[region][unit]);
    lengths[region][unit] = 0;
}

void *heap_caps_realloc_base(void *block, size_t size, uint32_t caps) {
    int region, unit;
    if (block == NULL) return heap_caps_malloc_base(size, caps);
    if (size == 0) {
        heap_caps_free(block);
        return NULL;
    }
    if (!place_of(block, &region, &unit)) return NULL;
    if ((int)(size + 15) / 16 == lengths[region][unit]) return block;
    void *moved = heap_caps_malloc_base(size, caps);
    if (moved == NULL) return NULL;
    size_t had = lengths[region][unit] * 16u;
    memcpy(moved, block, size < had ? size : had);
    heap_caps_free(block);
    return moved;
}

void heap_caps_walk_all(heap_caps_walker_cb_t walker, void *context) {
    walks++;
    for (int region = REGIONS - 1; region >= 0; region--) {
        walker_heap_into_t heap = {(intptr_t)memory[region], (intptr_t)memory[region] + UNITS * 16};
        for (int unit = 0; unit < UNITS;) {
            int length = lengths[region][unit] != 0 ? lengths[region][unit] : 1;
            walker_block_info_t block = {memory[region] + unit * 16, (size_t)length * 16, lengths[region][unit] != 0};
            if (!walker(heap, block, context)) return;
            unit += length;
        }
    }
}

int walks;
