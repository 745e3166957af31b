/* SPDX-License-Identifier: Apache-2.0 */
/* FreeRTOS.h - what the hook uses of the kernel's, for tests on this machine. */
#ifndef STAND_IN_FREERTOS_H
#define STAND_IN_FREERTOS_H

#include <stddef.h>
#include <stdint.h>

#include "FreeRTOSConfig.h"

#define portBYTE_ALIGNMENT 8
typedef long BaseType_t;

typedef struct HeapRegion {
    uint8_t *pucStartAddress;
    size_t xSizeInBytes;
} HeapRegion_t;

void *pvPortMalloc(size_t size);
void vPortFree(void *block);
void vPortDefineHeapRegions(const HeapRegion_t *regions);

#endif
