/* SPDX-License-Identifier: Apache-2.0 */
/* init.h - Zephyr's SYS_INIT: here a variable that the test calls. */
#ifndef STAND_IN_INIT_H
#define STAND_IN_INIT_H

#define SYS_INIT(function, level, priority) int (*const stand_in_init_##level##_##priority)(void) = (function)

#endif
