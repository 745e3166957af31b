/*
 * bytes.c - counts the bytes on the line for the whole workload, from the greeting until the collector has everything, then those
 * of a KEYFRAME of a full table; and the same operations in other formats.
 *
 *   bytes POLL_MILLISECONDS TRANSMIT_BYTES OPERATIONS   prints a name and a number a line
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "collector.h"
#include "device.h"
#include "formats.h"

static void fail(const char *why) {
    fprintf(stderr, "bench-wire: %s\n", why);
    exit(EXIT_FAILURE);
}

static void print(const char *name, uint64_t value) { printf("%s %" PRIu64 "\n", name, value); }

static void print_counts(void) {
    static const char *const names[PART_COUNT] = {"heads",  "ticks",     "depths", "sizes",  "owners",
                                                  "states", "keyframes", "hello",  "framing"};
    const collector_counts_t *counts = &collector_counts;
    print("bytes", counts->bytes);
    uint64_t sum = 0;
    for (int part = 0; part < PART_COUNT; part++) {
        print(names[part], counts->parts[part]);
        sum += counts->parts[part];
    }
    if (sum != counts->bytes * 8) fail("not all bits are accounted for");
    print("replies", counts->reply_bytes);
    print("deltas", counts->deltas);
    print("keyframe_count", counts->keyframes);
    print("hello_count", counts->hellos);
    print("delta_bytes_max", counts->delta_bytes_max);
}

/* A KEYFRAME on request, when the table is full. */
static void print_keyframe(void) {
    /* By and by: no recorder has room for so many allocations at once. */
    for (uint32_t blocks = 8; blocks < MAX_NUM_OF_ALLOCATIONS + 8; blocks += 8) {
        workload_fill(blocks < MAX_NUM_OF_ALLOCATIONS ? blocks : MAX_NUM_OF_ALLOCATIONS);
        device_drain();
    }
    uint32_t before = collector_counts.keyframes;
    collector_request_keyframe();
    for (int drains = 0; drains < 4 && collector_counts.keyframes == before; drains++) device_drain();
    if (collector_counts.keyframes != before + 1 || collector_counts.keyframe_entries != MAX_NUM_OF_ALLOCATIONS)
        fail("the device sent no keyframe of a full table");
    print("keyframe_bytes", collector_counts.keyframe_bytes);
}

int main(int argc, char **argv) {
    if (argc != 4) fail("usage: bytes POLL_MILLISECONDS TRANSMIT_BYTES OPERATIONS");
    uint32_t poll_milliseconds = (uint32_t)strtoul(argv[1], NULL, 10);
    uint32_t transmit_bytes = (uint32_t)strtoul(argv[2], NULL, 10);
    uint32_t operations = (uint32_t)strtoul(argv[3], NULL, 10);

    device_start(true, poll_milliseconds, transmit_bytes);
    format_bytes_t formats = {0, 0, 0, 0, 0};
    uint64_t kinds[WORKLOAD_KINDS] = {0}, live = 0, tick = 0;
    for (uint32_t index = 0; index < operations; index++) {
        workload_operation_t operation = device_step();
        uint64_t now = operation.microseconds / 1000;
        formats_add(&formats, &operation, (uint32_t)(now - tick));
        tick = now;
        kinds[operation.kind]++;
        live += workload_heap.alloc_info.allocations_num;
    }
    device_drain();

    dalloc_agent_counters_t counters = dalloc_agent_counters(&device_agent);
    if (counters.operations_lost != 0) fail("operations were lost");
    if (counters.frames_resent != 0) fail("frames were sent again");
    if (collector_counts.operations != operations) fail("the collector got more or fewer operations than there were");
    if (counters.frames_sent != collector_counts.deltas + collector_counts.keyframes) fail("frames got lost");

    print("operations", operations);
    print("allocs", kinds[WORKLOAD_ALLOC]);
    print("frees", kinds[WORKLOAD_FREE]);
    print("resizes", kinds[WORKLOAD_RESIZE]);
    print("live", live / operations);
    print("milliseconds", tick);
    print("moves", workload_heap.alloc_info.total_moves);
    print_counts();
    print("recorder", DALLOC_RECORDER_BYTES);
    print("transmit", transmit_bytes);
    print("poll", poll_milliseconds);
    print("json", formats.json);
    print("cbor", formats.cbor);
    print("protobuf", formats.protobuf);
    print("systemview", formats.systemview);
    print("tracealyzer", formats.tracealyzer);
    print_keyframe();
    return 0;
}
