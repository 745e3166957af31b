/* SPDX-License-Identifier: Apache-2.0 */
/* FreeRTOS.h - what the component uses of ESP-IDF's. Not what a FreeRTOS elsewhere would have: critical sections take a spinlock. */
#ifndef STAND_IN_FREERTOS_H
#define STAND_IN_FREERTOS_H

#include <stdint.h>

typedef uint32_t TickType_t;
typedef int BaseType_t;
typedef unsigned int UBaseType_t;
#define pdPASS 1
#define portMAX_DELAY 0xffffffffu
#define portTICK_PERIOD_MS 10u
#define pdMS_TO_TICKS(milliseconds) ((TickType_t)(milliseconds) / portTICK_PERIOD_MS)

typedef struct {
    uint32_t owner;
} portMUX_TYPE;
#define portMUX_INITIALIZER_UNLOCKED {0}
#define portENTER_CRITICAL_SAFE(mutex) ((mutex)->owner++)
#define portEXIT_CRITICAL_SAFE(mutex) ((mutex)->owner--)

#endif
