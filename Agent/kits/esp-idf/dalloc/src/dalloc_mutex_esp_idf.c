/*
 * dalloc_mutex_esp_idf.c - the mutex of dalloc_mutex.h with ESP-IDF: FreeRTOS's recursive mutex, which inherits priority. ESP-IDF keeps
 * FreeRTOS's headers in a folder, and its critical sections take a spinlock, so Agent/ports' file for FreeRTOS does not compile there.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dalloc_mutex.h"

#include "freertos/FreeRTOS.h"
#include "freertos/semphr.h"

void *dalloc_mutex_create(void) { return xSemaphoreCreateRecursiveMutex(); }

void dalloc_mutex_delete(void *mutex) { vSemaphoreDelete((SemaphoreHandle_t)mutex); }

void dalloc_mutex_lock(void *mutex) { (void)xSemaphoreTakeRecursive((SemaphoreHandle_t)mutex, portMAX_DELAY); }

void dalloc_mutex_unlock(void *mutex) { (void)xSemaphoreGiveRecursive((SemaphoreHandle_t)mutex); }
