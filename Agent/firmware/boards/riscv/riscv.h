/*
 * riscv.h - the parts of a RISC-V processor that the boards need. Interrupts of its timer and of the interrupt controller end in the two
 * functions, which the board has.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RISCV_H
#define RISCV_H

void timer_interrupt(void);
void external_interrupt(void);

static inline void enable_interrupts(void) {
    /* mie: timer and external; mstatus: machine interrupts. */
    __asm volatile("csrs mie, %0\n csrsi mstatus, 8" ::"r"(0x880) : "memory");
}

#endif
