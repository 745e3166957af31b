/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file dalloc_posix_link.h
 * @brief Lines of the dalloc agent on Linux: a TCP connection, a serial line, a descriptor of your own.
 *
 * This is a complete program:
 *
 * @code{.c}
 * #include "dalloc_posix_link.h"
 *
 * #include <poll.h>
 *
 * DALLOC_AGENT_TRANSMIT_BUFFER(transmit_buffer, 4096);
 * static uint8_t memory[8192] __attribute__((aligned(8)));
 * static heap_t heap;
 * static dalloc_posix_link_t line;
 * static dalloc_recorder_t recorder;
 * static dalloc_agent_t agent;
 * static void *message;
 *
 * int main(void) {
 *     dalloc_agent_config_t config = {0};
 *     config.device_id = "pump-17";
 *     config.boot_id = dalloc_posix_random();
 *     config.ticks_per_second = 1000;
 *     config.now = dalloc_posix_milliseconds;
 *     config.link = dalloc_tcp_link(&line, "127.0.0.1", 7420);
 *     config.transmit_buffer = transmit_buffer;
 *     config.transmit_size = sizeof transmit_buffer;
 *     heap_init(&heap, memory, sizeof memory);
 *     if (dalloc_agent_init(&agent, &config) != DALLOC_AGENT_OK) return 1;
 *     if (dalloc_agent_attach(&agent, &recorder, &heap, "main") != DALLOC_AGENT_OK) return 1;
 *     for (int turn = 0; turn < 100; turn++) {
 *         dalloc(&heap, 64, &message);
 *         dfree(&heap, &message, USING_PTR_ADDRESS);
 *         dalloc_agent_poll(&agent);
 *         poll(NULL, 0, 10);
 *     }
 *     dalloc_agent_deinit(&agent);
 *     dalloc_posix_link_close(&line);
 *     return 0;
 * }
 * @endcode
 *
 * A link connects from dalloc_agent_poll, never blocks there (but see dalloc_tcp_link about names), and comes back by
 * itself: after an attempt that failed it waits 0.25 to 0.5 s, then twice as long each time, up to 4 to 8 s, at random
 * within these bounds so that a fleet does not return all at once. After a TCP connection that was up, the agent waits
 * as well: see dalloc_agent_config_t.retry_interval.
 *
 * A TCP connection that is dead but does not say so is ended by the agent (greeting_timeout and ack_timeout in
 * dalloc_agent_config_t), and by the system: when what was sent is not acknowledged for 30 s (TCP_USER_TIMEOUT), or
 * when nothing was said for 30 s and then three probes, one every 10 s, bring nothing (keep-alive).
 *
 * The functions that make a link return it at once: whether it comes up shows in the polls. dalloc_posix_link_error
 * says why it does not. Only dalloc_posix_milliseconds and dalloc_posix_random may be called from any thread at any
 * time; use a link from the thread that polls.
 */
#ifndef DALLOC_POSIX_LINK_H
#define DALLOC_POSIX_LINK_H

#include "dalloc_agent.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Bytes for the message of dalloc_posix_link_error, with its final zero; longer ones are cut. */
#define DALLOC_POSIX_ERROR_BYTES 192

/** A link: a variable of yours, which need not be initialised. Read its fields, write none. It must stay where it is
 * until the end of the agent that uses it (dalloc_agent_deinit) and dalloc_posix_link_close. */
typedef struct {
    const char *target;      /**< host, or path of a serial line; borrowed. NULL: a descriptor of the caller's */
    uint64_t bytes_written;  /**< so far, over all connections */
    uint64_t bytes_read;     /**< so far, over all connections */
    uint32_t baud;           /**< bits per second of a serial line */
    uint32_t connections;    /**< how often the link came up */
    uint32_t attempts;       /**< how often it tried to */
    uint32_t deadline;       /**< when to try again, or to give up connecting: dalloc_posix_milliseconds */
    uint32_t delay;          /**< least wait before the next attempt, in milliseconds */
    int32_t descriptor;      /**< of the connection; -1: none */
    int32_t cause;           /**< errno of the last failure, 0: none yet */
    uint16_t port;           /**< of a TCP connection */
    uint8_t kind;            /**< TCP connection, serial line, descriptor of the caller's; the library's own */
    uint8_t state;           /**< closed, connecting, up, ended; the library's own */
    bool is_socket;          /**< how bytes are written; the library's own */
    char error[DALLOC_POSIX_ERROR_BYTES]; /**< see dalloc_posix_link_error */
} dalloc_posix_link_t;

