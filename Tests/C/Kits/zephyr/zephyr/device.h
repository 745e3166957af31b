/* SPDX-License-Identifier: Apache-2.0 */
/* device.h - what the module uses of Zephyr's, with its signatures. */
#ifndef STAND_IN_DEVICE_H
#define STAND_IN_DEVICE_H

#include <stdbool.h>

struct device {
    const char *name;
};
bool device_is_ready(const struct device *device);
extern const struct device stand_in_uart;

#define DEVICE_DT_GET(node) (&(node))

#endif
