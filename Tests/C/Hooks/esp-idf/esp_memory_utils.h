/* SPDX-License-Identifier: Apache-2.0 */
/* esp_memory_utils.h - what the hook uses of ESP-IDF's, with its signatures. */
#ifndef STAND_IN_ESP_MEMORY_UTILS_H
#define STAND_IN_ESP_MEMORY_UTILS_H

#include <stdbool.h>

bool esp_dram_match_iram(void);
bool esp_ptr_in_diram_iram(const void *p);

#endif
