/* SPDX-License-Identifier: Apache-2.0 */
/*
 * preload.h - what the files of dalloc-preload.so have in common. README: docs/heaps.md.
 *
 * dalloc_preload.c    malloc and its like, as the program calls them
 * preload_real.c      those of the C library, and memory for calls before they are known
 * preload_record.c    what each call does to the table, and what the watch is told
 * preload_table.c     the blocks that the program holds
 * preload_agent.c     the agent, its thread, fork and exit
 * preload_line.c      where frames go: a file, or a collector
 * preload_truth.c     the table itself, at moments, for tests
 */
#ifndef DALLOC_PRELOAD_H
#define DALLOC_PRELOAD_H

#include <pthread.h>
#include <stddef.h>

#include "dalloc_watch.h"

/* --- preload_real.c --- */

/* Those that the program would call without us. */
typedef struct {
    void *(*malloc)(size_t size);
    void *(*calloc)(size_t count, size_t size);
    void *(*realloc)(void *block, size_t size);
    void (*free)(void *block);
    void *(*memalign)(size_t alignment, size_t size);
    void *(*aligned_alloc)(size_t alignment, size_t size);
    int (*posix_memalign)(void **block, size_t alignment, size_t size);
    void *(*valloc)(size_t size);
    void *(*pvalloc)(size_t size);
    size_t (*malloc_usable_size)(void *block);
} preload_real_t;

/* They, looked up at the first call. NULL while that look-up itself allocates: then preload_early_alloc serves. */
const preload_real_t *preload_real(void);

/* Zeroed memory that is never given back; NULL when 32 KB of it are used up. */
void *preload_early_alloc(size_t size);

/* Whether a block is such memory. */
bool preload_is_early(const void *block);

/* Bytes of such a block. */
size_t preload_early_size(const void *block);

/* --- preload_record.c --- */

/* Guards the table, the watch and, where frames go to a file, the agent. Recursive: the agent's own thread allocates while it
 * looks up a collector's name. */
extern pthread_mutex_t preload_lock;

/* The watch of this process, and whether it is told of anything. Both only with preload_lock. */
extern dalloc_watch_t preload_watch;

/* What is recorded from now on: the table alone, table and watch, or nothing any more. */
typedef enum { PRELOAD_TABLE_ONLY, PRELOAD_WATCHING, PRELOAD_OFF } preload_state_t;

void preload_set_state(preload_state_t state);

/* After the allocation; a `block` of NULL is a failure. */
void preload_allocated(void *block, size_t size, const void *call_site);

/* Before the free. */
void preload_freeing(const void *block);

/* The real realloc, and what it did. */
void *preload_realloc(void *block, size_t size, const void *call_site);

/* dalloc_watch_next_t over the table. */
const void *preload_next(void *context, const void *block, uint32_t *size);

/* --- preload_agent.c --- */

/* With preload_lock: something was recorded. Empties a recorder that is nearly full. */
void preload_recorded(void);

/* With preload_lock: brings all that was recorded into frames. Returns the number of the last frame. */
uint32_t preload_cut_frame(void);

/* --- preload_line.c --- */

/* Where DALLOC_PRELOAD says that frames go: file:PATH or tcp://host:port. False, with a message, when it says neither, or the file
 * can't be opened. */
bool preload_line_open(const char *target, dalloc_link_t *link);

/* Whether frames go to a file. */
bool preload_line_is_file(void);

/* In a child after fork: the line is the parent's, and is left alone. */
void preload_line_forget(void);

/* Whether a poll may begin to connect, which can take time. Where it is false, is_up tells what it told last. */
void preload_line_may_connect(bool may);

/* A message to standard error, in one line, without allocating; the agent's, too (preload_conf.h). */
int dalloc_preload_message(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* --- preload_truth.c --- */

/* Opens what DALLOC_PRELOAD_TRUTH names, if it names anything. */
void preload_truth_open(void);

/* With preload_lock: an operation has ended. Writes the table when it is time to. */
void preload_truth_step(void);

/* In a child after fork. */
void preload_truth_forget(void);

#endif
