/*
 * semihosting.h - what a program asks of the debugger, or of QEMU, that it runs under. The same numbers on ARM and RISC-V.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SEMIHOSTING_H
#define SEMIHOSTING_H

#include <stdint.h>

enum {
    SEMIHOSTING_OPEN = 0x01,
    SEMIHOSTING_CLOSE = 0x02,
    SEMIHOSTING_PRINT = 0x04,
    SEMIHOSTING_REMOVE = 0x0E,
    SEMIHOSTING_TIME = 0x11, /* seconds since 1970 */
    SEMIHOSTING_EXIT = 0x18
};

/* The debugger stops the processor while it answers. */
static inline intptr_t semihosting(intptr_t operation, const void *argument) {
#ifdef __riscv
    register intptr_t number __asm("a0") = operation;
    register const void *pointer __asm("a1") = argument;
    __asm volatile(
        ".option push\n.option norvc\n.balign 16\n"
        "slli zero, zero, 0x1f\nebreak\nsrai zero, zero, 7\n.option pop"
        : "+r"(number) : "r"(pointer) : "memory");
#else
    register intptr_t number __asm("r0") = operation;
    register const void *pointer __asm("r1") = argument;
    __asm volatile("bkpt 0xab" : "+r"(number) : "r"(pointer) : "memory");
#endif
    return number;
}

#endif
