/*
 * start.h - what the processor's own start-up code (cortex-m/vectors.c, riscv/entry.S) calls.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef START_H
#define START_H

/* After a reset, with the stack pointer set. */
void start(void) __attribute__((noreturn));

/* Until the next interrupt; the processor's. */
void processor_wait(void);

/* The processor met something that it can't go on from. */
void fault(void) __attribute__((noreturn));

#endif
