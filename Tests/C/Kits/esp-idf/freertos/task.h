/* SPDX-License-Identifier: Apache-2.0 */
/* task.h - what the component uses of FreeRTOS's, with its signatures. */
#ifndef STAND_IN_TASK_H
#define STAND_IN_TASK_H

#include "freertos/FreeRTOS.h"

typedef struct tskTaskControlBlock *TaskHandle_t;
typedef void (*TaskFunction_t)(void *context);
BaseType_t xTaskCreate(TaskFunction_t function, const char *name, uint32_t stack, void *context, UBaseType_t priority, TaskHandle_t *task);
void vTaskDelay(TickType_t ticks);

#endif
