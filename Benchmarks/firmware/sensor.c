/*
 * sensor.c - counts what the calls of c-sensor-node take in the midst of its work. The linker puts these functions between the firmware
 * and the library (--wrap), and the line of line.h in the place of the UART.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "board.h"
#include "counter.h"
#include "line.h"
#include "report.h"

enum { BOOT = 7, FREES = 4000 };

void __real_def_dalloc(uint32_t size, void **ptr);
void __real_def_dfree(void **ptr);
void __real_board_start(void);
void __real_watch(void);

static uint64_t allocating, freeing;
static uint32_t total_allocations, frees;

void __wrap_board_start(void) {
    __real_board_start();
    counter_start();
}

/* The same work in every run. */
uint32_t __wrap_board_boot_id(void) { return BOOT; }

void __wrap_def_dalloc(uint32_t size, void **ptr) {
    uint32_t before = counter();
    __real_def_dalloc(size, ptr);
    allocating += counter() - before;
    total_allocations++;
}

void __wrap_def_dfree(void **ptr) {
    uint32_t before = counter();
    __real_def_dfree(ptr);
    freeing += counter() - before;
    if (++frees < FREES) return;
    report("sensor_alloc", instructions(allocating / total_allocations));
    report("sensor_free", instructions(freeing / frees));
    finish(0);
}

void __wrap_watch(void) {
    __real_watch();
    line_answer(BOOT, false);
}

dalloc_link_t __wrap_board_uart_link(void) { return (dalloc_link_t){.write = line_write, .read = line_read}; }
