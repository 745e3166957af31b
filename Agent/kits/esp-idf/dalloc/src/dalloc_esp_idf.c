/*
 * dalloc_esp_idf.c - the heap and the agent as menuconfig describes them, and the task that polls.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dalloc_esp_idf.h"

#include <stddef.h>

#include "esp_log.h"
#include "esp_mac.h"
#include "esp_random.h"
#include "esp_timer.h"
#include "freertos/FreeRTOS.h"
#include "freertos/semphr.h"
#include "freertos/task.h"

#ifdef CONFIG_DALLOC_WATCH_HEAPS
#include "dalloc_watch_esp_idf.h"
#endif

#define TICKS_PER_SECOND 1000000u
#define TICKS(milliseconds) ((uint32_t)(milliseconds)*1000u)

static const char tag[] = "dalloc";

DALLOC_AGENT_TRANSMIT_BUFFER(transmit_buffer, CONFIG_DALLOC_TRANSMIT_BYTES);
static dalloc_agent_t agent;
static SemaphoreHandle_t polling;

#if CONFIG_DALLOC_HEAP_BYTES > 0
static uint8_t __attribute__((aligned(ALLOCATION_ALIGNMENT_BYTES))) memory[CONFIG_DALLOC_HEAP_BYTES / 8 * 8];
static heap_t heap;
static dalloc_recorder_t recorder;

heap_t *dalloc_esp_idf_heap(void) { return &heap; }
#endif

dalloc_agent_t *dalloc_esp_idf_agent(void) { return &agent; }

void dalloc_esp_idf_lock(void) { (void)xSemaphoreTakeRecursive(polling, portMAX_DELAY); }

void dalloc_esp_idf_unlock(void) { (void)xSemaphoreGiveRecursive(polling); }

/* In a heap's lock, of any task; with ESP-IDF's heaps watched, with interrupts off. */
static uint64_t now(void *context) {
    (void)context;
    return (uint64_t)esp_timer_get_time();
}

static const char *device_id(void) {
    static const char digits[] = "0123456789abcdef";
    static char text[2 * 6 + 1];
    uint8_t address[8] = {0};
    if (sizeof CONFIG_DALLOC_DEVICE_ID > 1) return CONFIG_DALLOC_DEVICE_ID;
    if (esp_efuse_mac_get_default(address) != ESP_OK) return CONFIG_IDF_TARGET;
    for (int index = 0; index < 6; index++) {
        text[2 * index] = digits[address[index] >> 4];
        text[2 * index + 1] = digits[address[index] & 15];
    }
    return text;
}

static void poll(void *context) {
    TickType_t interval = (CONFIG_DALLOC_POLL_INTERVAL_MS + portTICK_PERIOD_MS - 1) / portTICK_PERIOD_MS;
    (void)context;
    for (;;) {
        dalloc_esp_idf_lock();
        dalloc_agent_poll(&agent);
        dalloc_esp_idf_unlock();
        vTaskDelay(interval);
    }
}

static dalloc_agent_error_t start(const char *build) {
    dalloc_agent_config_t config = {0};
    config.device_id = device_id();
    config.build = build;
    config.boot_id = esp_random();
    config.ticks_per_second = TICKS_PER_SECOND;
    config.now64 = now;
    config.transmit_buffer = transmit_buffer;
    config.transmit_size = sizeof transmit_buffer;
    config.frame_interval = TICKS(CONFIG_DALLOC_FRAME_INTERVAL_MS);
    config.heartbeat_interval = TICKS(CONFIG_DALLOC_HEARTBEAT_INTERVAL_MS);
    config.keyframe_interval = TICKS(CONFIG_DALLOC_KEYFRAME_INTERVAL_MS);
    if (polling == NULL) polling = xSemaphoreCreateRecursiveMutex();
    if (polling == NULL) return DALLOC_AGENT_ERROR_NOT_STARTED;
#if CONFIG_DALLOC_HEAP_BYTES > 0
    if (heap.mem == NULL) heap_init(&heap, memory, sizeof memory);
#endif
    if (!dalloc_esp_idf_link(&config.link)) return DALLOC_AGENT_ERROR_LINK;
    dalloc_agent_error_t error = dalloc_agent_init(&agent, &config);
#if CONFIG_DALLOC_HEAP_BYTES > 0
    if (error == DALLOC_AGENT_OK) error = dalloc_agent_attach(&agent, &recorder, &heap, CONFIG_DALLOC_HEAP_NAME);
#endif
#ifdef CONFIG_DALLOC_WATCH_HEAPS
    if (error == DALLOC_AGENT_OK) error = dalloc_watch_esp_idf_begin(&agent, "heap");
#endif
    if (error != DALLOC_AGENT_OK) return error;
    if (xTaskCreate(poll, "dalloc", CONFIG_DALLOC_TASK_STACK_BYTES, NULL, CONFIG_DALLOC_TASK_PRIORITY, NULL) == pdPASS)
        return DALLOC_AGENT_OK;
    dalloc_agent_deinit(&agent);
    return DALLOC_AGENT_ERROR_NOT_STARTED;
}

dalloc_agent_error_t dalloc_esp_idf_start(const char *build) {
    dalloc_agent_error_t error = start(build);
    if (error != DALLOC_AGENT_OK) ESP_LOGE(tag, "%s", dalloc_agent_error_text(error));
    return error;
}
