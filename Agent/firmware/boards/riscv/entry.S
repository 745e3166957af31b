/* SPDX-License-Identifier: Apache-2.0 */
/* Where a RISC-V processor starts: the stack, the trap handler, and on to C. */
    .section .entry, "ax"
    .globl entry
entry:
    la sp, stack_top
    la t0, trap
    csrw mtvec, t0
    call start
