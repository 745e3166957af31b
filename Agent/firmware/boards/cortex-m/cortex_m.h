/*
 * cortex_m.h - the registers of every Cortex-M that the boards need.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CORTEX_M_H
#define CORTEX_M_H

#include <stdint.h>

typedef struct {
    volatile uint32_t control, reload, value, calibration;
} system_tick_t;

#define SYSTEM_TICK ((system_tick_t *)0xE000E010)
#define SYSTEM_TICK_RUNS 7 /* with the processor's clock, interrupting */

#define INTERRUPT_ENABLE ((volatile uint32_t *)0xE000E100)
#define INTERRUPT_SET_PENDING ((volatile uint32_t *)0xE000E200)

static inline void enable_line(uint32_t line) { *INTERRUPT_ENABLE = 1U << line; }
/* As if the device had raised it. */
static inline void raise_line(uint32_t line) { *INTERRUPT_SET_PENDING = 1U << line; }
static inline void enable_interrupts(void) { __asm volatile("cpsie i" ::: "memory"); }

#endif
