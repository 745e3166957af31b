/*
 * threads.c - a ring between two threads that never wait for each other, for every size: all bytes come, in order, also where counters
 * wrap around. Built with ThreadSanitizer.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include "dalloc_uart_ring.h"

enum { BYTES = 60000, LARGEST = 1024 };

static uint8_t storage[LARGEST];
static dalloc_uart_ring_t ring;

static uint32_t next(uint32_t *state) {
    *state = *state * 1664525 + 1013904223;
    return *state >> 16;
}

/* Bytes 0, 1, 2 … of a series that no shift of itself equals. */
static uint8_t byte_at(uint32_t place) { return (uint8_t)((place * 2654435761U) >> 13); }

static void *write_all(void *seed) {
    uint32_t random = *(uint32_t *)seed, sent = 0, at;
    while (sent < BYTES) {
        uint8_t piece[64];
        uint32_t count = 1 + next(&random) % sizeof piece;
        if (count > BYTES - sent) count = BYTES - sent;
        for (at = 0; at < count; at++) piece[at] = byte_at(sent + at);
        count = dalloc_uart_ring_write(&ring, piece, count);
        sent += count;
        if (count == 0) sched_yield();
    }
    return NULL;
}

static void *read_all(void *seed) {
    uint32_t random = *(uint32_t *)seed, got = 0, at;
    while (got < BYTES) {
        uint8_t piece[64];
        const uint8_t *bytes = piece;
        uint32_t count, way = next(&random) % 3;
        if (way == 0) count = dalloc_uart_ring_peek(&ring, &bytes);
        else count = dalloc_uart_ring_read(&ring, piece, way == 1 ? 1 : sizeof piece);
        for (at = 0; at < count; at++) {
            if (bytes[at] == byte_at(got + at)) continue;
            printf("size %u: byte %u is wrong\n", (unsigned)ring.size, (unsigned)(got + at));
            exit(1);
        }
        if (way == 0) dalloc_uart_ring_consume(&ring, count);
        got += count;
        if (count == 0) sched_yield();
    }
    return NULL;
}

int main(void) {
    uint32_t size, most = 0;
    for (size = 1; size <= LARGEST; size *= 2) {
        pthread_t threads[2];
        uint32_t seeds[2] = {size, size + 1};
        dalloc_uart_ring_init(&ring, storage, size);
        ring.written = ring.read = UINT32_MAX - BYTES / 2;
        if (pthread_create(&threads[0], NULL, write_all, &seeds[0]) != 0) return 2;
        if (pthread_create(&threads[1], NULL, read_all, &seeds[1]) != 0) return 2;
        /* What anybody may ask. */
        do {
            most = dalloc_uart_ring_most(&ring);
            sched_yield();
        } while (dalloc_uart_ring_used(&ring) > 0 && most <= size && dalloc_uart_ring_overruns(&ring) == 0);
        pthread_join(threads[0], NULL);
        pthread_join(threads[1], NULL);
        if (dalloc_uart_ring_used(&ring) != 0 || dalloc_uart_ring_most(&ring) > size || ring.written > BYTES) {
            printf("size %u: the counters are wrong\n", (unsigned)size);
            return 1;
        }
    }
    printf("ok\n");
    return 0;
}