/**
 * @brief A TCP connection to a collector.
 *
 * Looking up a name may block for as long as the resolver takes, at each attempt to connect, in dalloc_agent_poll; a
 * numeric address never does.
 *
 * @param[out] link  the link. NULL gives a link without functions, which dalloc_agent_init refuses
 * @param host       a numeric address (IPv4, IPv6) or a name; borrowed for as long as the link. NULL or "": the link
 *                   stays down, and dalloc_posix_link_error says so
 * @param port       the collector's port for devices, 1 to 65535
 * @return what dalloc_agent_config_t.link takes
 */
dalloc_link_t dalloc_tcp_link(dalloc_posix_link_t *link, const char *host, uint16_t port);

/**
 * @brief A serial line: raw, 8N1, without flow control, and for this process alone.
 *
 * When the line goes away, as an adapter that is unplugged, it is opened again once it is back.
 *
 * @param[out] link  the link. NULL gives a link without functions, which dalloc_agent_init refuses
 * @param path       of the line, such as /dev/ttyUSB0; borrowed for as long as the link. NULL or "": the link stays
 *                   down, and dalloc_posix_link_error says so
 * @param baud       bits per second: one for which dalloc_posix_is_baud is true. With another the link stays down,
 *                   and dalloc_posix_link_error says so after the first poll
 * @return what dalloc_agent_config_t.link takes
 */
dalloc_link_t dalloc_serial_link(dalloc_posix_link_t *link, const char *path, uint32_t baud);

/**
 * @brief A descriptor that is open already: a socket, or either side of a pseudo-terminal.
 *
 * It becomes non-blocking. The link is down while the other side is closed, and up again when someone opens it.
 *
 * @param[out] link    the link. NULL gives a link without functions, which dalloc_agent_init refuses
 * @param descriptor   stays yours to close, after dalloc_posix_link_close. With one that is not open the link stays
 *                     down, and dalloc_posix_link_error says so
 * @return what dalloc_agent_config_t.link takes
 */
dalloc_link_t dalloc_descriptor_link(dalloc_posix_link_t *link, int descriptor);

/**
 * @brief Ends a link, and closes what it has opened; it stays down from now on.
 *
 * @param link  the link; NULL is no mistake. Not one that no function above has made
 */
void dalloc_posix_link_close(dalloc_posix_link_t *link);

/**
 * @brief Why the link is not up, or why it was lost: the cause of the last failure.
 *
 * @param link  the link; NULL never failed
 * @return a sentence, which is valid as long as the link and changes with the next failure; "" when there was none
 */
const char *dalloc_posix_link_error(const dalloc_posix_link_t *link);

/**
 * @brief Whether dalloc_serial_link can set a speed: the usual ones from 1200 to 4000000.
 *
 * @param baud  bits per second
 * @return true when it can
 */
bool dalloc_posix_is_baud(uint32_t baud);

/**
 * @brief A clock for dalloc_agent_config_t.now, with 1000 ticks a second, which goes on while the machine sleeps.
 *
 * @param context  not used
 * @return milliseconds, modulo 2^32
 */
uint32_t dalloc_posix_milliseconds(void *context);

/**
 * @brief A number that nobody can foresee, for dalloc_agent_config_t.boot_id.
 *
 * @return 32 random bits
 */
uint32_t dalloc_posix_random(void);

#ifdef __cplusplus
}
#endif

#endif /* DALLOC_POSIX_LINK_H */
