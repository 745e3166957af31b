/*
 * memory.c - memcpy, memmove and memset: all that the agent asks of a C library, for firmwares that have none; and
 * two functions more, for the firmwares themselves. Words are copied as words where both ends are aligned, as blocks
 * of a heap are.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef uint32_t __attribute__((may_alias)) word_t;

static int are_words(const void *first, const void *second) {
    return (((uintptr_t)first | (uintptr_t)second) & 3) == 0;
}

void *memcpy(void *to, const void *from, size_t count) {
    uint8_t *out = to;
    const uint8_t *in = from;
    if (are_words(out, in)) {
        for (; count >= 16; count -= 16, out += 16, in += 16) {
            const word_t *word = (const word_t *)in;
            word_t first = word[0], second = word[1], third = word[2], fourth = word[3];
            ((word_t *)out)[0] = first;
            ((word_t *)out)[1] = second;
            ((word_t *)out)[2] = third;
            ((word_t *)out)[3] = fourth;
        }
        for (; count >= 4; count -= 4, out += 4, in += 4) *(word_t *)out = *(const word_t *)in;
    }
    while (count-- > 0) *out++ = *in++;
    return to;
}

void *memmove(void *to, const void *from, size_t count) {
    uint8_t *out = (uint8_t *)to + count;
    const uint8_t *in = (const uint8_t *)from + count;
    /* Upwards, memcpy reads each byte before it writes there. */
    if ((uintptr_t)to <= (uintptr_t)from || (uintptr_t)to >= (uintptr_t)in) return memcpy(to, from, count);
    if (are_words(out, in)) {
        for (; count >= 4; count -= 4) *(word_t *)(out -= 4) = *(const word_t *)(in -= 4);
    }
    while (count-- > 0) *--out = *--in;
    return to;
}

void *memset(void *to, int value, size_t count) {
    uint8_t *out = to;
    if (are_words(out, out)) {
        word_t word = (uint8_t)value * 0x01010101U;
        for (; count >= 16; count -= 16, out += 16) {
            ((word_t *)out)[0] = word;
            ((word_t *)out)[1] = word;
            ((word_t *)out)[2] = word;
            ((word_t *)out)[3] = word;
        }
        for (; count >= 4; count -= 4, out += 4) *(word_t *)out = word;
    }
    while (count-- > 0) *out++ = (uint8_t)value;
    return to;
}

int memcmp(const void *first, const void *second, size_t count) {
    const uint8_t *one = first, *other = second;
    for (; count > 0; count--, one++, other++) {
        if (*one != *other) return *one - *other;
    }
    return 0;
}

size_t strlen(const char *text) {
    const char *end = text;
    while (*end != 0) end++;
    return (size_t)(end - text);
}
