/* SPDX-License-Identifier: Apache-2.0 */
/* esp_heap_caps.h - what the hook uses of ESP-IDF's, with its signatures. */
#ifndef STAND_IN_ESP_HEAP_CAPS_H
#define STAND_IN_ESP_HEAP_CAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MALLOC_CAP_EXEC (1 << 0)
#define MALLOC_CAP_DEFAULT (1 << 12)

typedef int esp_err_t;
typedef void (*esp_alloc_failed_hook_t)(size_t size, uint32_t caps, const char *function_name);
esp_err_t heap_caps_register_failed_alloc_callback(esp_alloc_failed_hook_t callback);

typedef struct walker_heap_info {
    intptr_t start;
    intptr_t end;
} walker_heap_into_t;

typedef struct walker_block_info {
    void *ptr;
    size_t size;
    bool used;
} walker_block_info_t;

typedef bool (*heap_caps_walker_cb_t)(walker_heap_into_t heap_info, walker_block_info_t block_info, void *user_data);
void heap_caps_walk_all(heap_caps_walker_cb_t walker_func, void *user_data);

void *heap_caps_malloc_base(size_t size, uint32_t caps);
void *heap_caps_calloc_base(size_t n, size_t size, uint32_t caps);
void *heap_caps_realloc_base(void *ptr, size_t size, uint32_t caps);
void *heap_caps_aligned_alloc_base(size_t alignment, size_t size, uint32_t caps);
void heap_caps_free(void *ptr);

#endif
