/*
 * collector.c - takes what the agent writes, frame by frame. The numbers in brackets are sections of schema/wire.md.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "collector.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HELLO = 1, KEYFRAME = 2, DELTA = 3, WELCOME = 0x41, ACK = 0x42, REQUEST = 0x43 };

collector_counts_t collector_counts;

static uint8_t line[4300]; /* the frame that is coming in, as it is on the line: 4096 bytes, checksum and stuffing */
static uint32_t line_length;
static uint8_t reply[64];
static uint32_t reply_length, reply_taken;
static uint64_t boot, last_sequence;

/* The payload that is being read. */
static uint8_t payload[sizeof line];
static uint32_t payload_length, position;

static void refuse(const char *why) {
    fprintf(stderr, "bench-wire: the device sent %s, in frame %llu\n", why, (unsigned long long)last_sequence + 1);
    exit(EXIT_FAILURE);
}

static uint32_t checksum(const uint8_t *bytes, uint32_t count) {
    uint32_t crc = 0xFFFFFFFF;
    while (count-- > 0) {
        crc ^= *bytes++;
        for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (crc & 1 ? 0xEDB88320 : 0);
    }
    return ~crc;
}

/* ---- Replies [1, 4] ----------------------------------------------------------------------------------------------- */

static uint32_t put_varint(uint8_t *bytes, uint64_t value) {
    uint32_t length = 0;
    for (; value > 127; value >>= 7) bytes[length++] = (uint8_t)(value | 0x80);
    bytes[length++] = (uint8_t)value;
    return length;
}

/* Appends a reply of a type and its numbers. */
static void answer(uint8_t type, const uint64_t *numbers, uint32_t count) {
    uint8_t plain[32] = {type};
    uint32_t length = 1;
    for (uint32_t index = 0; index < count; index++) length += put_varint(plain + length, numbers[index]);
    uint32_t crc = checksum(plain, length);
    for (int shift = 0; shift < 32; shift += 8) plain[length++] = (uint8_t)(crc >> shift);
    /* Where the length of the block goes; after the last one, the zero that ends the frame. */
    uint32_t code = reply_length++;
    for (uint32_t index = 0; index <= length; index++) {
        if (index < length && plain[index] != 0) {
            reply[reply_length++] = plain[index];
        } else {
            reply[code] = (uint8_t)(reply_length - code);
            code = reply_length++;
        }
    }
    reply[code] = 0;
    collector_counts.reply_bytes += reply_length;
}

/* One ACK speaks for all before it, so one that was not read yet is taken back. */
static void acknowledge(void) {
    uint64_t numbers[] = {boot, last_sequence};
    if (reply_taken == 0) {
        collector_counts.reply_bytes -= reply_length;
        reply_length = 0;
        answer(ACK, numbers, 2);
    }
}

void collector_request_keyframe(void) {
    uint64_t numbers[] = {boot, 1, 0};
    reply_taken = reply_length = 0;
    answer(REQUEST, numbers, 3);
}

/* Out of line, so that a look at an idle line costs no more than on a device. */
__attribute__((noinline)) static int32_t give(uint8_t *bytes, uint32_t count) {
    uint32_t left = reply_length - reply_taken;
    if (count > left) count = left;
    memcpy(bytes, reply + reply_taken, count);
    reply_taken += count;
    if (reply_taken == reply_length) reply_taken = reply_length = 0;
    return (int32_t)count;
}

int32_t collector_read(void *context, uint8_t *bytes, uint32_t count) {
    (void)context;
    return reply_length == 0 ? 0 : give(bytes, count);
}

/* ---- Frames [2, 3] ------------------------------------------------------------------------------------------------ */

static uint8_t take_byte(part_t part) {
    if (position >= payload_length) refuse("a field that is cut off");
    collector_counts.parts[part] += 8;
    return payload[position++];
}

static uint64_t take_varint(part_t part) {
    uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
        uint8_t byte = take_byte(part);
        value |= (uint64_t)(byte & 127) << shift;
        if (byte < 128) return value;
    }
    refuse("a number of more than 64 bits");
    return 0;
}

/* Operations are packed in bits, low ones first, from `position` on. */
static uint32_t bit;

