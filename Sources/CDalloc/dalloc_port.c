/*
 * dalloc_port.c - the one place that calls what the configuration names: dalloc_debug and dalloc_snprintf, which are variadic and
 * can't be imported into Swift, and the mutex, which may be anything.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#if defined(__unix__) || defined(__APPLE__)
#define _XOPEN_SOURCE 700 /* recursive mutexes */
#endif

#include "dalloc_port.h"

#ifdef DALLOC_REPORT_SINK
#include <stdatomic.h>

static _Atomic(dalloc_port_sink_t) current_sink;

void dalloc_port_set_sink(dalloc_port_sink_t sink) { atomic_store(&current_sink, sink); }
#endif

#ifndef DALLOC_NO_MESSAGES
void dalloc_port_report(const char *function, const char *message, uint32_t number) {
    (void)function; /* dalloc_debug may be defined as nothing */
    (void)message;
    (void)number;
#ifdef DALLOC_REPORT_SINK
    dalloc_port_sink_t sink = atomic_load(&current_sink);
    if (sink) {
        sink(function, message, number);
        return;
    }
#endif
    dalloc_debug("%s: %s (%lu)\n", function, message, (unsigned long)number);
}
#endif

#ifdef USE_THREAD_SAFETY
#ifdef DALLOC_POSIX_MUTEX
static bool dalloc_port_posix_mutex(pthread_mutex_t *mutex) {
    pthread_mutexattr_t recursive;
    if (pthread_mutexattr_init(&recursive) != 0) return false;
    bool made = pthread_mutexattr_settype(&recursive, PTHREAD_MUTEX_RECURSIVE) == 0
        && pthread_mutex_init(mutex, &recursive) == 0;
    pthread_mutexattr_destroy(&recursive);
    return made;
}
#endif

bool dalloc_port_create_mutex(heap_t *heap) {
#ifdef DALLOC_MUTEX_INIT
    return DALLOC_MUTEX_INIT(heap->mutex);
#else
    heap->mutex = DALLOC_MUTEX_CREATE();
    return DALLOC_MUTEX_IS_VALID(heap->mutex);
#endif
}

void dalloc_port_delete_mutex(heap_t *heap) { DALLOC_MUTEX_DELETE(heap->mutex); }

void dalloc_port_lock(heap_t *heap) { DALLOC_MUTEX_LOCK(heap->mutex); }

void dalloc_port_unlock(heap_t *heap) { DALLOC_MUTEX_UNLOCK(heap->mutex); }
#endif

static uint32_t used(const heap_t *heap) { return heap->offset - heap->gap_bytes; }

void dalloc_port_print_usage(const heap_t *heap) {
    const alloc_info_t *info = &heap->alloc_info;
    (void)info;
    dalloc_debug("heap at %p: %lu of %lu bytes in use, %lu in gaps; %lu of %lu blocks\n", (void *)heap->mem,
                 (unsigned long)used(heap), (unsigned long)heap->total_size, (unsigned long)heap->gap_bytes,
                 (unsigned long)info->allocations_num, (unsigned long)MAX_NUM_OF_ALLOCATIONS);
    dalloc_debug("  peak: %lu bytes, %lu blocks\n", (unsigned long)info->max_memory_amount,
                 (unsigned long)info->max_allocations_amount);
    dalloc_debug("  so far: %lu allocated, %lu freed, %lu failed, %lu moved with %lu bytes\n",
                 (unsigned long)info->total_allocations, (unsigned long)info->total_frees,
                 (unsigned long)info->total_failures, (unsigned long)info->total_moves,
                 (unsigned long)info->total_bytes_moved);
}

/* With an argument: not every variadic macro can do without. */
void dalloc_port_print_heading(void) {
    dalloc_debug("%s\n", "  index     offset       size  address             owner");
}

void dalloc_port_print_block(const dalloc_block_t *block) {
    (void)block;
    if (block->call_site != NULL) {
        dalloc_debug("  %5lu %10lu %10lu  %-18p  %p  from %p\n", (unsigned long)block->index,
                     (unsigned long)block->offset, (unsigned long)block->size, block->address, (void *)block->owner,
                     block->call_site);
    } else {
        dalloc_debug("  %5lu %10lu %10lu  %-18p  %p\n", (unsigned long)block->index, (unsigned long)block->offset,
                     (unsigned long)block->size, block->address, (void *)block->owner);
    }
}

void dalloc_port_print_bytes(const uint8_t *bytes, uint32_t count) {
    char hex[16 * 3 + 1];
    for (uint32_t index = 0; index < 16 && index < count; index++) {
        hex[index * 3] = ' ';
        hex[index * 3 + 1] = "0123456789abcdef"[bytes[index] >> 4];
        hex[index * 3 + 2] = "0123456789abcdef"[bytes[index] & 15];
        hex[index * 3 + 3] = 0;
    }
    (void)hex;
    dalloc_debug("  %p %s\n", (const void *)bytes, hex);
}

#ifdef dalloc_snprintf
int dalloc_port_info(const heap_t *heap, char *buffer, uint32_t size) {
    const alloc_info_t *info = &heap->alloc_info;
    return dalloc_snprintf(buffer, size, "used=%lu/%lu allocs=%lu peak_mem=%lu peak_allocs=%lu",
                           (unsigned long)used(heap), (unsigned long)heap->total_size,
                           (unsigned long)info->allocations_num, (unsigned long)info->max_memory_amount,
                           (unsigned long)info->max_allocations_amount);
}
#else
int dalloc_port_info(const heap_t *heap, char *buffer, uint32_t size) {
    static const uint32_t powers[] = {1000000000, 100000000, 10000000, 1000000, 100000, 10000, 1000, 100, 10, 1};
    static const char *const labels[] = {"used=", "/", " allocs=", " peak_mem=", " peak_allocs="};
    const uint32_t values[] = {used(heap), heap->total_size, heap->alloc_info.allocations_num,
                               heap->alloc_info.max_memory_amount, heap->alloc_info.max_allocations_amount};
    uint32_t length = 0;
    for (int part = 0; part < 5; part++) {
        for (const char *label = labels[part]; *label != 0; label++, length++)
            if (length + 1 < size) buffer[length] = *label;
        uint32_t rest = values[part];
        bool begun = false;
        /* By subtraction: a division is a library call on a Cortex-M0. */
        for (uint32_t power = 0; power < 10; power++) {
            char digit = '0';
            for (; rest >= powers[power]; rest -= powers[power]) digit++;
            begun = begun || digit != '0' || power == 9;
            if (!begun) continue;
            if (length + 1 < size) buffer[length] = digit;
            length++;
        }
    }
    buffer[length < size ? length : size - 1] = 0;
    return (int)length;
}
#endif

const dalloc_policy *dalloc_port_lazy_policy(void) {
    static const dalloc_policy lazy = {dalloc_port_leave_gap, dalloc_port_make_room, dalloc_port_resize};
    return &lazy;
}

#ifdef USE_SINGLE_HEAP_MEMORY
heap_t *dalloc_port_default_heap(void) {
    static heap_t heap;
    return &heap;
}
#endif

uint32_t dalloc_port_next_generation(void) {
    static uint32_t generation;
#if __GCC_ATOMIC_INT_LOCK_FREE == 2
    return __atomic_add_fetch(&generation, 1, __ATOMIC_RELAXED);
#else
    return ++generation; /* a Cortex-M0: one core, and two heaps made at the same moment */
#endif
}
