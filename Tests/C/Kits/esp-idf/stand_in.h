/* SPDX-License-Identifier: Apache-2.0 */
/* stand_in.h - what a test sees and does of the RTOS and the driver that stand in for ESP-IDF's. */
#ifndef STAND_IN_H
#define STAND_IN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "freertos/task.h"

typedef struct {
    uint8_t out[65536]; /* what the driver was given */
    size_t sent, buffered;
    bool is_broken, waited, has_no_memory;
    const char *logged;
    TaskFunction_t task;
    void (*after_delay)(void);
} stand_in_t;

extern stand_in_t stand_in;

/* The time of so many bytes on the line. */
void stand_in_pass_time(size_t bytes);

#endif
