/* SPDX-License-Identifier: Apache-2.0 */
/* heap.h - what a test sees of heap.c. */
#ifndef STAND_IN_HEAP_H
#define STAND_IN_HEAP_H

#include "task.h"

/* How often vTaskSuspendAll was called more than xTaskResumeAll. */
extern int suspended;

/* Called in vPortFree, where a task of a higher priority may run. */
extern void (*heap_interruption)(void);

/* Bytes that the program may use of a block. */
size_t heap_usable(const void *block);

#endif
