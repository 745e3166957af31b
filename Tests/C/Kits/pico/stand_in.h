/* SPDX-License-Identifier: Apache-2.0 */
/* stand_in.h - what a test sees and does of the UART that stands in for the Pico's. */
#ifndef STAND_IN_H
#define STAND_IN_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    uint8_t out[65536];
    uint32_t sent;
} stand_in_t;

extern stand_in_t stand_in;

/* The time of so many bytes on the line, with its interrupts. */
void stand_in_pass_time(uint32_t bytes);

#endif
