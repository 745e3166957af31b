/*
 * byte_ring.h - bytes on their way from a UART's interrupt to whoever reads the line. One side writes, the other reads, and neither
 * waits for the other: each index is changed by one side only.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BYTE_RING_H
#define BYTE_RING_H

#include <stdbool.h>
#include <stdint.h>

/* An answer of the collector has at most 32 bytes, and polls are a millisecond apart: 12 bytes at 115200 baud. */
#define BYTE_RING_SIZE 64U

typedef struct {
    volatile uint32_t written, read; /* since the reset */
    volatile uint8_t bytes[BYTE_RING_SIZE];
} byte_ring_t;

/* In the interrupt. What finds no room is lost, as on any line: frames carry a checksum. */
static inline void byte_ring_put(byte_ring_t *ring, uint8_t byte) {
    if (ring->written - ring->read == BYTE_RING_SIZE) return;
    ring->bytes[ring->written % BYTE_RING_SIZE] = byte;
    ring->written++;
}

/* Up to `count` bytes. Returns how many. */
static inline int32_t byte_ring_take(byte_ring_t *ring, uint8_t *bytes, uint32_t count) {
    uint32_t taken = 0;
    while (taken < count && ring->read != ring->written) {
        bytes[taken++] = ring->bytes[ring->read % BYTE_RING_SIZE];
        ring->read++;
    }
    return (int32_t)taken;
}

#endif
