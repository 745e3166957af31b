/*
 * vectors.c - the vector table of a Cortex-M. All lines of the interrupt controller share one handler, which asks the processor
 * which of them it is.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "interrupts.h"
#include "start.h"

extern uint8_t stack_top[]; /* set by sections.ld */

/* The chips here have 32 lines or use no more. */
#define LINES 32

void entry(void);
void entry(void) { start(); }

void processor_wait(void) { __asm volatile("wfi"); }

static void system_tick(void) { board_ticks++; }

static void interrupt(void) {
    uint32_t number;
    __asm volatile("mrs %0, ipsr" : "=r"(number));
    board_interrupt((number & 0x1FF) - 16);
}

typedef void (*vector_t)(void);

__attribute__((section(".entry"), used)) static const struct {
    uint8_t *stack;
    vector_t system[15], lines[LINES];
} vectors = {
    stack_top,
    {entry, fault, fault, fault, fault, fault, 0, 0, 0, 0, fault, fault, 0, fault, system_tick},
    {[0 ... LINES - 1] = interrupt},
};
