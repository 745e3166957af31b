/*
 * string.h - the functions of memory.c, for compilers that come without a C library.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef STRING_H
#define STRING_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

void *memcpy(void *to, const void *from, size_t count);
void *memmove(void *to, const void *from, size_t count);
void *memset(void *to, int value, size_t count);
int memcmp(const void *first, const void *second, size_t count);
size_t strlen(const char *text);

#ifdef __cplusplus
}
#endif

#endif
