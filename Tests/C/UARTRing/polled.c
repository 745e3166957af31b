/*
 * polled.c - how a UART must not be used: its register of one byte is filled by the polls, and by nothing else. The linker puts this in
 * the place of the board's link.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "board.h"

dalloc_link_t __real_board_uart_link(void);
dalloc_link_t __wrap_board_uart_link(void);

static dalloc_link_t line;

/* A byte is sent in much less than the time between two polls, so that each finds the register empty. */
static int32_t write_register(void *context, const uint8_t *bytes, uint32_t count) {
    static uint32_t written = UINT32_MAX;
    uint32_t now = board_milliseconds(0);
    if (count == 0 || now == written) return 0;
    written = now;
    return line.write(context, bytes, 1);
}

dalloc_link_t __wrap_board_uart_link(void) {
    line = __real_board_uart_link();
    dalloc_link_t polled = line;
    polled.write = write_register;
    return polled;
}
