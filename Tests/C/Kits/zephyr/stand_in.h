/* SPDX-License-Identifier: Apache-2.0 */
/* stand_in.h - what a test sees and does of the kernel and the UART that stand in for Zephyr's. */
#ifndef STAND_IN_H
#define STAND_IN_H

#include <zephyr/kernel.h>

typedef struct {
    uint8_t out[65536]; /* what has left the device */
    uint32_t sent;
    uint8_t in[64]; /* what comes to it, over and over */
    uint32_t arriving, arrived, received;
    bool is_broken;           /* the UART is not ready */
    const char *message;      /* what was printed last */
    void (*after_sleep)(void); /* what happens while a thread sleeps */
} stand_in_line_t;

extern stand_in_line_t stand_in_line;

/* The time of so many bytes on the line, with its interrupts; how many there were. */
uint32_t stand_in_pass_time(uint32_t bytes);

#endif
