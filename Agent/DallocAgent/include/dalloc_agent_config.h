/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file dalloc_agent_config.h
 * @brief What you tell an agent: its line to the collector, its clock, its buffer, its times. Included by
 * dalloc_agent.h.
 */
#ifndef DALLOC_AGENT_CONFIG_H
#define DALLOC_AGENT_CONFIG_H

#include "dalloc.h"
#include "dalloc_agent_link.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Bytes of operations that a recorder holds between two polls: 64 to 2560, which always fit a frame once they are packed
 * (schema/wire.md: 4096 bytes). An operation takes 2 to 5 bytes there, and 2 in its frame (`make bench-wire`). When
 * they are used up, operations are counted as lost, and the whole table is sent next. All files of a program must have
 * the same; the library works with any. */
#ifndef DALLOC_RECORDER_BYTES
#define DALLOC_RECORDER_BYTES 192
#endif

#if DALLOC_RECORDER_BYTES < 64 || DALLOC_RECORDER_BYTES > 2560
#error "DALLOC_RECORDER_BYTES must be between 64 and 2560"
#endif

/** The least that dalloc_agent_config_t.transmit_size may be, in bytes: room for one full frame, which is a
 * recorder's operations, 100 bytes of the heap's state (HeapState.longest in Sources/HeapWire), checksum, stuffing
 * and length. */
#define DALLOC_AGENT_TRANSMIT_BYTES_MIN DALLOC_AGENT_FRAME_BYTES(DALLOC_RECORDER_BYTES)

/** That room, for a recorder with a buffer of `bytes` bytes.
 * @param bytes  64 to 2560 */
#define DALLOC_AGENT_FRAME_BYTES(bytes) ((bytes) * 3 / 2 + 224)

/** Declares a static transmit buffer, `static uint8_t name[bytes]`, outside or inside a function. One that is smaller
 * than DALLOC_AGENT_TRANSMIT_BYTES_MIN does not compile.
 * @param name   of the variable
 * @param bytes  DALLOC_AGENT_TRANSMIT_BYTES_MIN to 2^30; see dalloc_agent_config_t.transmit_buffer for how many it
 *               takes */
