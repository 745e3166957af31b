/*
 * traps.c - what interrupts a RISC-V processor.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdint.h>
#include "riscv.h"
#include "start.h"

#define INTERRUPT 0x80000000U
#define MACHINE_TIMER 7
#define MACHINE_EXTERNAL 11

void processor_wait(void) { __asm volatile("wfi"); }

void trap(void) __attribute__((interrupt("machine"), aligned(4)));

void trap(void) {
    uint32_t cause;
    __asm volatile("csrr %0, mcause" : "=r"(cause));
    if (cause == (INTERRUPT | MACHINE_TIMER)) {
        timer_interrupt();
    } else if (cause == (INTERRUPT | MACHINE_EXTERNAL)) {
        external_interrupt();
    } else {
        fault();
    }
}
