/*
 * main.c - a queue of messages of different sizes, which come and go: enough for a collector to see a heap at work.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <zephyr/kernel.h>

#include "dalloc_zephyr.h"

#define MESSAGES 16

static void *messages[MESSAGES];

int main(void) {
    uint32_t turn = 0;
    for (;; turn++) {
        void **message = &messages[turn * 7 % MESSAGES];
        if (*message == NULL)
            dalloc(dalloc_zephyr_heap(), 16 + turn * 37 % 200, message);
        else
            dfree(dalloc_zephyr_heap(), message, USING_PTR_ADDRESS);
        k_msleep(20);
    }
    return 0;
}
