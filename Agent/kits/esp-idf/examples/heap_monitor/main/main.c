/*
 * main.c - a queue of messages of different sizes, which come and go: enough for a collector to see a heap at work.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dalloc_esp_idf.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"

#define MESSAGES 16

static void *messages[MESSAGES];

void app_main(void);
void app_main(void) {
    if (dalloc_esp_idf_start("1.0.0") != DALLOC_AGENT_OK) return;
    for (uint32_t turn = 0;; turn++) {
        void **message = &messages[turn * 7 % MESSAGES];
        if (*message == NULL)
            dalloc(dalloc_esp_idf_heap(), 16 + turn * 37 % 200, message);
        else
            dfree(dalloc_esp_idf_heap(), message, USING_PTR_ADDRESS);
        vTaskDelay(pdMS_TO_TICKS(20));
    }
}
