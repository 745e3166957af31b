/*
 * test.c - the module on a kernel that stands in: it starts, greets, and sends what happens in its heap through a FIFO of 4 bytes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include "../../Hooks/check.h"
#include "dalloc_zephyr.h"
#include "stand_in.h"

extern const stand_in_thread_t dalloc_agent_thread;
extern int (*const stand_in_init_APPLICATION_80)(void);

static jmp_buf end;
static uint32_t turns, most_interrupts;
static void *blocks[8];

/* The application's work, and 10 ms of a line of 115200 baud. */
static void work(void) {
    void **block = &blocks[turns % 8];
    if (*block == NULL)
        dalloc(dalloc_zephyr_heap(), 10 + turns % 50, block);
    else
        dfree(dalloc_zephyr_heap(), block, USING_PTR_ADDRESS);
    uint32_t interrupts = stand_in_pass_time(115);
    if (interrupts > most_interrupts) most_interrupts = interrupts;
    if (++turns == 500) longjmp(end, 1);
}

static bool has_sent(const char *text) {
    return memmem(stand_in_line.out, stand_in_line.sent, text, strlen(text)) != NULL;
}

int main(void) {
    CHECK(stand_in_init_APPLICATION_80() == 0);

    stand_in_line.is_broken = true;
    CHECK(dalloc_zephyr_start() == DALLOC_AGENT_ERROR_LINK);
    CHECK(stand_in_line.message != NULL);
    stand_in_line.is_broken = false;

    CHECK(dalloc_agent_thread.priority == CONFIG_DALLOC_THREAD_PRIORITY);
    stand_in_line.arriving = 200; /* noise */
    stand_in_line.after_sleep = work;
    if (setjmp(end) == 0) dalloc_agent_thread.entry(NULL, NULL, NULL);

    CHECK(has_sent("a0a1a2a3"));
    CHECK(has_sent(CONFIG_DALLOC_HEAP_NAME));
    CHECK(stand_in_line.arrived == 200 && stand_in_line.received == 200);
    CHECK(stand_in_line.sent > 100);
    CHECK(most_interrupts > 0 && most_interrupts <= 115);
    /* Nobody answers, so greetings only are sent; and when none is due, no interrupt comes. */
    stand_in_line.after_sleep = NULL;
    stand_in_pass_time(1000);
    CHECK(stand_in_pass_time(1000) == 0);

    /* The second heap takes the last of two mutexes; the module's has the first one. */
    static heap_t second, third;
    static uint64_t __attribute__((aligned(ALLOCATION_ALIGNMENT_BYTES))) memory[2][64];
    heap_init(&second, memory[0], sizeof memory[0]);
    heap_init(&third, memory[1], sizeof memory[1]);
    CHECK(second.mem != NULL && third.mem == NULL);
    puts("ok");
    return 0;
}
