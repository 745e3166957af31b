/*
 * stand_in.c - an RTOS with one task, which the test calls, and a driver with a buffer of CONFIG_DALLOC_UART_BUFFER_BYTES.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "stand_in.h"

#include "driver/uart.h"
#include "esp_log.h"
#include "esp_mac.h"
#include "esp_random.h"
#include "esp_timer.h"
#include "freertos/semphr.h"
#include "sdkconfig.h"
#ifdef CONFIG_DALLOC_WATCH_HEAPS
#include "esp_heap_caps.h"

esp_err_t heap_caps_register_failed_alloc_callback(esp_alloc_failed_hook_t callback) { return callback != NULL ? ESP_OK : -1; }
#endif

stand_in_t stand_in;
static int64_t microseconds;
struct QueueDefinition {
    int depth;
};
static struct QueueDefinition mutexes[4];
static unsigned int mutex_count;

SemaphoreHandle_t xSemaphoreCreateRecursiveMutex(void) { return mutex_count < 4 ? &mutexes[mutex_count++] : NULL; }
void vSemaphoreDelete(SemaphoreHandle_t mutex) { mutex->depth = -1; }
BaseType_t xSemaphoreTakeRecursive(SemaphoreHandle_t mutex, TickType_t ticks) { return (void)ticks, mutex->depth++, pdPASS; }
BaseType_t xSemaphoreGiveRecursive(SemaphoreHandle_t mutex) { return mutex->depth--, pdPASS; }

BaseType_t xTaskCreate(TaskFunction_t function, const char *name, uint32_t stack, void *context, UBaseType_t priority, TaskHandle_t *task) {
    (void)name, (void)stack, (void)context, (void)priority, (void)task;
    stand_in.task = function;
    return stand_in.has_no_memory ? 0 : pdPASS;
}
void vTaskDelay(TickType_t ticks) {
    microseconds += ticks * portTICK_PERIOD_MS * 1000;
    if (stand_in.after_delay != NULL) stand_in.after_delay();
}

esp_err_t uart_driver_install(uart_port_t port, int rx_bytes, int tx_bytes, int queue_size, QueueHandle_t *queue, int flags) {
    (void)port, (void)rx_bytes, (void)tx_bytes, (void)queue_size, (void)queue, (void)flags;
    return stand_in.is_broken ? -1 : ESP_OK;
}
esp_err_t uart_param_config(uart_port_t port, const uart_config_t *config) { return (void)port, config->baud_rate > 0 ? ESP_OK : -1; }
esp_err_t uart_set_pin(uart_port_t port, int tx, int rx, int rts, int cts) {
    (void)port, (void)tx, (void)rx, (void)rts, (void)cts;
    return ESP_OK;
}
esp_err_t uart_get_tx_buffer_free_size(uart_port_t port, size_t *size) {
    (void)port;
    *size = CONFIG_DALLOC_UART_BUFFER_BYTES - stand_in.buffered;
    return ESP_OK;
}
int uart_write_bytes(uart_port_t port, const void *bytes, size_t size) {
    (void)port;
    if (size > CONFIG_DALLOC_UART_BUFFER_BYTES - stand_in.buffered) stand_in.waited = true;
    stand_in.buffered += size;
    for (size_t index = 0; index < size && stand_in.sent < sizeof stand_in.out; index++)
        stand_in.out[stand_in.sent++] = ((const uint8_t *)bytes)[index];
    return (int)size;
}
int uart_read_bytes(uart_port_t port, void *bytes, uint32_t size, TickType_t ticks) {
    (void)port, (void)bytes, (void)size;
    if (ticks > 0) stand_in.waited = true;
    return -1;
}
void stand_in_pass_time(size_t bytes) { stand_in.buffered -= bytes < stand_in.buffered ? bytes : stand_in.buffered; }

uint32_t esp_random(void) { return 42; }
int64_t esp_timer_get_time(void) { return microseconds; }
esp_err_t esp_efuse_mac_get_default(uint8_t *mac) {
    for (int index = 0; index < 6; index++) mac[index] = (uint8_t)(0xA0 + index);
    return ESP_OK;
}
void esp_log_stand_in(const char *tag, const char *format, ...) {
    (void)tag;
    stand_in.logged = format;
}
