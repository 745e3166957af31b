/*
 * counter.h - counts instructions with a timer of the board, an MPS2 at 25 MHz. QEMU runs with -icount shift=SHIFT: an instruction takes
 * 2^SHIFT ns then, and the timer's tick is 40 ns.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef COUNTER_H
#define COUNTER_H

#include <stdint.h>

#define TIMER_CONTROL (*(volatile uint32_t *)0x40000000)
#define TIMER_VALUE (*(volatile uint32_t *)0x40000004)
#define TIMER_RELOAD (*(volatile uint32_t *)0x40000008)
#define NANOSECONDS_A_TICK 40U

static inline void counter_start(void) {
    TIMER_RELOAD = UINT32_MAX;
    TIMER_VALUE = UINT32_MAX;
    TIMER_CONTROL = 1;
}

/* Ticks so far: the timer counts down. */
static inline uint32_t counter(void) { return UINT32_MAX - TIMER_VALUE; }

/* Instructions that take so many ticks, rounded. Times that the ticks of one measurement add up to. */
static inline uint32_t instructions(uint64_t ticks) {
    return (uint32_t)((ticks * NANOSECONDS_A_TICK + (1U << SHIFT) / 2) >> SHIFT);
}

#endif
