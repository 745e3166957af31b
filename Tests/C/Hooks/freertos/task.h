/* SPDX-License-Identifier: Apache-2.0 */
/* task.h - what the hook uses of the kernel's. */
#ifndef STAND_IN_TASK_H
#define STAND_IN_TASK_H

#include "FreeRTOS.h"

void vTaskSuspendAll(void);
BaseType_t xTaskResumeAll(void);

#endif
