/* SPDX-License-Identifier: Apache-2.0 */
/* hardware/irq.h - what the kit uses of the Pico SDK, with its signatures. */
#ifndef STAND_IN_HARDWARE_IRQ_H
#define STAND_IN_HARDWARE_IRQ_H

#include <stdbool.h>

typedef void (*irq_handler_t)(void);
void irq_set_exclusive_handler(unsigned int number, irq_handler_t handler);
void irq_set_enabled(unsigned int number, bool enabled);

#endif
