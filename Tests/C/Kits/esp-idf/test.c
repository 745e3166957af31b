/*
 * test.c - the component on an RTOS that stands in: it starts, greets, and never makes the driver wait.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include "../../Hooks/check.h"
#include "dalloc_esp_idf.h"
#include "stand_in.h"

static jmp_buf end;
static uint32_t turns;
static void *blocks[8];

static void work(void) {
    void **block = &blocks[turns % 8];
    if (*block == NULL)
        dalloc(dalloc_esp_idf_heap(), 10 + turns % 50, block);
    else
        dfree(dalloc_esp_idf_heap(), block, USING_PTR_ADDRESS);
    if (turns % 10 == 0) stand_in_pass_time(1); /* a line that is too slow */
    if (++turns == 4000) longjmp(end, 1);
}

static bool has_sent(const char *text) { return memmem(stand_in.out, stand_in.sent, text, strlen(text)) != NULL; }

int main(void) {
    stand_in.is_broken = true;
    CHECK(dalloc_esp_idf_start("1.2.3") == DALLOC_AGENT_ERROR_LINK);
    CHECK(stand_in.logged != NULL);
    stand_in.is_broken = false;
    stand_in.has_no_memory = true;
    CHECK(dalloc_esp_idf_start("1.2.3") == DALLOC_AGENT_ERROR_NOT_STARTED);
    stand_in.has_no_memory = false;
    CHECK(dalloc_esp_idf_start("1.2.3") == DALLOC_AGENT_OK);
    CHECK(stand_in.task != NULL);
    stand_in.after_delay = work;
    if (setjmp(end) == 0) stand_in.task(NULL);
    CHECK(has_sent("a0a1a2a3a4a5"));
    CHECK(has_sent("1.2.3"));
    CHECK(has_sent(CONFIG_DALLOC_HEAP_NAME));
    CHECK(!stand_in.waited);
    puts("ok");
    return 0;
}
