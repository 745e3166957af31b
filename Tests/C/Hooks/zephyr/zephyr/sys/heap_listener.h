/* SPDX-License-Identifier: Apache-2.0 */
/* heap_listener.h - what the hook uses of Zephyr's, with its signatures. */
#ifndef STAND_IN_HEAP_LISTENER_H
#define STAND_IN_HEAP_LISTENER_H

#include <stddef.h>
#include <stdint.h>

enum heap_event_types { HEAP_EVT_UNKNOWN = 0, HEAP_RESIZE, HEAP_ALLOC, HEAP_FREE, HEAP_REALLOC, HEAP_MAX_EVENTS };

typedef void (*heap_listener_resize_cb_t)(uintptr_t heap_id, void *old_heap_end, void *new_heap_end);
typedef void (*heap_listener_alloc_cb_t)(uintptr_t heap_id, void *mem, size_t bytes);
typedef void (*heap_listener_free_cb_t)(uintptr_t heap_id, void *mem, size_t bytes);

struct heap_listener {
    struct heap_listener *node;
    uintptr_t heap_id;
    enum heap_event_types event;
    union {
        heap_listener_alloc_cb_t alloc_cb;
        heap_listener_free_cb_t free_cb;
        heap_listener_resize_cb_t resize_cb;
    };
};

void heap_listener_register(struct heap_listener *listener);

#define HEAP_ID_FROM_POINTER(heap_pointer) ((uintptr_t)heap_pointer)

#endif
