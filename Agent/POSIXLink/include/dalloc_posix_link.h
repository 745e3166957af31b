/*
 * dalloc_posix_link.h - links of the dalloc agent on Linux: a TCP connection, a serial line, a descriptor of your own.
 *
 *     static dalloc_posix_link_t link;
 *     config.link = dalloc_tcp_link(&link, "127.0.0.1", 7420);
 *     config.boot_id = dalloc_posix_random();
 *     config.ticks_per_second = 1000;
 *     config.now = dalloc_posix_milliseconds;
 *
 * A link connects from dalloc_agent_poll(), never blocks there (but see dalloc_tcp_link about names), and comes back
 * by itself: after an attempt that failed it waits 0.25 to 0.5 s, then twice as long each time, up to 4 to 8 s, at
 * random within these bounds so that a fleet does not return all at once. After a TCP connection that was up, the
 * agent waits as well: see retry_interval in dalloc_agent.h.
 *
 * A TCP connection that is dead but does not say so is ended by the agent (greeting_timeout and ack_timeout in
 * dalloc_agent.h), and by the system: when what was sent is not acknowledged for 30 s (TCP_USER_TIMEOUT), or when
 * nothing was said for 30 s and then three probes, one every 10 s, bring nothing (keep-alive).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DALLOC_POSIX_LINK_H
#define DALLOC_POSIX_LINK_H

#include "dalloc_agent.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes for the message of dalloc_posix_link_error; longer ones are cut. */
#define DALLOC_POSIX_ERROR_BYTES 192

/* The fields are the link's own. It must live as long as the agent that uses it. */
typedef struct {
    const char *target;      /* host, or path of a serial line */
    uint64_t bytes_written;
    uint64_t bytes_read;
    uint32_t baud;
    uint32_t connections;    /* how often the link came up */
    uint32_t attempts;       /* how often it tried to */
    uint32_t deadline;       /* when to try again, or to give up connecting: dalloc_posix_milliseconds */
    uint32_t delay;          /* least wait before the next attempt, milliseconds */
    int32_t descriptor;      /* -1: none */
    int32_t cause;           /* errno of the last failure, 0: none yet */
    uint16_t port;
    uint8_t kind;            /* socket, serial line, descriptor of the caller */
    uint8_t state;           /* closed, connecting, up */
    bool is_socket;
    char error[DALLOC_POSIX_ERROR_BYTES];
} dalloc_posix_link_t;

/* A TCP connection to a collector. `host` is a numeric address or a name and must stay valid. Looking up
 * a name may block for as long as the resolver takes, at each attempt to connect; a numeric address never does. */
dalloc_link_t dalloc_tcp_link(dalloc_posix_link_t *link, const char *host, uint16_t port);

/* A serial line: raw, 8N1, without flow control, at `baud` bits per second, and for this process alone. `path` must
 * stay valid. When the line goes away (an adapter is unplugged), it is opened again once it is back. */
dalloc_link_t dalloc_serial_link(dalloc_posix_link_t *link, const char *path, uint32_t baud);

/* A descriptor that is open already and stays yours to close: a socket, or either side of a pseudo-terminal. It
 * becomes non-blocking. The link is down while the other side is closed, and up again when someone opens it. */
dalloc_link_t dalloc_descriptor_link(dalloc_posix_link_t *link, int descriptor);

/* Ends a link; it stays down from now on. */
void dalloc_posix_link_close(dalloc_posix_link_t *link);

/* The cause of the last failure as a sentence, "" when there was none: why the link is not up, or why it was lost. */
const char *dalloc_posix_link_error(const dalloc_posix_link_t *link);

/* True for the speeds that dalloc_serial_link can set: 1200 to 4000000, as far as the system names them. */
bool dalloc_posix_is_baud(uint32_t baud);

/* A clock for dalloc_agent_config_t.now with 1000 ticks a second, which goes on while the machine sleeps. `context`
 * is not used. */
uint32_t dalloc_posix_milliseconds(void *context);

/* A number that nobody can foresee, for dalloc_agent_config_t.boot_id. */
uint32_t dalloc_posix_random(void);

#ifdef __cplusplus
}
#endif

#endif
