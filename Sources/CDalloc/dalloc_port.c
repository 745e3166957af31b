/*
 * dalloc_port.c - the one place that calls dalloc_debug, a variadic macro that Swift can't import.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dalloc_port.h"

void dalloc_port_report(const char *function, const char *message, uint32_t number) {
    (void)function; /* dalloc_debug may be defined as nothing */
    (void)message;
    (void)number;
    dalloc_debug("%s: %s (%lu)\n", function, message, (unsigned long)number);
}
