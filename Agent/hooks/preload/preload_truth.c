/* SPDX-License-Identifier: Apache-2.0 */
/*
 * preload_truth.c - for tests: what the program really holds, at moments that a recording has, too.
 *
 * DALLOC_PRELOAD_TRUTH=PATH, DALLOC_PRELOAD_TRUTH_EVERY=N: after every Nth operation a frame is cut, and then come
 *
 *   uint32  the frame's sequence number; 0: none could be cut
 *   uint32  how many blocks follow
 *   uint32  of how many the allocator says that they are smaller than we believe
 *   blocks  uint64 address, uint32 size, in the order of addresses
 *
 * in this machine's byte order.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "preload.h"
#include "preload_table.h"

static int file = -1;
static unsigned long every, operations;
static bool is_writing;
static uint8_t buffer[65536];
static size_t used;

static void flush_buffer(void) {
    for (size_t done = 0; done < used;) {
        ssize_t written = write(file, buffer + done, used - done);
        if (written <= 0) _exit(74); /* a truth with a hole is none */
        done += (size_t)written;
    }
    used = 0;
}

static void put(const void *bytes, size_t count) {
    if (used + count > sizeof buffer) flush_buffer();
    (void)memcpy(buffer + used, bytes, count);
    used += count;
}

void preload_truth_open(void) {
    const char *path = getenv("DALLOC_PRELOAD_TRUTH"), *often = getenv("DALLOC_PRELOAD_TRUTH_EVERY");
    if (path == NULL) return;
    every = often == NULL ? 1000 : strtoul(often, NULL, 10);
    if (every == 0) every = 1;
    /* For the first process alone: those that it starts have other tables. */
    int opened = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (opened < 0) return;
    file = fcntl(opened, F_DUPFD_CLOEXEC, 512);
    if (file < 0) file = opened;
    else (void)close(opened);
}

void preload_truth_step(void) {
    if (file < 0 || is_writing || ++operations % every != 0) return;
    is_writing = true;
    uint32_t sequence = preload_cut_frame(), count = preload_table_count(), wrong = 0, size = 0;
    const preload_real_t *real = preload_real();
    for (uintptr_t block = 0; (block = preload_table_next(block, &size)) != 0;)
        wrong += real->malloc_usable_size((void *)block) < size;
    put(&sequence, sizeof sequence);
    put(&count, sizeof count);
    put(&wrong, sizeof wrong);
    for (uintptr_t block = 0; (block = preload_table_next(block, &size)) != 0;) {
        uint64_t address = block;
        put(&address, sizeof address);
        put(&size, sizeof size);
    }
    flush_buffer();
    is_writing = false;
}

void preload_truth_forget(void) {
    if (file >= 0) (void)close(file);
    file = -1;
}
