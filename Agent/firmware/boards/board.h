/*
 * board.h - what each board gives to the firmwares: a clock, the agent's serial line, and a way to print.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BOARD_H
#define BOARD_H

#include <stdbool.h>
#include <stdint.h>
#include "dalloc_agent_link.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Called before main: starts the tick and the serial lines, and enables interrupts. */
void board_start(void);

/* Milliseconds since the reset, as dalloc_agent_config_t.now wants them. */
uint32_t board_milliseconds(void *context);

/* A number that is another one after every reset. */
uint32_t board_boot_id(void);

/* What to call a firmware on this board, for those that can't put two literals together. */
#ifdef FIRMWARE
static inline const char *board_device(void) { return FIRMWARE "-" BOARD; }
#endif

/* The serial line to the collector, which needs a poll every 10 ms. */
dalloc_link_t board_uart_link(void);

/* Until the next millisecond. */
void board_sleep(void);

/* True once for each time that somebody asks on the board's second line, or by semihosting where it has one line only. Never blocks. */
bool board_is_asked(void);

/* Prints there. Blocks until all is out. */
void board_print(const char *text);

#ifdef __cplusplus
}
#endif

#endif
