/* SPDX-License-Identifier: Apache-2.0 */
/* pico/mutex.h - what the kit uses of the Pico SDK, with its signatures. */
#ifndef STAND_IN_PICO_MUTEX_H
#define STAND_IN_PICO_MUTEX_H

#include <stdint.h>

typedef struct {
    int depth;
} recursive_mutex_t;
void recursive_mutex_init(recursive_mutex_t *mutex);
void recursive_mutex_enter_blocking(recursive_mutex_t *mutex);
void recursive_mutex_exit(recursive_mutex_t *mutex);

#endif