static uint64_t take_bits(part_t part, uint32_t count) {
    uint64_t value = 0;
    for (uint32_t index = 0; index < count; index++, bit++) {
        if (bit >= payload_length * 8) refuse("a field that is cut off");
        value |= (uint64_t)(payload[bit / 8] >> bit % 8 & 1) << index;
    }
    collector_counts.parts[part] += count;
    return value;
}

/* Zeros, `most` at most, and the one after fewer. */
static uint32_t take_zeros(part_t part, uint32_t most) {
    uint32_t zeros = 0;
    while (zeros < most && take_bits(part, 1) == 0) zeros++;
    return zeros;
}

static void take_ticks(uint32_t *quarters) {
    uint32_t zeros = take_zeros(PART_TICKS, 6);
    if (zeros < 6) {
        (void)take_bits(PART_TICKS, *quarters / 4);
        *quarters += zeros;
        if (*quarters > 0) *quarters -= 1;
        if (*quarters > 63) *quarters = 63;
    } else {
        uint32_t length = (uint32_t)take_bits(PART_TICKS, 5);
        (void)take_bits(PART_TICKS, length);
        *quarters = length * 4 < 63 ? length * 4 : 63;
    }
}

static void take_size(part_t part) {
    uint32_t power = (uint32_t)take_bits(part, 3) + 3;
    if (power == 10) {
        power += (uint32_t)take_bits(part, 2);
        if (power == 13) power = (uint32_t)take_bits(part, 5);
    }
    (void)take_bits(part, power);
}

/* Eight times the bits of a depth that is not near, and what is left of the time until they are fewer. */
static uint32_t eighths;

static void take_depth(void) {
    while (take_bits(PART_DEPTHS, 1) == 0) {
        uint32_t ones = (1u << eighths / 8) - 1;
        uint32_t number = (uint32_t)take_bits(PART_DEPTHS, eighths / 8);
        if (number < ones) {
            eighths = number * 2 < ones ? eighths - 1 : eighths | 7;
            return;
        }
        eighths += 8;
    }
    (void)take_bits(PART_DEPTHS, 2);
}

/* How many distances came since an owner of another form, at most 3. */
static uint32_t distances;

static void take_owner(part_t part) {
    uint32_t zeros = take_zeros(part, 6);
    if (zeros == distances || zeros > 4) {
        distances = 0;
        return;
    }
    (void)take_bits(part, zeros == 4 ? (uint32_t)take_bits(part, 7) : 6);
    if (distances < 3) distances++;
}

static void begin_bits(void) {
    bit = position * 8;
    eighths = 55;
    distances = 0;
}

/* True when only the zeros are left that fill the last byte. */
static bool is_at_end(void) {
    uint32_t left = payload_length * 8 - bit;
    return left < 8 && payload[payload_length - 1] >> (8 - left) == 0;
}

static void take_operations(void) {
    uint32_t quarters = 4;
    begin_bits();
    while (bit < payload_length * 8 && !is_at_end()) {
        uint32_t kind = take_zeros(PART_HEADS, 4);
        if (kind > 2) refuse("an operation that the workload does not have");
        take_ticks(&quarters);
        if (kind > 0) take_depth();
        if (kind != 1) take_size(PART_SIZES);
        if (kind == 0) take_owner(PART_OWNERS);
        collector_counts.operations++;
    }
    collector_counts.parts[PART_FRAMING] += payload_length * 8 - bit;
    position = payload_length;
}

/* What KEYFRAME and DELTA of heap 0 begin with, after the type. */
static void take_start(part_t part) {
    uint64_t sequence = take_varint(part);
    if (sequence != last_sequence + 1) refuse("another sequence number than the next");
    last_sequence = sequence;
    (void)take_varint(part); /* tick */
}

static void take_figures(part_t part) {
    for (int field = 0; field < 10; field++) {
        uint64_t value = take_varint(part);
        if (field == 2) collector_counts.keyframe_entries = (uint32_t)value;
        if (field == 9 && value != 0) refuse("operations lost");
    }
    for (int byte = 0; byte < 4; byte++) (void)take_byte(part);
}

