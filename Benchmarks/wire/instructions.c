/*
 * instructions.c - what recording and polling cost, for callgrind. Run it once for each function that is to be counted: the
 * labels say what the counts are of, and how many calls they are spread over.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>

#include "../allocator/measure.h"
#include "collector.h"
#include "device.h"

enum { POLL_MILLISECONDS = 10, TRANSMIT_BYTES = 1024, WARM_UP = 2000, OPERATIONS = 20000, IDLE_POLLS = 100 };

/* One instruction: that it is counted as such shows that nothing around a function is. */
__attribute__((noinline)) void nothing(void) { __asm__ volatile(""); }

/* From the middle of the workload; both runs see the same heap at the same addresses. */
static void measure_workload(bool records) {
    uint32_t kinds[WORKLOAD_KINDS] = {0};
    device_start(records, POLL_MILLISECONDS, TRANSMIT_BYTES);
    for (int index = 0; index < WARM_UP; index++) (void)device_step();
    measure_begin();
    for (int index = 0; index < OPERATIONS; index++) kinds[device_step().kind]++;
    measure_end("%s %u %u %u", records ? "recorded" : "alone", kinds[WORKLOAD_ALLOC], kinds[WORKLOAD_FREE],
                kinds[WORKLOAD_RESIZE]);
}

/* The collector has everything, and no time goes by. */
static void measure_idle(void) {
    device_drain();
    uint64_t bytes = collector_counts.bytes + collector_counts.reply_bytes;
    measure_begin();
    for (int poll = 0; poll < IDLE_POLLS; poll++) dalloc_agent_poll(&device_agent);
    measure_end("idle %u 0 0", (unsigned)IDLE_POLLS);
    if (bytes != collector_counts.bytes + collector_counts.reply_bytes) {
        fprintf(stderr, "bench-wire: an idle poll sent something\n");
        exit(EXIT_FAILURE);
    }
}

int main(void) {
    measure_begin();
    nothing();
    measure_end("nothing 1 0 0");
    measure_workload(false);
    measure_workload(true);
    measure_idle();
    if (dalloc_agent_counters(&device_agent).operations_lost != 0) {
        fprintf(stderr, "bench-wire: operations were lost\n");
        return EXIT_FAILURE;
    }
    return 0;
}
