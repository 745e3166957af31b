/*
 * messages_conf.h - a configuration header as a DALLOC_CUSTOM_CONF_FILE names it: messages are counted instead of printed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MESSAGES_CONF_H
#define MESSAGES_CONF_H

#ifdef __cplusplus
extern "C" {
#endif

/* Each conformance program has it, from check.h. */
int conformance_message(const char *format, ...);

#ifdef __cplusplus
}
#endif

#define dalloc_debug conformance_message
#define CONFORMANCE_COUNTS_MESSAGES

#endif
