/* SPDX-License-Identifier: Apache-2.0 */
/* heap.h - what the test sees of heap_caps_base.c. */
#ifndef STAND_IN_ESP_HEAP_H
#define STAND_IN_ESP_HEAP_H

#include "esp_heap_caps.h"
#include "esp_memory_utils.h"
#include "freertos/FreeRTOS.h"

/* How often all blocks were walked. */
extern int walks;

#endif
