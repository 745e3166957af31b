/* SPDX-License-Identifier: Apache-2.0 */
/* hwinfo.h - what the module uses of Zephyr's, with its signature. */
#include <zephyr/kernel.h>

ssize_t hwinfo_get_device_id(uint8_t *buffer, size_t length);
