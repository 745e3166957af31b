/*
 * line.c - the collector of line.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "line.h"
#include <string.h>

enum { HELLO = 1, WELCOME = 0x41, ACK = 0x42, REQUEST = 0x43 };

uint32_t line_bytes;

static uint32_t frames;     /* since the last HELLO, or since the boot */
static uint32_t position;   /* in the frame that is coming in */
static uint8_t type;        /* of it */
static bool was_greeted, has_frames;
static uint8_t reply[64];
static uint32_t reply_length, reply_taken;

int32_t line_write(void *context, const uint8_t *bytes, uint32_t count) {
    (void)context;
    line_bytes += count;
    for (uint32_t index = 0; index < count; index++) {
        /* Behind the length of the first run of bytes without zeros comes the type, which is never 0. */
        if (position == 1) type = bytes[index];
        position++;
        if (bytes[index] != 0) continue;
        if (position > 1 && type == HELLO) was_greeted = true;
        if (position > 1 && type != HELLO) has_frames = true, frames++;
        position = 0;
    }
    return (int32_t)count;
}

int32_t line_read(void *context, uint8_t *bytes, uint32_t count) {
    (void)context;
    uint32_t taken = 0;
    while (taken < count && reply_taken < reply_length) bytes[taken++] = reply[reply_taken++];
    return (int32_t)taken;
}

static uint32_t checksum(const uint8_t *bytes, uint32_t count) {
    uint32_t crc = 0xFFFFFFFF;
    while (count-- > 0) {
        crc ^= *bytes++;
        for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (crc & 1 ? 0xEDB88320 : 0);
    }
    return ~crc;
}

/* Appends a reply. Its bytes, then the checksum, stuffed so that the only zero is at the end. */
static void answer(uint8_t kind, const uint32_t *numbers, uint32_t count) {
    uint8_t plain[32] = {kind};
    uint32_t length = 1;
    for (uint32_t index = 0; index < count; index++) {
        uint32_t value = numbers[index];
        for (; value > 127; value >>= 7) plain[length++] = (uint8_t)(value | 0x80);
        plain[length++] = (uint8_t)value;
    }
    uint32_t crc = checksum(plain, length);
    for (int shift = 0; shift < 32; shift += 8) plain[length++] = (uint8_t)(crc >> shift);
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
}

void line_answer(uint32_t boot, bool keyframe) {
    if (reply_taken < reply_length) return;
    reply_taken = reply_length = 0;
    if (was_greeted) answer(WELCOME, (const uint32_t[]){2, boot, frames}, 3);
    if (has_frames) answer(ACK, (const uint32_t[]){boot, frames}, 2);
    if (keyframe) answer(REQUEST, (const uint32_t[]){boot, 1, 0}, 3);
    was_greeted = has_frames = false;
}
