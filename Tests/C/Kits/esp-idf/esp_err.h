/* SPDX-License-Identifier: Apache-2.0 */
/* esp_err.h - what the component uses of ESP-IDF's, with its signatures. */
#ifndef STAND_IN_ESP_ERR_H
#define STAND_IN_ESP_ERR_H

typedef int esp_err_t;
#define ESP_OK 0

#endif
