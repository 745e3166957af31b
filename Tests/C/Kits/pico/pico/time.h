/* SPDX-License-Identifier: Apache-2.0 */
/* pico/time.h - what the kit uses of the Pico SDK, with its signatures. */
#ifndef STAND_IN_PICO_TIME_H
#define STAND_IN_PICO_TIME_H

#include <stdint.h>

uint64_t time_us_64(void);
void sleep_ms(uint32_t milliseconds);

#endif
