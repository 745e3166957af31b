/*
 * dalloc_posix_system.h - the system calls under the links, one small function each: Embedded Swift has no Glibc module.
 * Not part of the public API. What fails sets link->cause and link->error.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DALLOC_POSIX_SYSTEM_H
#define DALLOC_POSIX_SYSTEM_H

#include "dalloc_posix_link.h"

#include <stddef.h>

typedef enum {
    DALLOC_POSIX_FAILED = -1,
    DALLOC_POSIX_PENDING = 0,
    DALLOC_POSIX_READY = 1
} dalloc_posix_result_t;

/* Starts to connect. A host with several addresses is tried from another one at each attempt. */
dalloc_posix_result_t dalloc_posix_system_connect(dalloc_posix_link_t *link);

/* How that is going. */
dalloc_posix_result_t dalloc_posix_system_connected(dalloc_posix_link_t *link);

/* Opens the serial line, locks it, and sets mode and speed. */
dalloc_posix_result_t dalloc_posix_system_open(dalloc_posix_link_t *link);

/* Says that a link has no target: `what` is missing. */
void dalloc_posix_system_untargeted(dalloc_posix_link_t *link, const char *what);

/* Makes the caller's descriptor non-blocking and finds out what it is. */
dalloc_posix_result_t dalloc_posix_system_adopt(dalloc_posix_link_t *link);

/* False while the other side of the caller's descriptor is closed. */
bool dalloc_posix_system_is_open(const dalloc_posix_link_t *link);

/* As dalloc_link_t's write and read. */
int32_t dalloc_posix_system_write(dalloc_posix_link_t *link, const uint8_t *bytes, uint32_t count);
int32_t dalloc_posix_system_read(dalloc_posix_link_t *link, uint8_t *bytes, uint32_t count);

/* Closes what the link opened. */
void dalloc_posix_system_close(dalloc_posix_link_t *link);

/* Say why a connection is given up. */
void dalloc_posix_system_timed_out(dalloc_posix_link_t *link);
void dalloc_posix_system_unanswered(dalloc_posix_link_t *link);

static inline const char *dalloc_posix_system_error(const dalloc_posix_link_t *link) { return link != NULL ? link->error : ""; }

uint32_t dalloc_posix_system_milliseconds(void);
uint32_t dalloc_posix_system_random(void);

#endif
