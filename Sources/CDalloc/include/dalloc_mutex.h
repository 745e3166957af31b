/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file dalloc_mutex.h
 * @brief The mutex of a library that was built with DALLOC_EXTERNAL_MUTEX, as those of a release are: four functions that
 * the program links with it.
 *
 * Agent/ports has them for FreeRTOS, Zephyr, POSIX threads, and for programs without tasks. To write them yourself, define all
 * four: with one missing, the program does not link.
 *
 * The mutex must be recursive, as heap_lock may be held around other calls, and should inherit priority: a task of high
 * priority may wait for one of low priority that holds the heap.
 */
#ifndef DALLOC_MUTEX_H
#define DALLOC_MUTEX_H

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @brief Makes a mutex.
 *
 * Context: heap_init, so before other tasks use the heap.
 *
 * @return what the other functions are given; NULL when there is none: then heap_init refuses the heap
 */
void *dalloc_mutex_create(void);

/**
 * @brief Ends a mutex.
 *
 * Context: heap_deinit, with the mutex unlocked.
 *
 * @param mutex  what dalloc_mutex_create returned; never NULL
 */
void dalloc_mutex_delete(void *mutex);

/**
 * @brief Waits for a mutex, for as long as it takes, and locks it once more if the caller has it already.
 *
 * Context: any task, not an interrupt.
 *
 * @param mutex  what dalloc_mutex_create returned; never NULL
 */
void dalloc_mutex_lock(void *mutex);

/**
 * @brief Undoes one dalloc_mutex_lock.
 *
 * Context: the task that locked it.
 *
 * @param mutex  what dalloc_mutex_create returned; never NULL
 */
void dalloc_mutex_unlock(void *mutex);

#ifdef __cplusplus
}
#endif

#endif /* DALLOC_MUTEX_H */
