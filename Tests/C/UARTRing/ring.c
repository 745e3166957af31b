/*
 * ring.c - dalloc_uart_ring.h against a queue that counts nothing and goes round nowhere: random calls of all functions, for every size,
 * with counters that wrap around on the way.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "dalloc_uart_ring.h"

#define CHECK(condition) \
    do { \
        if (!(condition)) { \
            printf("%s:%d: %s\n", __FILE__, __LINE__, #condition); \
            exit(1); \
        } \
    } while (0)

enum { CALLS = 20000, LARGEST = 4096 };

static uint8_t storage[LARGEST], queue[LARGEST];
static uint32_t queued, lost, most;
static uint32_t random_state = 1;

static uint32_t below(uint32_t limit) {
    random_state ^= random_state << 13;
    random_state ^= random_state >> 17;
    random_state ^= random_state << 5;
    return (random_state >> 8) % limit;
}

static void make(uint8_t *bytes, uint32_t count) {
    uint32_t at;
    for (at = 0; at < count; at++) bytes[at] = (uint8_t)below(256);
}

/* What fits, at the end of the queue. */
static uint32_t enqueue(const uint8_t *bytes, uint32_t count, uint32_t size) {
    if (count > size - queued) count = size - queued;
    memcpy(queue + queued, bytes, count);
    queued += count;
    if (queued > most) most = queued;
    return count;
}

static void dequeue(const uint8_t *bytes, uint32_t count) {
    CHECK(count <= queued && memcmp(queue, bytes, count) == 0);
    memmove(queue, queue + count, queued - count);
    queued -= count;
}

static void put_some(dalloc_uart_ring_t *ring) {
    uint8_t bytes[2 * LARGEST];
    uint32_t count = below(2 * ring->size + 1), fit;
    make(bytes, count);
    switch (below(3)) {
    case 0:
        fit = enqueue(bytes, count, ring->size);
        CHECK(dalloc_uart_ring_write(ring, bytes, count) == fit);
        break;
    case 1:
        fit = enqueue(bytes, count, ring->size);
        lost += count - fit;
        CHECK(dalloc_uart_ring_put_span(ring, bytes, count) == fit);
        break;
    default:
        make(bytes, 1);
        fit = enqueue(bytes, 1, ring->size);
        lost += 1 - fit;
        CHECK(dalloc_uart_ring_put(ring, bytes[0]) == (fit == 1));
    }
}

static void take_some(dalloc_uart_ring_t *ring) {
    uint8_t bytes[2 * LARGEST];
    const uint8_t *span;
    uint32_t count, fit;
    switch (below(4)) {
    case 0:
        count = below(2 * ring->size + 1);
        fit = count < queued ? count : queued;
        CHECK(dalloc_uart_ring_read(ring, bytes, count) == fit);
        dequeue(bytes, fit);
        break;
    case 1:
        if (dalloc_uart_ring_take(ring, bytes)) dequeue(bytes, 1);
        else CHECK(queued == 0);
        break;
    case 2:
        /* All of it in two spans, which the ring still has while somebody sends them. */
        fit = queued;
        count = dalloc_uart_ring_peek(ring, &span);
        CHECK((count > 0) == (fit > 0) && dalloc_uart_ring_used(ring) == fit);
        if (count > 0) {
            CHECK(span >= ring->bytes && span + count <= ring->bytes + ring->size);
            CHECK(count == fit || span + count == ring->bytes + ring->size);
            dequeue(span, count);
            dalloc_uart_ring_consume(ring, count);
            fit -= count;
            count = dalloc_uart_ring_peek(ring, &span);
            CHECK(count == fit && (count == 0 || span == ring->bytes));
        }
        break;
    default:
        if (below(16) > 0) break;
        dalloc_uart_ring_consume(ring, queued + below(100));
        queued = 0;
    }
}

static void check_size(uint32_t size) {
    dalloc_uart_ring_t ring;
    int call;
    dalloc_uart_ring_init(&ring, storage, size);
    CHECK(ring.size == size && dalloc_uart_ring_used(&ring) == 0 && dalloc_uart_ring_overruns(&ring) == 0);
    /* As after four billion bytes: they go round in the middle of the test. */
    ring.written = ring.read = UINT32_MAX - size * 3 - 100;
    ring.overruns = UINT32_MAX - 50;
    queued = most = 0, lost = ring.overruns;
    for (call = 0; call < CALLS; call++) {
        if (below(2) == 0) put_some(&ring);
        else take_some(&ring);
        CHECK(dalloc_uart_ring_used(&ring) == queued);
        CHECK(dalloc_uart_ring_overruns(&ring) == lost);
        CHECK(dalloc_uart_ring_most(&ring) == most);
    }
    CHECK(ring.written < UINT32_MAX / 2 && most == size);
}

DALLOC_UART_RING(declared, 8);

static void check_edges(void) {
    static const uint32_t sizes[][2] = {{0, 0}, {1, 1}, {3, 2}, {7, 4}, {100, 64}, {128, 128}, {4095, 2048}};
    dalloc_uart_ring_t ring = {0};
    const uint8_t *span;
    uint8_t byte = 7;
    size_t at;
    for (at = 0; at < sizeof sizes / sizeof sizes[0]; at++) {
        dalloc_uart_ring_init(&ring, storage, sizes[at][0]);
        CHECK(ring.size == sizes[at][1]);
    }
    /* Without room it takes and gives nothing. */
    dalloc_uart_ring_init(&ring, NULL, 0);
    CHECK(!dalloc_uart_ring_put(&ring, 1) && dalloc_uart_ring_overruns(&ring) == 1);
    CHECK(dalloc_uart_ring_write(&ring, &byte, 1) == 0 && dalloc_uart_ring_read(&ring, &byte, 1) == 0);
    CHECK(!dalloc_uart_ring_take(&ring, &byte) && dalloc_uart_ring_peek(&ring, &span) == 0 && byte == 7);
    CHECK(declared.size == 8 && dalloc_uart_ring_put(&declared, 3));
    CHECK(dalloc_uart_ring_take(&declared, &byte) && byte == 3);
}

static void count_kick(void *context) { (*(int *)context)++; }

static void check_link(void) {
    dalloc_uart_ring_t transmit, receive;
    int kicks = 0;
    dalloc_uart_t uart = {&transmit, &receive, count_kick, &kicks};
    dalloc_link_t link = dalloc_uart_link(&uart);
    uint8_t bytes[6] = {1, 2, 3, 4, 5, 6};
    dalloc_uart_ring_init(&transmit, storage, 4);
    dalloc_uart_ring_init(&receive, storage + 4, 4);
    CHECK(link.is_up == NULL && link.reset == NULL);
    CHECK(link.write(link.context, bytes, 6) == 4 && kicks == 1);
    /* With no room, too: the kick before may have been lost. */
    CHECK(link.write(link.context, bytes + 4, 2) == 0 && kicks == 2);
    CHECK(link.read(link.context, bytes, 6) == 0);
    CHECK(dalloc_uart_ring_put_span(&receive, bytes + 1, 5) == 4);
    CHECK(link.read(link.context, bytes, 6) == 4 && bytes[0] == 2 && bytes[3] == 5);
    /* One-way, and with a transmitter that looks by itself. */
    uart.receive = NULL;
    uart.kick = NULL;
    link = dalloc_uart_link(&uart);
    CHECK(link.read == NULL && link.write(link.context, bytes, 1) == 0);
}

int main(void) {
    uint32_t size;
    for (size = 1; size <= LARGEST; size *= 2) check_size(size);
    check_edges();
    check_link();
    printf("ok\n");
    return 0;
}
