/*
 * dalloc_zephyr_heap.c - the module's heap.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <zephyr/init.h>
#include <zephyr/kernel.h>

#include "dalloc_zephyr.h"

#ifdef CONFIG_DALLOC_HEAP

BUILD_ASSERT(CONFIG_DALLOC_HEAP_BYTES % 8 == 0, "CONFIG_DALLOC_HEAP_BYTES must be a multiple of 8");

static uint8_t __aligned(ALLOCATION_ALIGNMENT_BYTES) memory[CONFIG_DALLOC_HEAP_BYTES];
static heap_t heap;

heap_t *dalloc_zephyr_heap(void) { return &heap; }

static int init(void) {
    heap_init(&heap, memory, sizeof memory);
    return 0;
}

/* Before the application's own, which may allocate. */
SYS_INIT(init, APPLICATION, 80);

#endif
