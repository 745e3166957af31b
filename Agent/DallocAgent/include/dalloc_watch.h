/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file dalloc_watch.h
 * @brief Watches a heap that is not a dalloc heap: FreeRTOS heap_4, the C library's malloc, Zephyr, pools of your own.
 *
 * Tell a watch what the allocator did, from the hooks that the allocator has or from functions that you put around it.
 * The watch keeps no table. Each call takes constant time, allocates nothing, and records 3 to 5 bytes. In all answers
 * such a heap behaves like one of dalloc's own: what was in it, who allocated it, what failed, what leaks.
 *
 * Agent/hooks has ready ones: FreeRTOS, newlib and picolibc by --wrap, Zephyr, ESP-IDF, and LD_PRELOAD on Linux. This
 * is all that a pool of your own needs:
 *
 * @code{.c}
 * #include "dalloc_watch.h"
 *
 * int32_t uart_write(void *context, const uint8_t *bytes, uint32_t count); // the board's, as in dalloc_agent.h
 * uint32_t milliseconds(void *context);
 * uint32_t boot_number(void);
 * void *pool_get(uint32_t size); // your allocator
 * void pool_put(void *block);
 *
 * DALLOC_AGENT_TRANSMIT_BUFFER(transmit_buffer, 4096);
 * static dalloc_agent_t agent;
 * static dalloc_watch_t watch;
 *
 * static void *get(uint32_t size) {
 *     void *block = pool_get(size);
 *     if (block) dalloc_watch_alloc(&watch, block, size);
 *     else dalloc_watch_failed(&watch, size, DALLOC_WATCH_NO_ROOM);
 *     return block;
 * }
 *
 * static void put(void *block) {
 *     dalloc_watch_free(&watch, block); // before somebody else can get it
 *     pool_put(block);
 * }
 *
 * int main(void) {
 *     dalloc_agent_config_t config = {0};
 *     config.device_id = "pump-17";
 *     config.boot_id = boot_number();
 *     config.ticks_per_second = 1000;
 *     config.now = milliseconds;
 *     config.link.write = uart_write;
 *     config.transmit_buffer = transmit_buffer;
 *     config.transmit_size = sizeof transmit_buffer;
 *     dalloc_watch_config_t watched = {0};
 *     watched.name = "pool";
 *
 *     dalloc_agent_error_t error = dalloc_agent_init(&agent, &config);
 *     if (error == DALLOC_AGENT_OK) error = dalloc_agent_watch(&agent, &watch, &watched); // before the first get
 *     if (error != DALLOC_AGENT_OK) return 1; // dalloc_agent_error_text(error) says what to do
 *
 *     for (;;) { // the program's work, and now and then a poll
 *         put(get(64));
 *         dalloc_agent_poll(&agent);
 *     }
 * }
 * @endcode
 *
 * **Order.** Tell of an allocation after it, and of a free before it. Then another task that gets the freed memory can't
 * tell of it earlier. A resize does both: hold the watch's lock around it, or call dalloc_watch_resize where the
 * allocator holds its own.
 *
 * **Begin early.** A watch knows the blocks that it was told of. Begin before the first allocation, or give it a walker:
 * then it lists the blocks that are there already, and lists them again when operations were lost. Without a walker, a
 * free of a block that was never told of makes the collector's table unknown until the heap is reset or empty.
 */
#ifndef DALLOC_WATCH_H
#define DALLOC_WATCH_H

#include "dalloc_agent.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A watched heap: a variable of yours, whose fields are the library's. Zeroed memory is a watch that was not started. It
 * takes DALLOC_RECORDER_BYTES and 208 bytes on 32-bit targets. */
typedef struct dalloc_watch dalloc_watch_t;

/** Why an allocation failed. */
typedef enum {
    DALLOC_WATCH_NO_ROOM = 0, /**< no free memory that is large enough */
    DALLOC_WATCH_NO_ENTRY = 1, /**< memory, but no entry or handle for one more block */
    DALLOC_WATCH_BAD_SIZE = 2 /**< a size that nobody can have: 0, or beyond what the allocator gives at all */
} dalloc_watch_why_t;

