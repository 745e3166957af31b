/* SPDX-License-Identifier: Apache-2.0 */
/* esp_log.h - what the component uses of ESP-IDF's, with its signatures. */
#ifndef STAND_IN_ESP_LOG_H
#define STAND_IN_ESP_LOG_H

void esp_log_stand_in(const char *tag, const char *format, ...);
#define ESP_LOGE(tag, format, ...) esp_log_stand_in(tag, format, __VA_ARGS__)

#endif
