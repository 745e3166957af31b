/* SPDX-License-Identifier: Apache-2.0 */
/* FreeRTOS.h - the spinlocks of ESP-IDF's FreeRTOS, with its names. */
#ifndef STAND_IN_ESP_FREERTOS_H
#define STAND_IN_ESP_FREERTOS_H

typedef struct {
    int owners;
} portMUX_TYPE;

#define portMUX_INITIALIZER_UNLOCKED {0}
#define portENTER_CRITICAL_SAFE(mux) ((mux)->owners++, critical++)
#define portEXIT_CRITICAL_SAFE(mux) ((mux)->owners--, critical--)

extern int critical;

#endif