/**
 * @brief Finds the next block in use of a heap, in the order of addresses.
 *
 * The watch calls it with its lock held, and never for all blocks at once. It may read the heap's own structures. It
 * must not allocate, and not call functions of the watch.
 *
 * @param context    dalloc_watch_config_t.walk_context
 * @param block      a block in use; NULL: the one with the lowest address is wanted. During dalloc_watch_free it may be
 *                   the one that is about to be freed
 * @param[out] size  the found block's size in bytes, as dalloc_watch_alloc is told it; 0 counts as 1
 * @return the block in use with the lowest address above `block`; NULL when there is none
 */
typedef const void *(*dalloc_watch_next_t)(void *context, const void *block, uint32_t *size);

/** What a watch is told of its heap. Zero it, then set what you need: fields may be added. */
typedef struct {
    const char *name;           /**< what the collector calls the heap: 0 to 32 bytes of UTF-8, ended by a zero; borrowed until
                                     dalloc_agent_deinit; required */
    const void *memory;         /**< where the heap's memory begins; NULL when it has no one place */
    uint32_t size;              /**< bytes of that memory; 0 when there is no limit, or it isn't known: then what is free
                                     is not known either. Blocks outside of it contradict the table */
    uint32_t alignment;         /**< bytes that addresses of blocks are multiples of: a power of two up to 65536; 0: 8 */
    uint32_t blocks;            /**< most blocks at a time, 1 to 1,048,576; 0: 65,535. Beyond, the collector's table is
                                     unknown */
    bool call_sites;            /**< each allocation has a call site: dalloc_watch_alloc_from. It costs about a byte */
    void (*lock)(void *context);   /**< keeps other tasks out of the watch; it must be one that its holder can take again,
                                     such as vTaskSuspendAll or a recursive mutex; NULL: only one task uses heap and agent */
    void (*unlock)(void *context); /**< the other end of lock */
    void *lock_context;         /**< passed to both */
    dalloc_watch_next_t next;   /**< walks the heap; NULL: it can't be walked */
    void *walk_context;         /**< passed to next */
} dalloc_watch_config_t;

#if defined(DALLOC_LIBRARY_BUILD) || defined(DALLOC_DOXYGEN) || defined(__swift__)
/**
 * @brief Watches a heap from now on. What it holds already is sent first, where it can be walked.
 *
 * A refusal is also reported through dalloc_debug, in the words of dalloc_agent_error_text, and changes nothing. Watches
 * and recorders of one agent are 16 together.
 *
 * Context: the task that polls. It takes the watch's lock.
 *
 * @param agent       a started agent
 * @param[out] watch  watches this heap and no other, for this agent and no other; must stay where it is until
 *                    dalloc_agent_deinit
 * @param config      copied, but not what it points to
 * @return DALLOC_AGENT_OK; DALLOC_AGENT_ERROR_NULL, _NOT_STARTED, _HEAP_NAME, _RECORDER_IN_USE, _TOO_MANY_HEAPS,
 *         _TRANSMIT_BUFFER; or DALLOC_AGENT_ERROR_WATCH when alignment, blocks or memory and size are out of range, or one
 *         of lock and unlock is missing
 */
dalloc_agent_error_t dalloc_agent_watch(dalloc_agent_t *agent, dalloc_watch_t *watch, const dalloc_watch_config_t *config);
#endif

/**
 * @brief The same, with a recorder buffer of yours, as for dalloc_agent_attach_with_buffer.
 *
 * Context: the task that polls. It takes the watch's lock.
 *
 * @param agent       a started agent
 * @param[out] watch  as for dalloc_agent_watch
 * @param config      as for dalloc_agent_watch
 * @param buffer      the watch's until dalloc_agent_deinit
 * @param bytes       of `buffer`: 64 to 2560
 * @return as for dalloc_agent_watch, or DALLOC_AGENT_ERROR_RECORDER_BUFFER
 */
