/* SPDX-License-Identifier: Apache-2.0 */
/* pico/rand.h - what the kit uses of the Pico SDK, with its signatures. */
#ifndef STAND_IN_PICO_RAND_H
#define STAND_IN_PICO_RAND_H

#include <stdint.h>

uint32_t get_rand_32(void);

#endif
