/*
 * dalloc_port.c - the one place that calls dalloc_debug, a variadic macro that Swift can't import.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dalloc_port.h"

#ifdef DALLOC_REPORT_SINK
#include <stdatomic.h>

static _Atomic(dalloc_port_sink_t) current_sink;

void dalloc_port_set_sink(dalloc_port_sink_t sink) { atomic_store(&current_sink, sink); }
#endif

void dalloc_port_report(const char *function, const char *message, uint32_t number) {
    (void)function; /* dalloc_debug may be defined as nothing */
    (void)message;
    (void)number;
#ifdef DALLOC_REPORT_SINK
    dalloc_port_sink_t sink = atomic_load(&current_sink);
    if (sink) {
        sink(function, message, number);
        return;
    }
#endif
    dalloc_debug("%s: %s (%lu)\n", function, message, (unsigned long)number);
}
