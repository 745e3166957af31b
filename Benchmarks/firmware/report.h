/*
 * report.h - tells the script what was measured, and ends QEMU: by semihosting.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef REPORT_H
#define REPORT_H

#include <stdint.h>

/* Prints a line `name value`. */
void report(const char *name, uint32_t value);

/* The program is done; when `why` is not NULL, it has failed. */
void finish(const char *why) __attribute__((noreturn));

#endif
