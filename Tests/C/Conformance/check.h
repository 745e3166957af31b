/*
 * check.h - how the conformance programs tell what does not hold, and count what the library says about it. Each program
 * includes it in one file.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CHECK_H
#define CHECK_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dalloc.h"
#include "dalloc_check.h"

#define CHECK(condition) ((condition) ? (void)0 : does_not_hold(__FILE__, __LINE__, #condition))

/* What a heap has told already it tells ever more seldom. Each program lets its heaps forget that here, so that a message is due. */
static void tell_again(void);

/* Runs a statement, which must send so many messages to dalloc_debug, if they are counted. */
#define SAYS(count, ...)                                                       \
    do {                                                                       \
        const unsigned said = messages;                                        \
        tell_again();                                                          \
        __VA_ARGS__;                                                           \
        tell_again();                                                          \
        if (counts_messages) CHECK(messages - said == (count));                \
    } while (0)
#define SILENT(...) SAYS(0, __VA_ARGS__)

/* The last message has this text in it. */
#define CHECK_SAID(text) CHECK(!counts_messages || strstr(last_message, (text)) != NULL)

/* Every invariant of the heap holds. */
#define SOUND(heap) is_sound((heap), __FILE__, __LINE__)

static unsigned messages;
static char last_message[512];

enum { LISTING = 65536 };
static char *listing;
static size_t listed;

static inline void does_not_hold(const char *file, int line, const char *what) {
    fprintf(stderr, "%s:%d: this does not hold: %s\n", file, line, what);
    if (last_message[0] != 0) fprintf(stderr, "the last message was: %s", last_message);
    exit(1);
}

static inline void is_sound(heap_t *heap, const char *file, int line) {
    const char *broken = dalloc_heap_check(heap, NULL);
    if (broken != NULL) does_not_hold(file, line, broken);
}

/* messages_conf.h is not in each configuration: printf shows them otherwise, and whoever reads the output can look. */
#ifdef CONFORMANCE_COUNTS_MESSAGES
static const bool counts_messages = true;

/* A message is one line, whatever is in it. What is printed is collected, in `listing`, if anybody wants it. */
int conformance_message(const char *format, ...) {
    char *line = last_message;
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof last_message, format, arguments);
    va_end(arguments);
    CHECK(length > 0 && (size_t)length < sizeof last_message);
    if (listing == NULL) {
        CHECK(strchr(line, '\n') == line + length - 1);
    } else {
        CHECK(listed + (size_t)length < LISTING);
        strcpy(listing + listed, line);
        listed += (size_t)length;
    }
    messages++;
    return length;
}
#else
static const bool counts_messages = false;
#endif

/* Runs a statement, and keeps what it prints in `text`: an empty one, where it isn't counted. */
#define LISTS(text, ...)                                                       \
    do {                                                                       \
        *(text) = 0;                                                           \
        listing = (text);                                                      \
        listed = 0;                                                            \
        __VA_ARGS__;                                                           \
        listing = NULL;                                                        \
    } while (0)

/* Whether all bytes are zero. */
static inline bool is_zero(const void *bytes, size_t count) {
    const uint8_t *first = (const uint8_t *)bytes;
    return count == 0 || (first[0] == 0 && memcmp(first, first + 1, count - 1) == 0);
}

/* Whether no entry from `first` on is in use, as dalloc 1.5 shows it. */
static inline bool is_unused(const heap_t *heap, uint32_t first) {
    for (uint32_t index = first; index < MAX_NUM_OF_ALLOCATIONS; index++) {
        const ptr_info_t *info = &heap->alloc_info.ptr_info_arr[index];
        if (info->ptr != NULL || info->allocated_size != 0 || info->offset != 0 || !info->free_flag) return false;
    }
    return true;
}

/* Whether all of the statistics are zero. */
static inline bool has_no_history(const heap_t *heap) {
    const alloc_info_t *info = &heap->alloc_info;
    return info->allocations_num == 0 && info->max_memory_amount == 0 && info->max_allocations_amount == 0
           && info->total_allocations == 0 && info->total_frees == 0 && info->total_failures == 0
           && info->total_moves == 0 && info->total_bytes_moved == 0;
}

/* The bytes that a block of `size` takes. */
static inline uint32_t padded(uint32_t size) { return (size + DALLOC_ALIGNMENT - 1) / DALLOC_ALIGNMENT * DALLOC_ALIGNMENT; }

/* The bytes in use, whatever the policy. */
static inline uint32_t used(const heap_t *heap) { return heap->offset - heap->gap_bytes; }

#endif
