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

#ifndef DALLOC_NO_MESSAGES
typedef struct {
    const char *happened, *remedy;
} report_t;

static const report_t reports[DALLOC_REPORT_KINDS] = {
    [DALLOC_REPORT_TABLE_FULL] = {"the table is full; its entries", "Enlarge the table (MAX_NUM_OF_ALLOCATIONS), or free blocks"},
    [DALLOC_REPORT_NO_ROOM] = {"no room for bytes", "Give heap_init more memory, or free blocks"},
    [DALLOC_REPORT_UNKNOWN] = {"the heap has no such block", "It was freed already, or is of another heap"},
    [DALLOC_REPORT_NULL] = {"ptr is NULL", "Pass the address of a pointer variable"},
    [DALLOC_REPORT_CHANGED] = {"the variable was changed; its block is", "Keep it pointing into its block"},
    [DALLOC_REPORT_ORPHANS] = {"blocks lost their variables and are orphans; how many", "Free a block before what holds its variable"},
    [DALLOC_REPORT_OWNED] = {"refused: the new variable owns a block already", "Free that block first"},
    [DALLOC_REPORT_NO_MEMORY] = {"heap is NULL or has no memory", "Call heap_init or dalloc_register_heap first"},
};

void dalloc_port_report_in(heap_t *heap, dalloc_report_t what, const char *function, uint32_t number) {
    const report_t *report = &reports[what];
    if (heap == NULL) {
        dalloc_port_report(function, report->happened, number);
        return;
    }
    heap_lock(heap);
    /* A counter that is full stays so, and says no more. */
    if (heap->reports[what] < UINT32_MAX) heap->reports[what]++;
    const uint32_t count = heap->reports[what];
    const unsigned long bytes = used(heap), size = heap->total_size, blocks = heap->alloc_info.allocations_num;
    const unsigned long entries = heap->table_entries;
    heap_unlock(heap);
    (void)function; /* dalloc_debug may be defined as nothing */
    (void)number;
    (void)report;
    (void)bytes;
    (void)size;
    (void)blocks;
    (void)entries;
    if ((count & (count - 1)) != 0) return;
#ifdef DALLOC_REPORT_SINK
    dalloc_port_sink_t sink = atomic_load(&current_sink);
    if (sink) {
        sink(function, report->happened, number);
        return;
    }
#endif
    if (count == 1) {
        dalloc_debug("%s: %s (%lu). Heap 0x%lx: %lu of %lu bytes, %lu of %lu blocks. %s.\n", function, report->happened,
                     (unsigned long)number, (unsigned long)(uintptr_t)heap, bytes, size, blocks,
                     entries, report->remedy);
    } else {
        dalloc_debug("%s: %s (%lu), %lu times by now. Heap 0x%lx: %lu of %lu bytes, %lu of %lu blocks.\n", function,
                     report->happened, (unsigned long)number, (unsigned long)count, (unsigned long)(uintptr_t)heap, bytes,
                     size, blocks, entries);
    }
}
#endif

void dalloc_port_clear_statistics(heap_t *heap) {
    __builtin_memset(&heap->alloc_info, 0, offsetof(alloc_info_t, ptr_info_arr));
    for (uint32_t index = 0; index < heap->table_entries; index++) dalloc_port_clear_entry(&heap->table[index]);
}

/* ---- What is printed -------------------------------------------------------------------------------------------------
 * Scripts read it, so titles, labels, their order and the form of the numbers are those of dalloc 1.5, and what is more than
 * that comes last. A %s where a text would do: not every variadic macro can do without an argument. */

#define STARS "********************************************************************"

static void print_title(const char *title) {
    (void)title;
    dalloc_debug("\n%.29s %s %.29s\n", STARS, title, STARS);
}

void dalloc_port_print_end(void) { dalloc_debug("\n%s\n\n", STARS); }

void dalloc_port_print_usage(const heap_t *heap) {
    const alloc_info_t *info = &heap->alloc_info;
    (void)info;
    print_title("Mem Info");
    dalloc_debug("Total memory, bytes: %lu\n", (unsigned long)heap->total_size);
    dalloc_debug("Memory in use, bytes: %lu\n", (unsigned long)used(heap));
    dalloc_debug("Number of allocations: %lu\n", (unsigned long)info->allocations_num);
    dalloc_debug("The biggest memory was in use: %lu\n", (unsigned long)info->max_memory_amount);
    dalloc_debug("Max allocations number: %lu\n", (unsigned long)info->max_allocations_amount);
    dalloc_debug("Memory in gaps, bytes: %lu\n", (unsigned long)heap->gap_bytes);
    dalloc_debug("So far: %lu allocated, %lu freed, %lu failed, %lu moved with %lu bytes\n",
                 (unsigned long)info->total_allocations, (unsigned long)info->total_frees,
                 (unsigned long)info->total_failures, (unsigned long)info->total_moves,
                 (unsigned long)info->total_bytes_moved);
}

void dalloc_port_print_table_begin(void) { print_title("Ptr Info"); }

void dalloc_port_print_block(const dalloc_block_t *block, uint8_t first_byte) {
    (void)block;
    (void)first_byte;
    dalloc_debug("Ptr address: 0x%lx, ptr first val: 0x%02X, alloc size: %lu, offset: %lu, call site: 0x%lx\n",
                 (unsigned long)(uintptr_t)block->owner, (unsigned)first_byte, (unsigned long)block->size,
                 (unsigned long)block->offset, (unsigned long)(uintptr_t)block->call_site);
}

void dalloc_port_print_bytes(const uint8_t *bytes, uint32_t count) {
    char hex[16 * 3 + 1];
    for (uint32_t index = 0; index < 16 && index < count; index++) {
        hex[index * 3] = "0123456789ABCDEF"[bytes[index] >> 4];
        hex[index * 3 + 1] = "0123456789ABCDEF"[bytes[index] & 15];
        hex[index * 3 + 2] = ' ';
        hex[index * 3 + 3] = 0;
    }
    (void)hex;
    dalloc_debug("%s", hex);
}

void dalloc_port_print_bytes_end(void) { dalloc_debug("%s", "\n"); }

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
    static const dalloc_policy lazy = {dalloc_port_free_block, dalloc_port_make_room, dalloc_port_resize, false};
    return &lazy;
}

const dalloc_policy *dalloc_port_pinning_policy(void) {
    static const dalloc_policy pinning = {dalloc_port_free_block, dalloc_port_make_room, dalloc_port_resize, true};
    return &pinning;
}

#ifdef USE_SINGLE_HEAP_MEMORY
static heap_t *default_heap;

heap_t *dalloc_port_default_heap(void) { return default_heap; }

void dalloc_port_set_default_heap(heap_t *heap) { default_heap = heap; }

uint32_t dalloc_port_unregistered;

void dalloc_port_report_unregistered(const char *function) {
    const uint32_t count = dalloc_port_unregistered;
    if (count < UINT32_MAX) dalloc_port_unregistered = count + 1;
    if ((count & (count + 1)) == 0)
        dalloc_port_report(function, "there is no default heap: call dalloc_register_heap first; calls without it", count + 1);
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
