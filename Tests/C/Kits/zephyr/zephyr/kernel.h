/* SPDX-License-Identifier: Apache-2.0 */
/* kernel.h - what the module uses of Zephyr's kernel, with its signatures. A thread is entered in `stand_in_threads`, and runs when the
 * test calls it. */
#ifndef STAND_IN_KERNEL_H
#define STAND_IN_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <zephyr/sys/sys_heap.h>

#ifndef __cplusplus
#define BUILD_ASSERT(condition, message) _Static_assert(condition, message)
#endif
#ifndef __aligned
#define __aligned(bytes) __attribute__((aligned(bytes)))
#endif
#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#if !defined(__linux__)
typedef int ssize_t;
#else
#include <sys/types.h>
#endif

typedef struct {
    int64_t ticks;
} k_timeout_t;
#define K_FOREVER ((k_timeout_t){-1})

typedef long atomic_t;
bool atomic_cas(atomic_t *target, long old_value, long new_value);
long atomic_set(atomic_t *target, long value);

struct k_mutex {
    int depth;
};
#define K_MUTEX_DEFINE(name) struct k_mutex name
int k_mutex_init(struct k_mutex *mutex);
int k_mutex_lock(struct k_mutex *mutex, k_timeout_t timeout);
int k_mutex_unlock(struct k_mutex *mutex);

struct k_heap {
    struct sys_heap heap;
};

typedef void (*k_thread_entry_t)(void *first, void *second, void *third);
typedef struct {
    k_thread_entry_t entry;
    int stack, priority;
} stand_in_thread_t;
#define K_THREAD_DEFINE(name, stack_size, entry, p1, p2, p3, prio, options, delay) \
    const stand_in_thread_t name = {(entry), (stack_size), (prio)}

int64_t k_uptime_get(void);
int32_t k_msleep(int32_t milliseconds);
unsigned int irq_lock(void);
void irq_unlock(unsigned int key);

#endif
