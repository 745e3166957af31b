/* SPDX-License-Identifier: Apache-2.0 */
/* kernel.h - what the hook uses of Zephyr's kernel, with its signatures. */
#ifndef STAND_IN_KERNEL_H
#define STAND_IN_KERNEL_H

#include <stddef.h>
#include <stdint.h>

unsigned int irq_lock(void);
void irq_unlock(unsigned int key);

#endif
