/* SPDX-License-Identifier: Apache-2.0 */
/* sys_heap.h - what the hook uses of Zephyr's, with its signatures. */
#ifndef STAND_IN_SYS_HEAP_H
#define STAND_IN_SYS_HEAP_H

#include <stddef.h>

struct sys_heap {
    struct z_heap *heap;
    void *init_mem;
    size_t init_bytes;
};

size_t sys_heap_usable_size(struct sys_heap *heap, void *mem);

#endif
