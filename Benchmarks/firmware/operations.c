/*
 * operations.c - what each call takes on the board: in instructions, without and with an agent that records, and in bytes of stack.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stddef.h>
#include "board.h"
#include "counter.h"
#include "dalloc_agent.h"
#include "line.h"
#include "report.h"

enum { BLOCKS = 101, SIZE = 64, BOOT = 7 };

extern uint32_t stack_bottom[]; /* set by sections.ld */

static uint8_t memory[BLOCKS * SIZE] __attribute__((aligned(8)));
static heap_t heap;
static void *blocks[BLOCKS], *other;
DALLOC_AGENT_TRANSMIT_BUFFER(transmit_buffer, 2048);
static dalloc_recorder_t recorder;
static dalloc_agent_t agent;
static uint32_t milliseconds;

static uint32_t now(void *context) {
    (void)context;
    return milliseconds;
}

static const dalloc_agent_config_t config = {
    .device_id = "bench",
    .build = "1.0.0",
    .boot_id = BOOT,
    .ticks_per_second = 1000,
    .now = now,
    .link = {.write = line_write, .read = line_read},
    .transmit_buffer = transmit_buffer,
    .transmit_size = sizeof transmit_buffer,
};

/* ---- What is measured ----------------------------------------------------------------------------------------------- */

static uint32_t at; /* the block that the call is about */

static void nothing(void) {}
static void allocate(void) { dalloc(&heap, SIZE, &blocks[at]); }
static void release(void) { dfree(&heap, &blocks[at], USING_PTR_ADDRESS); }
static void grow(void) { (void)drealloc(&heap, SIZE, &blocks[at]); }
static void shrink(void) { (void)drealloc(&heap, SIZE / 2, &blocks[at]); }
static void hand_over(void) { replace_pointers(&heap, &blocks[at], &other); }
static void hand_back(void) { replace_pointers(&heap, &other, &blocks[at]); }
static void fail(void) { dalloc(&heap, sizeof memory + 1, &other); }
/* What a heap calls after each operation. */
static void record_alloc(void) { heap.observer(heap.observer_context, DALLOC_OP_ALLOC, at, SIZE, &blocks[at]); }
static void record_free(void) { heap.observer(heap.observer_context, DALLOC_OP_FREE, at, 0, NULL); }
static void start(void) { (void)dalloc_agent_init(&agent, &config); }
static void attach(void) { (void)dalloc_agent_attach(&agent, &recorder, &heap, "main"); }
static void poll(void) { dalloc_agent_poll(&agent); }
static void flush(void) { dalloc_agent_flush(&agent); }
static void ask_drained(void) { (void)dalloc_agent_is_drained(&agent); }
static void count(void) { (void)dalloc_agent_counters(&agent); }
static void end(void) { dalloc_agent_deinit(&agent); }

/* ---- Instructions ----------------------------------------------------------------------------------------------------- */

static uint32_t around; /* ticks that measuring takes itself */

__attribute__((noinline)) static uint32_t ticks(void (*call)(void)) {
    uint32_t before = counter();
    call();
    return counter() - before - around;
}

static void fill(uint32_t live) {
    heap_init(&heap, memory, sizeof memory);
    for (uint32_t block = 0; block < BLOCKS; block++) blocks[block] = NULL;
    for (at = 0; at < live; at++) allocate();
}

/* Until all is told and acknowledged. */
static void settle(void) {
    do {
        milliseconds += 10;
        flush();
        poll();
        line_answer(BOOT, false);
    } while (!dalloc_agent_is_drained(&agent));
    poll();
}

static void watch(void) {
    start();
    attach();
    settle();
}

/* Frees each block once, and allocates it again after the others; means of both. */
static void measure_operations(uint32_t live, bool is_recorded, const char *alloc_name, const char *free_name) {
    uint64_t allocating = 0, freeing = 0;
    fill(live);
    if (is_recorded) watch();
    for (uint32_t block = 0; block < live; block++) {
        /* The seventh part of the table further each time, so that any index is met. */
        at = block * 7 % live;
        freeing += ticks(release);
        milliseconds++;
        allocating += ticks(allocate);
        milliseconds++;
        if (is_recorded && block % 8 == 7) settle();
    }
    report(alloc_name, instructions(allocating / live));
    report(free_name, instructions(freeing / live));
    if (is_recorded) end();
}

static void measure_polls(void) {
    fill(100);
    watch();
    report("poll_idle", instructions(ticks(poll)));
    for (at = 0; at < 8; at++) {
        release();
        allocate();
    }
    milliseconds += 1000;
    /* It cuts a frame of 16 operations, and writes it. */
    report("poll_delta_100_blocks_16_operations", instructions(ticks(poll)));
    line_answer(BOOT, false);
    report("poll_acknowledged", instructions(ticks(poll)));
    end();
}

