/*
 * measure.h - how the benchmark's programs talk to callgrind. It counts the instructions between entering and leaving the
 * functions named with --toggle-collect, those they call included; nothing around them is counted, and no wrapper is needed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MEASURE_H
#define MEASURE_H

#include <stdarg.h>
#include <stdio.h>
#include <valgrind/callgrind.h>

/* Forgets what was counted so far: setting up calls the functions under test, too. */
static inline void measure_begin(void) { CALLGRIND_ZERO_STATS; }

/* Writes the count under a label, for scripts/bench-allocator.sh to read, and starts again at 0. */
__attribute__((format(printf, 1, 2))) static inline void measure_end(const char *format, ...) {
    char label[80];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(label, sizeof label, format, arguments);
    va_end(arguments);
    CALLGRIND_DUMP_STATS_AT(label);
}

#endif