#define DALLOC_AGENT_TRANSMIT_BUFFER(name, bytes) \
    DALLOC_AGENT_ASSERT((bytes) >= DALLOC_AGENT_TRANSMIT_BYTES_MIN, \
                        "transmit buffer " #name ": fewer bytes than DALLOC_AGENT_TRANSMIT_BYTES_MIN", \
                        name##_has_fewer_bytes_than_DALLOC_AGENT_TRANSMIT_BYTES_MIN); \
    static uint8_t name[bytes]

/** @cond INTERNAL */
/* Stops the compiler with `message`; with `word` before C11 and C++11. */
#if defined(__cplusplus) && __cplusplus >= 201103L
#define DALLOC_AGENT_ASSERT(condition, message, word) static_assert(condition, message)
#elif defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L
#define DALLOC_AGENT_ASSERT(condition, message, word) _Static_assert(condition, message)
#else
#define DALLOC_AGENT_ASSERT(condition, message, word) struct check_##word { char word[(condition) ? 1 : -1]; }
#endif
/** @endcond */

/** What dalloc_agent_init is given. Zero it first: a field that is 0 or NULL has its default, or is missing. The
 * struct itself is copied. What its pointers point to is not: texts, buffer and contexts must stay valid and
 * unchanged until dalloc_agent_deinit, or for good. */
typedef struct {
    const char *device_id;     /**< unique in the fleet: 1 to 64 bytes of UTF-8, ended by a zero; borrowed */
    const char *build;         /**< the firmware's build: 0 to 64 bytes of UTF-8, ended by a zero, or NULL; borrowed */
    uint32_t boot_id;          /**< another one after every reset: a random number, or a counter kept in flash */
    uint32_t ticks_per_second; /**< of `now` or `now64`: 1 to 1,000,000,000 */

    /** The clock, in ticks that wrap around at 2^32. Give exactly one of `now` and `now64`; `now64` where you can.
     *
     * A clock never goes back, and goes on while the device sleeps. It is called from every task that uses a heap,
     * inside the heap's lock, and from dalloc_agent_poll; so it must not block, and must not use a heap.
     *
     * The agent counts the turns of this one when it is polled at least once in 15/16 of a turn: every 67 minutes at
     * 1 MHz, every 46 days at 1 kHz. After a longer sleep whole turns are missing, as nobody can tell it from a
     * shorter one, until the collector corrects them. A step into the last 1/16 counts as one back: the agent's time
     * stands still until it is made up. */
    uint32_t (*now)(void *context);

    /** The clock, in ticks below 2^62; higher bits are ignored. Any sleep is counted. Operations that are recorded
     * before a sleep of more than 15/16 of 2^32 ticks and sent after it get a wrong moment: call dalloc_agent_flush
     * and dalloc_agent_poll before such a sleep. */
    uint64_t (*now64)(void *context);

    void *now_context;  /**< given to either clock; must live until dalloc_agent_deinit; may be NULL */
    dalloc_link_t link; /**< the line to the collector; `write` is required */

    /** Frames wait here until the collector has them on disk: the agent's until dalloc_agent_deinit. What happens
     * while it is full is lost, counted and reported. So give it 2 bytes for each operation in the time that the
     * collector may be away, or give it a spool (dalloc_agent_spool.h): at the start, too, when it takes up to
     * reply_timeout until the agent hears of a collector that was there first. */
    uint8_t *transmit_buffer;
    uint32_t transmit_size; /**< bytes of transmit_buffer: DALLOC_AGENT_TRANSMIT_BYTES_MIN to 2^30 */

    /** @name Times, in ticks, up to 2^31 - 1. 0 chooses the default. */
    /** @{ */
    uint32_t frame_interval;     /**< operations are sent this often; 1 second, until the collector asks for another */
    uint32_t heartbeat_interval; /**< an idle heap sends a frame this often; 10 seconds */
    uint32_t keyframe_interval;  /**< the whole table is sent this often; 60 seconds */
    uint32_t reply_timeout;      /**< how long to wait for the collector before greeting it again; 2 seconds */
    /** @} */

    /** @name Times, the same, for links with a `reset`; no other link uses them. */
    /** @{ */
    uint32_t greeting_timeout; /**< greetings without an answer end a connection; 4 * reply_timeout */
    uint32_t ack_timeout;      /**< so does a frame without an acknowledgement; 15 * reply_timeout */

    /** The wait between the end of a connection and the next one; 1 second. It doubles each time, up to retry_limit,
     * and is this long again after a connection that was of use for 8 times the wait that is due. Each wait is
     * shortened by up to a half, by a number made of device_id, boot_id and links_lost, so that a fleet does not come
     * back all at once (Agent/DallocAgent/ConnectionBackoff.swift). */
    uint32_t retry_interval;
    /** The longest such wait, also when the collector asks for a longer one; 60 seconds, and never less than
     * retry_interval. */
    uint32_t retry_limit;
    /** @} */

    /** Bytes of the longest frame, for a transport that carries whole frames (dalloc_agent_chunk.h): a chunk with HELLO must have
     * room for it. At least DALLOC_AGENT_TRANSMIT_BYTES_MIN; 0 for what the format allows. */
    uint32_t longest_frame;
} dalloc_agent_config_t;

/** What was sent, repeated or lost since dalloc_agent_init. Counts wrap around at 2^32. */
typedef struct {
    uint32_t frames_sent;       /**< frames written to the link for the first time */
    uint32_t frames_resent;     /**< frames written again after a reconnect or a timeout */
    uint32_t frames_unsent;     /**< polls that found no room for a frame in the transmit buffer */
    uint32_t operations_lost;   /**< operations not recorded, because the recorder was full */
    uint32_t replies_malformed; /**< frames from the collector that made no sense */
    uint32_t links_lost;        /**< connections that were lost or given up; only links with a `reset` count */
    uint32_t refusals;          /**< times that the collector said that it does not take frames, or why it ends a connection */
    /** Frames that the spool did not keep: it was full or failed when one was due (counted once in a frame_interval), or it
     * gave one back damaged. */
    uint32_t frames_spool_lost;
    /** No count, and never less than before: the most bytes that a poll has found in a recorder. It loses operations when
     * fewer than 25 of DALLOC_RECORDER_BYTES are free, 35 with 64-bit pointers: when that comes near, poll more often, or
     * enlarge the recorder. The collector is told of each recorder when more than half of it was in use. */
    uint32_t recorder_most;
} dalloc_agent_counters_t;

#ifdef __cplusplus
}
#endif

#endif /* DALLOC_AGENT_CONFIG_H */
