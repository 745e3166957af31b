/*
 * report.c - lines of text by semihosting.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "report.h"
#include <stddef.h>
#include "semihosting.h"

#define APPLICATION_EXIT 0x20026
#define RUN_TIME_ERROR 0x20023

void report(const char *name, uint32_t value) {
    char digits[12] = "\n";
    char *first = digits + sizeof digits - 1;
    *first = 0;
    *--first = '\n';
    do {
        *--first = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    semihosting(SEMIHOSTING_PRINT, name);
    semihosting(SEMIHOSTING_PRINT, " ");
    semihosting(SEMIHOSTING_PRINT, first);
}

void finish(const char *why) {
    if (why != NULL) semihosting(SEMIHOSTING_PRINT, why);
    for (;;) semihosting(SEMIHOSTING_EXIT, (const void *)(why != NULL ? RUN_TIME_ERROR : APPLICATION_EXIT));
}