dalloc_agent_error_t dalloc_agent_watch_with_buffer(dalloc_agent_t *agent, dalloc_watch_t *watch,
                                                    const dalloc_watch_config_t *config, uint8_t *buffer, uint32_t bytes);

/**
 * @brief A block was allocated.
 *
 * Context: any task, with or without the watch's lock; not an interrupt. After the allocation. So do all functions below,
 * each with its order. With a NULL or never started watch they do nothing, and with a NULL block neither.
 *
 * @param watch  the heap
 * @param block  its address
 * @param size   bytes asked for; 0 counts as 1
 */
void dalloc_watch_alloc(dalloc_watch_t *watch, const void *block, uint32_t size);

/**
 * @brief The same, with the address that the call of the allocating function returns to.
 *
 * @param watch      the heap
 * @param block      its address
 * @param size       bytes asked for; 0 counts as 1
 * @param call_site  `__builtin_return_address(0)` in the function that the program called; not used where
 *                   dalloc_watch_config_t.call_sites is false
 */
void dalloc_watch_alloc_from(dalloc_watch_t *watch, const void *block, uint32_t size, const void *call_site);

/**
 * @brief A block is freed. Tell it before the allocator can give its memory to somebody else.
 *
 * @param watch  the heap
 * @param block  its address; NULL does nothing, as in free
 */
void dalloc_watch_free(dalloc_watch_t *watch, const void *block);

/**
 * @brief A block has another size, and perhaps another address. Hold the lock from before the allocator's call until
 * after this one: see dalloc_watch_lock.
 *
 * @param watch      the heap
 * @param old_block  its address before; NULL: it is an allocation
 * @param block      its address now, the same or another; NULL: it is a free
 * @param size       its size now, in bytes; 0 counts as 1
 */
void dalloc_watch_resize(dalloc_watch_t *watch, const void *old_block, const void *block, uint32_t size);

/**
 * @brief An allocation or resize failed.
 *
 * @param watch  the heap
 * @param size   bytes asked for
 * @param why    the reason
 */
void dalloc_watch_failed(dalloc_watch_t *watch, uint32_t size, dalloc_watch_why_t why);

/**
 * @brief The whole heap was emptied at once: a pool that was thrown away.
 *
 * @param watch  the heap
 */
void dalloc_watch_reset(dalloc_watch_t *watch);

/**
 * @brief Takes the watch's lock, so that an allocator's call and what is told of it are one step. A watch that was never
 * started, and one without a lock, take none.
 *
 * @param watch  the heap
 */
void dalloc_watch_lock(dalloc_watch_t *watch);

/**
 * @brief The other end of dalloc_watch_lock.
 *
 * @param watch  the heap
 */
void dalloc_watch_unlock(dalloc_watch_t *watch);

/** @cond INTERNAL */

struct dalloc_watch {
    dalloc_watch_config_t config;
    uintptr_t allocated[2];        /* addresses of the frame that were allocated last, the latest first */
    const void *cursor;            /* where the walk goes on: WatchWalk */
    uintptr_t listed;              /* the last block that was sent */
    uint64_t allocations;
    uint64_t frees;
    uint64_t failures;
    uint32_t live_blocks;
    uint32_t digest;               /* a sum over the addresses of all blocks */
    uint32_t cursor_size;          /* of the block at the cursor */
    uint8_t shift;                 /* log2 of the alignment */
    bool walk_ended;               /* no block is after the last one that was sent */
    dalloc_recorder_t recorder;    /* an agent has a list of these. Last, as its buffer is */
};

/* Compiled with the program, as dalloc_agent_attach. */
#if !defined(DALLOC_LIBRARY_BUILD) && !defined(__swift__)
static inline dalloc_agent_error_t dalloc_agent_watch(dalloc_agent_t *agent, dalloc_watch_t *watch,
                                                      const dalloc_watch_config_t *config) {
    return dalloc_agent_watch_with_buffer(agent, watch, config, watch != NULL ? watch->recorder.buffer : NULL,
                                          DALLOC_RECORDER_BYTES);
}
#endif

/** @endcond */

#ifdef __cplusplus
}
#endif

#endif /* DALLOC_WATCH_H */
