/*
 * truth.c - prints heap_t.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "truth.h"
#include "board.h"

static void print_number(uint32_t number) {
    char digits[11];
    char *first = digits + sizeof digits - 1;
    *first = 0;
    do {
        *--first = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    board_print(first);
}

static void print_address(const void *address) {
    char text[] = "\"0x00000000\"";
    uintptr_t rest = (uintptr_t)address;
    for (char *digit = text + 10; rest != 0; digit--, rest >>= 4) *digit = "0123456789abcdef"[rest & 15];
    board_print(text);
}

static void print_heap(const dalloc_agent_t *agent, const dalloc_recorder_t *recorder) {
    const heap_t *heap = recorder->heap;
    board_print("{\"device\":\"");
    board_print(agent->config.device_id);
    board_print("\",\"boot\":");
    print_number(agent->config.boot_id);
    board_print(",\"heap\":");
    print_number(recorder->id);
    board_print(",\"name\":\"");
    board_print(recorder->name);
    board_print("\",\"sequence\":");
    print_number(recorder->frame_sequence);
    board_print(",\"offset\":");
    print_number(heap->offset);
    board_print(",\"table\":[");
    for (uint32_t index = 0; index < heap->alloc_info.allocations_num; index++) {
        const ptr_info_t *entry = &heap->alloc_info.ptr_info_arr[index];
        board_print(index > 0 ? ",{\"offset\":" : "{\"offset\":");
        print_number(entry->offset);
        board_print(",\"address\":");
        print_address(heap->mem + entry->offset);
        board_print(",\"size\":");
        print_number(entry->allocated_size);
        if (entry->ptr != NULL) {
            board_print(",\"owner\":");
            print_address(entry->ptr);
        }
        board_print("}");
    }
    board_print("]}\n");
}

void truth_tell_if_asked(dalloc_agent_t *agent) {
    if (!board_is_asked()) return;
    dalloc_agent_flush(agent);
    dalloc_agent_poll(agent);
    for (const dalloc_recorder_t *recorder = agent->recorders; recorder != NULL; recorder = recorder->next) {
        /* With no room for a frame now, the last one is not the heap as it is. */
        if (recorder->count == 0 && !recorder->wants_keyframe) print_heap(agent, recorder);
    }
    /* How much was lost for want of room, so that whoever cuts the line knows when it hurts. */
    board_print("end ");
    print_number(dalloc_agent_counters(agent).operations_lost);
    board_print("\n");
}
