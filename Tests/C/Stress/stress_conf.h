/*
 * stress_conf.h - the library's configuration header in these tests: messages are counted instead of printed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef STRESS_CONF_H
#define STRESS_CONF_H

/* Each test program has one of its own. */
int stress_message(const char *format, ...);
#define dalloc_debug stress_message

#endif
