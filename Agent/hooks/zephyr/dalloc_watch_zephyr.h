/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file dalloc_watch_zephyr.h
 * @brief Watches a sys_heap of Zephyr, or the one in a k_heap: that of k_malloc, or one of yours.
 *
 * Add dalloc_watch_zephyr.c to the project, CONFIG_SYS_HEAP_LISTENER=y to prj.conf, and two lines:
 *
 * @code{.c}
 * DALLOC_WATCH_ZEPHYR(watch, 8192); // outside of functions: the heap has so many bytes
 * dalloc_watch_zephyr_begin(&agent, &watch, "sensors", &sensors.heap); // sensors: a k_heap; the agent is started
 * @endcode
 *
 * For k_malloc these are CONFIG_HEAP_MEM_POOL_SIZE bytes, and `extern struct k_heap _system_heap`. malloc of Zephyr's C library has a
 * heap without a name that others could use: watch it with Agent/hooks/wrap.
 *
 * **A map.** When a sys_heap resizes a block in its place, it tells of an allocation and of a free with the same address, as if both
 * were there. So the hook must know which blocks are in use: it has a bit for each 4 bytes of the heap, 3 % of its size. They make the
 * heap walkable, too. A block that was allocated before the hook began is not in the map, and its free is not told.
 *
 * **Sizes** are what the program may use of a block; the size that was asked for is not known. Nor are failures and call sites.
 */
#ifndef DALLOC_WATCH_ZEPHYR_H
#define DALLOC_WATCH_ZEPHYR_H

#include <zephyr/kernel.h>
#include <zephyr/sys/heap_listener.h>
#include <zephyr/sys/sys_heap.h>

#include "dalloc_watch.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A heap that is watched: a variable that DALLOC_WATCH_ZEPHYR declares. Its fields are the hook's. */
typedef struct dalloc_watch_zephyr {
    /** @cond INTERNAL */
    dalloc_watch_t watch;
    struct sys_heap *heap;
    const uint8_t *memory; /* where the heap begins */
    uint32_t size;
    uint32_t *map;        /* the bit of each 4 bytes with which a block in use begins */
    const void *resized;  /* the free that comes next for this block is none */
    struct heap_listener on_alloc;
    struct heap_listener on_free;
    struct dalloc_watch_zephyr *next;
    /** @endcond */
} dalloc_watch_zephyr_t;

/** Declares a heap that is watched, and its map.
 * @param name   of the variable
 * @param bytes  of the heap's memory: a constant. Blocks beyond are not watched */
#define DALLOC_WATCH_ZEPHYR(name, bytes)               \
    static uint32_t name##_map[((bytes) + 127) / 128]; \
    static dalloc_watch_zephyr_t name = {.size = (bytes), .map = name##_map}

/**
 * @brief Watches a heap from now on.
 *
 * Context: the thread that polls, in kernel mode, or main; the heap is initialised.
 *
 * @param agent  a started agent; its clock is read with interrupts locked, and must not block
 * @param watch  what DALLOC_WATCH_ZEPHYR has declared
 * @param name   what the collector calls the heap: 0 to 32 bytes; borrowed until dalloc_agent_deinit
 * @param heap   the heap
 * @return what dalloc_agent_watch returns
 */
dalloc_agent_error_t dalloc_watch_zephyr_begin(dalloc_agent_t *agent, dalloc_watch_zephyr_t *watch, const char *name,
                                               struct sys_heap *heap);

#ifdef __cplusplus
}
#endif

#endif /* DALLOC_WATCH_ZEPHYR_H */
