/*
 * start.c - from the reset to main: initial values of variables into RAM, zeros for the others, the board, the program.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "start.h"
#include <string.h>
#include "board.h"
#include "interrupts.h"

/* Set by sections.ld. */
extern uint8_t data_load[], data_start[], data_end[], bss_start[], bss_end[];

volatile uint32_t board_ticks;

int main(void);

void start(void) {
    memcpy(data_start, data_load, (uintptr_t)data_end - (uintptr_t)data_start);
    memset(bss_start, 0, (uintptr_t)bss_end - (uintptr_t)bss_start);
    board_start();
    (void)main();
    for (;;) board_sleep();
}

void fault(void) {
    board_print("fault\n");
    for (;;) {}
}

void board_sleep(void) {
    /* Each byte on the line interrupts, too. */
    for (uint32_t now = board_ticks; now == board_ticks;) processor_wait();
}

uint32_t board_milliseconds(void *context) {
    (void)context;
    return board_ticks;
}
