/*
 * random.h - chance for workloads: the same for the same seed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RANDOM_H
#define RANDOM_H

#include <stdint.h>

static uint32_t random_state = 1;

static inline void random_start(uint32_t seed) { random_state = seed | 1; }

/* xorshift32 (Marsaglia, Xorshift RNGs, 2003): 0 to limit - 1. */
static inline uint32_t random_below(uint32_t limit) {
    random_state ^= random_state << 13;
    random_state ^= random_state >> 17;
    random_state ^= random_state << 5;
    return (random_state >> 8) % limit;
}

#endif
