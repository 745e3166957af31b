/*
 * collector.h - the other end of the device's link: takes frames, verifies that each is whole and the next one, answers as
 * schema/wire.md asks of a collector, and accounts for every byte. It decodes as much as that needs, and replays nothing.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef COLLECTOR_H
#define COLLECTOR_H

#include <stdbool.h>
#include <stdint.h>

/* What a bit on the line is for. */
typedef enum {
    PART_HEADS,     /* kinds of operations */
    PART_TICKS,     /* between operations */
    PART_DEPTHS,
    PART_SIZES,
    PART_OWNERS,
    PART_STATES,    /* of DELTAs: all before their operations */
    PART_KEYFRAMES, /* their payloads */
    PART_HELLO,     /* their payloads */
    PART_FRAMING,   /* stuffing, checksums, zeros, and the bits that fill bytes */
    PART_COUNT
} part_t;

typedef struct {
    uint64_t bytes;              /* from the device */
    uint64_t parts[PART_COUNT];  /* what their bits are for */
    uint64_t reply_bytes;        /* to the device */
    uint64_t operations;
    uint32_t deltas, keyframes, hellos;
    uint32_t delta_bytes_max;    /* a DELTA on the line, its zero included */
    uint32_t keyframe_bytes;     /* the last KEYFRAME on the line, its zero included */
    uint32_t keyframe_entries;   /* and its entries */
} collector_counts_t;

extern collector_counts_t collector_counts;

void collector_start(void);

/* For dalloc_link_t. A frame that is not as it must be ends the program. */
int32_t collector_write(void *context, const uint8_t *bytes, uint32_t count);
int32_t collector_read(void *context, uint8_t *bytes, uint32_t count);

/* Asks for a KEYFRAME of every heap with the next reply. */
void collector_request_keyframe(void);

#endif
