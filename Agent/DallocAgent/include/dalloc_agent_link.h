/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file dalloc_agent_link.h
 * @brief What a line to the collector is to an agent. Included by dalloc_agent.h; it needs no other header, so that a driver of a
 * line knows nothing of heaps.
 */
#ifndef DALLOC_AGENT_LINK_H
#define DALLOC_AGENT_LINK_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** How an agent reaches the collector: functions of yours. Each is called from dalloc_agent_poll, in the task that
 * polls, with no heap locked, and must not block. dalloc_posix_link.h has links for Linux, dalloc_uart_ring.h one for UARTs. */
typedef struct {
    /** Given to each of the functions. What it points to must live until dalloc_agent_deinit. May be NULL. */
    void *context;

    /** Whether bytes can be written. Called on every poll; starts or continues connecting when it says false. NULL:
     * always. */
    bool (*is_up)(void *context);

    /** Takes up to `count` bytes and returns how many it took, 0 when it can take none now, -1 when the line was
     * lost. `bytes` are valid until it returns. Required. */
    int32_t (*write)(void *context, const uint8_t *bytes, uint32_t count);

    /** Fills up to `count` bytes and returns how many, 0 when there are none, -1 when the line was lost. NULL makes
     * the line one-way: frames are then sent once and not kept. */
    int32_t (*read)(void *context, uint8_t *bytes, uint32_t count);

    /** Ends the connection: is_up is false from then on, and starts a new one when it is called next. NULL for a line
     * that is simply there, such as a UART: then the agent never gives up and never waits.
     *
     * The agent calls it when nobody answers (greeting_timeout), nobody acknowledges (ack_timeout), or the peer is no
     * collector. After a connection that was ended or lost, the agent waits before it calls is_up again
     * (retry_interval). A peer that is no collector, and a collector that ends one connection after the other, are
     * reported through dalloc_debug, once. */
    void (*reset)(void *context);
} dalloc_link_t;

#ifdef __cplusplus
}
#endif

#endif /* DALLOC_AGENT_LINK_H */