static void take_hello(void) {
    if (take_varint(PART_HELLO) != 2) refuse("another version than 2");
    (void)take_varint(PART_HELLO);
    for (int text = 0; text < 2; text++)
        for (uint64_t left = take_varint(PART_HELLO); left > 0; left--) (void)take_byte(PART_HELLO);
    boot = take_varint(PART_HELLO);
    while (position < payload_length) (void)take_byte(PART_HELLO);
    uint64_t numbers[] = {2, boot, last_sequence};
    reply_taken = reply_length = 0;
    answer(WELCOME, numbers, 3);
    collector_counts.hellos++;
}

static void take_keyframe(uint32_t bytes) {
    take_start(PART_KEYFRAMES);
    take_figures(PART_KEYFRAMES);
    if (take_varint(PART_KEYFRAMES) != 0) refuse("a keyframe in parts");
    begin_bits();
    for (uint32_t left = collector_counts.keyframe_entries; left > 0; left--) {
        take_size(PART_KEYFRAMES);
        take_owner(PART_KEYFRAMES);
    }
    collector_counts.parts[PART_FRAMING] += payload_length * 8 - bit;
    if (!is_at_end()) refuse("more entries than the table has");
    collector_counts.keyframes++;
    collector_counts.keyframe_bytes = bytes;
    acknowledge();
}

static void take_delta(uint32_t bytes) {
    uint32_t entries = collector_counts.keyframe_entries, whole = payload_length;
    take_start(PART_STATES);
    /* The end is found by its length, which is the last byte. */
    uint32_t end = payload[whole - 1];
    payload_length = whole - 1 - (end & 127);
    take_operations();
    payload_length = whole;
    (void)take_varint(PART_STATES); /* span */
    if (end & 128) {
        take_figures(PART_STATES);
    } else {
        (void)take_byte(PART_STATES);
        (void)take_byte(PART_STATES);
    }
    (void)take_byte(PART_STATES);
    if (position != payload_length) refuse("an end of another length");
    collector_counts.keyframe_entries = entries;
    collector_counts.deltas++;
    if (bytes > collector_counts.delta_bytes_max) collector_counts.delta_bytes_max = bytes;
    acknowledge();
}

/* Takes the stuffing and the checksum off [1]. */
static void open_frame(void) {
    payload_length = position = 0;
    for (uint32_t start = 0; start < line_length;) {
        uint32_t code = line[start];
        if (start + code > line_length) refuse("stuffing that is broken");
        memcpy(payload + payload_length, line + start + 1, code - 1);
        payload_length += code - 1;
        start += code;
        if (code < 255 && start < line_length) payload[payload_length++] = 0;
    }
    if (payload_length < 5) refuse("a frame that is too short");
    payload_length -= 4;
    const uint8_t *end = payload + payload_length;
    uint32_t crc = end[0] | (uint32_t)end[1] << 8 | (uint32_t)end[2] << 16 | (uint32_t)end[3] << 24;
    if (crc != checksum(payload, payload_length)) refuse("a checksum that is wrong");
}

static void take_frame(void) {
    uint32_t bytes = line_length + 1;
    if (line_length > 0) {
        open_frame();
        collector_counts.parts[PART_FRAMING] += (bytes - payload_length) * 8;
        part_t part = payload[0] == HELLO ? PART_HELLO : payload[0] == KEYFRAME ? PART_KEYFRAMES : PART_STATES;
        switch (take_byte(part)) {
        case HELLO: take_hello(); break;
        case KEYFRAME: take_keyframe(bytes); break;
        case DELTA: take_delta(bytes); break;
        default: refuse("a frame of an unknown type");
        }
    } else {
        collector_counts.parts[PART_FRAMING] += 8;
    }
    line_length = 0;
}

int32_t collector_write(void *context, const uint8_t *bytes, uint32_t count) {
    (void)context;
    collector_counts.bytes += count;
    for (uint32_t index = 0; index < count; index++) {
        if (bytes[index] == 0)
            take_frame();
        else if (line_length < sizeof line)
            line[line_length++] = bytes[index];
        else
            refuse("a frame that is too long");
    }
    return (int32_t)count;
}

void collector_start(void) {
    memset(&collector_counts, 0, sizeof collector_counts);
    line_length = reply_length = reply_taken = 0;
    boot = last_sequence = 0;
}
