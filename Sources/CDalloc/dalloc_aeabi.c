/*
 * dalloc_aeabi.c - the names under which compilers for ARM call memcpy, memmove and memset (Run-time ABI for the Arm
 * Architecture, 4.3.4), for firmwares whose C library does not bring them. Weak: those of a C library or of the
 * firmware come first.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stddef.h>

typedef int dalloc_aeabi_is_for_bare_arm;

#if defined(__arm__) && !defined(__linux__) && !defined(__APPLE__)

/* Other names for C: a compiler that knows memset would call __aeabi_memclr for it, from within __aeabi_memclr. */
void *dalloc_aeabi_copy(void *to, const void *from, size_t count) __asm__("memcpy");
void *dalloc_aeabi_move(void *to, const void *from, size_t count) __asm__("memmove");
void *dalloc_aeabi_set(void *to, int value, size_t count) __asm__("memset");

/* The suffixes promise an alignment of 4 or 8 bytes. */
#define FAMILY(define, name) define(name) define(name##4) define(name##8)

#define COPY(name) \
    void name(void *to, const void *from, size_t count); \
    __attribute__((weak)) void name(void *to, const void *from, size_t count) { dalloc_aeabi_copy(to, from, count); }
#define MOVE(name) \
    void name(void *to, const void *from, size_t count); \
    __attribute__((weak)) void name(void *to, const void *from, size_t count) { dalloc_aeabi_move(to, from, count); }
#define SET(name) \
    void name(void *to, size_t count, int value); \
    __attribute__((weak)) void name(void *to, size_t count, int value) { dalloc_aeabi_set(to, value, count); }
#define CLEAR(name) \
    void name(void *to, size_t count); \
    __attribute__((weak)) void name(void *to, size_t count) { dalloc_aeabi_set(to, 0, count); }

FAMILY(COPY, __aeabi_memcpy)
FAMILY(MOVE, __aeabi_memmove)
FAMILY(SET, __aeabi_memset)
FAMILY(CLEAR, __aeabi_memclr)

#endif
