/* SPDX-License-Identifier: Apache-2.0 */
/* esp_random.h - what the component uses of ESP-IDF's, with its signatures. */
#ifndef STAND_IN_ESP_RANDOM_H
#define STAND_IN_ESP_RANDOM_H

#include <stdint.h>
uint32_t esp_random(void);

#endif
