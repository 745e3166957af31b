/* SPDX-License-Identifier: Apache-2.0 */
/* hardware/gpio.h - what the kit uses of the Pico SDK, with its signatures. */
#ifndef STAND_IN_HARDWARE_GPIO_H
#define STAND_IN_HARDWARE_GPIO_H

#define GPIO_FUNC_UART 2
void gpio_set_function(unsigned int pin, unsigned int function);

#endif