static void measure_keyframe(uint32_t live, const char *name) {
    fill(live);
    watch();
    line_answer(BOOT, true);
    poll();
    uint32_t bytes = line_bytes;
    /* Asked for in the poll before, cut and written in this one. */
    uint32_t taken = instructions(ticks(poll));
    if (line_bytes - bytes < 2 * live) finish("the keyframe did not come when it was expected\n");
    report(name, taken);
    end();
}

/* ---- Stack ---------------------------------------------------------------------------------------------------------- */

#define PAINT 0xA5A5A5A5U

/* Bytes below the caller's frame that `call` has used, its return address included. */
__attribute__((noinline)) static uint32_t stack_of(void (*call)(void)) {
    uint32_t *top = __builtin_frame_address(0), *word;
    __asm volatile("mov %0, sp" : "=r"(top));
    for (word = stack_bottom; word < top; word++) *(volatile uint32_t *)word = PAINT;
    call();
    for (word = stack_bottom; word < top && *(volatile uint32_t *)word == PAINT; word++) {}
    return (uint32_t)((uintptr_t)top - (uintptr_t)word);
}

static void deepen(uint32_t *deepest, void (*call)(void)) {
    uint32_t bytes = stack_of(call);
    if (bytes > *deepest) *deepest = bytes;
}

/* Everything that a heap does; with a recorder, or without. */
static uint32_t stack_of_heap(bool is_recorded) {
    uint32_t deepest = 0;
    fill(20);
    if (is_recorded) watch();
    for (uint32_t turn = 0; turn < 60; turn++) {
        at = turn % 20;
        deepen(&deepest, hand_over);
        deepen(&deepest, hand_back);
        deepen(&deepest, shrink);
        deepen(&deepest, grow);
        deepen(&deepest, release);
        deepen(&deepest, allocate);
        deepen(&deepest, fail);
        /* Full recorders, and keyframes in progress, take other ways. */
        if (is_recorded && turn % 30 == 29) settle();
    }
    if (is_recorded) end();
    return deepest;
}

/* All ways through a conversation: HELLO, WELCOME, frames, keyframes in several parts, silence. */
static uint32_t stack_of_poll(void) {
    uint32_t deepest = 0;
    fill(100);
    start();
    attach();
    for (uint32_t turn = 0; turn < 400; turn++) {
        for (at = turn % 50; at < turn % 50 + turn % 7; at++) {
            release();
            allocate();
        }
        milliseconds += turn % 100 == 99 ? 70000 : turn % 37 * 20;
        deepen(&deepest, poll);
        if (turn % 50 < 40) line_answer(BOOT, turn % 11 == 0);
    }
    return deepest;
}

/* What recording takes by itself; no collector would follow this heap. */
static uint32_t stack_of_recorder(void) {
    uint32_t deepest = 0;
    fill(50);
    watch();
    for (at = 0; at < 50; at++) {
        for (uint32_t turn = 0; turn < at; turn++) {
            milliseconds += turn * 100;
            deepen(&deepest, record_alloc);
            deepen(&deepest, record_free);
        }
        poll();
    }
    end();
    return deepest;
}

static void measure_stack(void) {
    uint32_t none = stack_of(nothing), agent_deepest = 0, bytes;
    struct {
        const char *name;
        void (*call)(void);
    } calls[] = {
        {"stack_init", start},      {"stack_attach", attach},   {"stack_flush", flush},
        {"stack_is_drained", ask_drained}, {"stack_counters", count}, {"stack_deinit", end},
    };
    fill(100);
    for (uint32_t index = 0; index < sizeof calls / sizeof calls[0]; index++) {
        bytes = stack_of(calls[index].call) - none;
        report(calls[index].name, bytes);
        if (bytes > agent_deepest) agent_deepest = bytes;
    }
    bytes = stack_of_poll() - none;
    end();
    report("stack_poll", bytes);
    if (bytes > agent_deepest) agent_deepest = bytes;
    bytes = stack_of_recorder() - none;
    report("stack_record", bytes);
    if (bytes > agent_deepest) agent_deepest = bytes;
    report("stack_heap_alone", stack_of_heap(false) - none);
    report("stack_heap_recorded", stack_of_heap(true) - none);
    report("stack_bytes", agent_deepest);
}

int main(void) {
    /* No interrupt is to be counted. */
    __asm volatile("cpsid i");
    counter_start();
    around = ticks(nothing);
    measure_operations(10, false, "alloc_10", "free_10");
    measure_operations(50, false, "alloc_50", "free_50");
    measure_operations(100, false, "alloc_100", "free_100");
    measure_operations(10, true, "alloc_10_recorded", "free_10_recorded");
    measure_operations(50, true, "alloc_50_recorded", "free_50_recorded");
    measure_operations(100, true, "alloc_100_recorded", "free_100_recorded");
    measure_polls();
    measure_keyframe(10, "keyframe_10");
    measure_keyframe(50, "keyframe_50");
    measure_keyframe(100, "keyframe_100");
    measure_stack();
    finish(NULL);
}
