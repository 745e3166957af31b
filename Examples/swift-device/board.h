/*
 * board.h - what a board gives to the example: a serial line and a clock.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BOARD_H
#define BOARD_H

#include <stdint.h>

#include "dalloc.h"

/* As dalloc_link_t in dalloc_agent.h wants them. */
int32_t board_uart_write(void *context, const uint8_t *bytes, uint32_t count);
int32_t board_uart_read(void *context, uint8_t *bytes, uint32_t count);

uint32_t board_milliseconds(void *context);
uint32_t board_boot_counter(void); /* kept in flash */
void board_sleep(void);            /* until the next interrupt */

/* In C: Swift 6.3 gives a global variable of a C struct no bytes for the struct's padding, and heap_t has some. */
static inline heap_t *board_heap_control(void) {
    static heap_t control;
    return &control;
}

#endif
