/* SPDX-License-Identifier: Apache-2.0 */
/* random.h - what the module uses of Zephyr's, with its signature. */
#include <stdint.h>

uint32_t sys_rand32_get(void);
