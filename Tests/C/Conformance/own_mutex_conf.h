/*
 * own_mutex_conf.h - a configuration header with a mutex that the library knows nothing of: a number. Each conformance program
 * has own_mutex.h, which makes them, counts them, and can be told to have none left.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OWN_MUTEX_CONF_H
#define OWN_MUTEX_CONF_H

#ifdef __cplusplus
extern "C" {
#endif

int conformance_message(const char *format, ...);
int own_mutex_create(void);
void own_mutex_delete(int mutex);
void own_mutex_lock(int mutex);
void own_mutex_unlock(int mutex);

#ifdef __cplusplus
}
#endif

#define dalloc_debug conformance_message
#define CONFORMANCE_COUNTS_MESSAGES

#define USE_THREAD_SAFETY
#define DALLOC_MUTEX_TYPE int
#define DALLOC_MUTEX_CREATE() own_mutex_create()
#define DALLOC_MUTEX_IS_VALID(m) ((m) >= 0)
#define DALLOC_MUTEX_DELETE(m) own_mutex_delete(m)
#define DALLOC_MUTEX_LOCK(m) own_mutex_lock(m)
#define DALLOC_MUTEX_UNLOCK(m) own_mutex_unlock(m)
#define CONFORMANCE_OWN_MUTEX

#endif
