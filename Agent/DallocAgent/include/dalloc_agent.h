/*
 * dalloc_agent.h - tells a dalloc-collector all that happens in the heaps of a device.
 *
 * Attach a recorder to each heap, give the agent a link and a clock, and call dalloc_agent_poll() from any task.
 * Recording an operation takes a few bytes and never blocks; poll gathers the operations into frames, keeps each
 * frame until the collector has it on disk, and writes to the link without blocking. All memory is yours and static.
 *
 *     static dalloc_agent_t agent;
 *     static dalloc_recorder_t recorder;
 *     DALLOC_AGENT_TRANSMIT_BUFFER(transmit_buffer, 4096);
 *
 *     dalloc_agent_config_t config = {0};
 *     config.device_id = "pump-17";
 *     config.build = "1.4.2";
 *     config.boot_id = read_random_or_boot_counter();
 *     config.ticks_per_second = 1000;
 *     config.now = milliseconds_since_reset;
 *     config.link = uart_link;
 *     config.transmit_buffer = transmit_buffer;
 *     config.transmit_size = sizeof transmit_buffer;
 *     if (dalloc_agent_init(&agent, &config) == DALLOC_AGENT_OK)
 *         dalloc_agent_attach(&agent, &recorder, &heap, "main");
 *     for (;;) dalloc_agent_poll(&agent);
 *
 * The format on the line is specified in schema/wire.md.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DALLOC_AGENT_H
#define DALLOC_AGENT_H

#include "dalloc.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes of operations that a recorder holds between two polls: 64 to 4000. An operation takes 3 bytes on average. When
 * they are used up, operations are counted as lost and the whole table is sent next. */
#ifndef DALLOC_RECORDER_BYTES
#define DALLOC_RECORDER_BYTES 256
#endif

#if DALLOC_RECORDER_BYTES < 64 || DALLOC_RECORDER_BYTES > 4000
#error "DALLOC_RECORDER_BYTES must be between 64 and 4000"
#endif

/* The least that config.transmit_size may be: room for one full frame of operations. */
#define DALLOC_AGENT_TRANSMIT_BYTES_MIN (DALLOC_RECORDER_BYTES + 128)

/* Declares a static transmit buffer, uint8_t name[bytes], outside or inside a function. One that is smaller than
 * DALLOC_AGENT_TRANSMIT_BYTES_MIN does not compile. */
#define DALLOC_AGENT_TRANSMIT_BUFFER(name, bytes) \
    DALLOC_AGENT_ASSERT((bytes) >= DALLOC_AGENT_TRANSMIT_BYTES_MIN, \
                        "transmit buffer " #name ": fewer bytes than DALLOC_AGENT_TRANSMIT_BYTES_MIN", \
                        name##_has_fewer_bytes_than_DALLOC_AGENT_TRANSMIT_BYTES_MIN); \
    static uint8_t name[bytes]

/* Stops the compiler with `message`; with `word` before C11 and C++11. */
#if defined(__cplusplus) && __cplusplus >= 201103L
#define DALLOC_AGENT_ASSERT(condition, message, word) static_assert(condition, message)
#elif defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L
#define DALLOC_AGENT_ASSERT(condition, message, word) _Static_assert(condition, message)
#else
#define DALLOC_AGENT_ASSERT(condition, message, word) struct check_##word { char word[(condition) ? 1 : -1]; }
#endif

/* How the agent reaches the collector. No function may block. */
typedef struct {
    void *context; /* given to each of the functions */
    /* Called on every poll. True while bytes can be written; starts or continues connecting otherwise. NULL: always. */
    bool (*is_up)(void *context);
    /* Takes up to `count` bytes. Returns how many it took, 0 when it can take none now, -1 when the line was lost. */
    int32_t (*write)(void *context, const uint8_t *bytes, uint32_t count);
    /* Fills up to `count` bytes. Returns how many, 0 when there are none, -1 when the line was lost. NULL makes the
     * line one-way: frames are then sent once and not kept. */
    int32_t (*read)(void *context, uint8_t *bytes, uint32_t count);
    /* Ends the connection: is_up is false from then on, and starts a new one when it is called next. The agent calls
     * it from dalloc_agent_poll when nobody answers (greeting_timeout), nobody acknowledges (ack_timeout), or the
     * peer is no collector. After a connection that was ended or lost, the agent waits before it calls is_up again
     * (retry_interval). A peer that is no collector, and a collector that ends one connection after the other, are
     * reported through dalloc_debug, once. NULL for a line that is simply there, such as a UART: then the agent never
     * gives up and never waits. */
    void (*reset)(void *context);
} dalloc_link_t;

typedef struct {
    const char *device_id;     /* unique in the fleet: 1 to 64 bytes of UTF-8 */
    const char *build;         /* the firmware's build: 0 to 64 bytes of UTF-8 */
    uint32_t boot_id;          /* another one after every reset: a random number, or a counter kept in flash */
    uint32_t ticks_per_second; /* of `now` or `now64`: 1 to 1,000,000,000 */
    /* The clock: exactly one of `now` and `now64`, the other is NULL. It never goes back, and goes on while the device
     * sleeps. It is called from every task that uses a heap, and from dalloc_agent_poll. */

    /* Ticks, which wrap around at 2^32. The agent counts the turns when it is polled at least once in 15/16 of one:
     * every 67 minutes at 1 MHz, every 46 days at 1 kHz. After a longer sleep whole turns are missing, as nobody can
     * tell it from a shorter one. (A step into the last 1/16 counts as one back: the agent's time stands still until
     * it is made up.) */
    uint32_t (*now)(void *context);
    /* Ticks, below 2^62; higher bits are ignored. Any sleep is counted. Only operations that are recorded before a
     * sleep of more than 15/16 of 2^32 ticks and sent after it get a wrong moment; call dalloc_agent_flush and poll
     * before one. */
    uint64_t (*now64)(void *context);
    void *now_context; /* given to either */
    dalloc_link_t link;
    /* Frames wait here until the collector has them on disk. What happens while it is full is lost, counted and
     * reported, so give it 3 bytes for each operation in the time that the collector may be away: at the start, too,
     * when it takes up to reply_timeout until it hears of a device that was there first. */
    uint8_t *transmit_buffer;
    uint32_t transmit_size;    /* bytes: DALLOC_AGENT_TRANSMIT_BYTES_MIN to 2^30 */
    /* In ticks, up to 2^31 - 1; 0 chooses the default. */
    uint32_t frame_interval;    /* operations are sent this often: 1 second */
    uint32_t heartbeat_interval; /* an idle heap sends a frame this often: 10 seconds */
    uint32_t keyframe_interval; /* the whole table is sent this often: 60 seconds */
    uint32_t reply_timeout;     /* how long to wait for the collector before greeting it again: 2 seconds */
    /* The same; for links with a `reset`, no other link uses them. */
    uint32_t greeting_timeout;  /* greetings without an answer end a connection: 4 * reply_timeout, 8 seconds */
    uint32_t ack_timeout;       /* so does a frame without an acknowledgement: 15 * reply_timeout, 30 seconds */
    /* The wait between the end of a connection and the next one: 1 second. It doubles each time, and is this long
     * again after a connection that was of use for 8 times the wait that is due. Each wait is shortened by up to a
     * half, by a number made of device_id, boot_id and links_lost, so that a fleet does not come back all at once. */
    uint32_t retry_interval;
    uint32_t retry_limit;       /* the longest such wait: 60 seconds; never less than retry_interval */
} dalloc_agent_config_t;

/* Everything that was sent, repeated or lost since dalloc_agent_init. */
typedef struct {
    uint32_t frames_sent;       /* written to the link for the first time */
    uint32_t frames_resent;     /* written again after a reconnect or a timeout */
    uint32_t frames_unsent;     /* polls that found no room for a frame in the transmit buffer */
    uint32_t operations_lost;   /* not recorded: the recorder was full */
    uint32_t replies_malformed; /* frames from the collector that made no sense */
    uint32_t links_lost;        /* connections that were lost or given up; only links with a `reset` count */
} dalloc_agent_counters_t;

/* The fields of the two structs below are the agent's own. */
typedef struct dalloc_recorder {
    struct dalloc_recorder *next;
    struct dalloc_agent *agent;
    heap_t *heap;
    const char *name;
    uint8_t *announced_memory;   /* what HELLO said of the heap */
    uint32_t announced_size;
    uint64_t previous_owner;     /* the owner coded last in `operations` */
    uint64_t previous_call_site; /* the call site coded last */
    uint32_t first_tick;         /* of the first operation in `operations` */
    uint32_t last_tick;          /* of the last one */
    uint32_t frame_tick;         /* of the last frame */
    uint32_t due_tick;           /* when the next frame is due */
    uint32_t frame_sequence;     /* of the last frame; 0 before the first */
    uint32_t keyframe_tick;      /* of the last complete keyframe */
    uint32_t peak;               /* most bytes in use since the last frame */
    uint32_t lost;               /* operations not recorded since the last frame */
    uint32_t keyframe_next;      /* first entry that the keyframe in progress has not sent yet */
    uint16_t used;               /* bytes of `operations` */
    uint16_t count;              /* operations in it */
    uint16_t routine;            /* while `used` is below, an operation only needs to be written */
    uint8_t id;
    bool announced_lazy;         /* what HELLO said of the heap's policy */
    bool wants_keyframe;         /* a keyframe is due or in progress */
    uint8_t operations[DALLOC_RECORDER_BYTES];
} dalloc_recorder_t;

typedef struct dalloc_agent {
    dalloc_agent_config_t config;
    dalloc_recorder_t *recorders;
    uint32_t (*ticks)(void *context); /* the low half of whichever clock there is, so that recording need not choose */
    void *ticks_context;
    dalloc_agent_counters_t counters;
    uint64_t tick_base;          /* added to config.now's 32 bits: counts its wrap-arounds */
    uint32_t tick;               /* config.now at the last poll */
    uint32_t next_sequence;
    uint32_t oldest_sequence;    /* of the first frame in the transmit buffer */
    uint32_t furthest_sequence;  /* highest one written to the link so far */
    uint32_t head;               /* transmit buffer: where its first frame starts */
    uint32_t length;             /* bytes in it */
    uint32_t cursor;             /* bytes after head: the frame to write next */
    uint32_t cursor_sequence;
    uint16_t written;            /* bytes of that frame, or of HELLO, that the link has taken */
    uint16_t reply_block;        /* bytes left in the COBS block that is being read */
    uint32_t greeting_tick;      /* when HELLO went out; while the link rests, when that began */
    uint32_t progress_tick;      /* when the collector last acknowledged something, or the first frame went out again */
    uint32_t start_tick;         /* when this connection came up */
    uint32_t doubt_tick;         /* since when there is no WELCOME */
    uint32_t stall_tick;         /* since when frames wait and none is acknowledged */
    uint32_t retry_wait;         /* ticks before the next connection; while the link rests, of this rest */
    uint32_t retry_next;         /* ticks before the one after that */
    uint64_t hello_tick;         /* the tick in the HELLO that is being written */
    uint8_t state;               /* down, greeting, waiting, streaming, refused, resting */
    uint8_t recorder_count;
    bool reply_zero;             /* a zero is due at the end of this COBS block */
    uint8_t reply_length;
    uint8_t stray;               /* bytes of this connection that are no reply of a collector; 255: it has sent one */
    bool stray_told;             /* and that was reported */
    bool displaced_told;         /* that connections end soon was reported */
    uint8_t reply[32];
    uint8_t received[32];        /* what the link gave last */
    bool quiet;                  /* the last poll left nothing to do; ARM does without */
} dalloc_agent_t;

/* Why dalloc_agent_init or dalloc_agent_attach refused. dalloc_agent_error_text says it in words. */
typedef enum {
    DALLOC_AGENT_OK = 0,                     /* nothing is wrong */
    DALLOC_AGENT_ERROR_NULL = 1,             /* agent, config, recorder or heap is NULL */
    DALLOC_AGENT_ERROR_DEVICE_ID = 2,        /* config.device_id is NULL, empty or longer than 64 bytes */
    DALLOC_AGENT_ERROR_BUILD = 3,            /* config.build is longer than 64 bytes */
    DALLOC_AGENT_ERROR_CLOCK = 4,            /* none or both of now and now64, or ticks_per_second is out of range */
    DALLOC_AGENT_ERROR_LINK = 5,             /* config.link.write is NULL */
    DALLOC_AGENT_ERROR_TRANSMIT_BUFFER = 6,  /* config.transmit_buffer is NULL, or transmit_size is out of range */
    DALLOC_AGENT_ERROR_NOT_STARTED = 7,      /* dalloc_agent_init was not called, or failed, or the agent has ended */
    DALLOC_AGENT_ERROR_NO_HEAP = 8,          /* the heap has no memory: no heap_init, or one that was refused */
    DALLOC_AGENT_ERROR_HEAP_NAME = 9,        /* the name is NULL or longer than 32 bytes */
    DALLOC_AGENT_ERROR_HEAP_IS_RECORDED = 10, /* the heap has an observer: another recorder, or one of yours */
    DALLOC_AGENT_ERROR_RECORDER_IN_USE = 11, /* the recorder records another heap of this agent */
    DALLOC_AGENT_ERROR_TOO_MANY_HEAPS = 12   /* 16 heaps are attached */
} dalloc_agent_error_t;

/* What is wrong, and what to do about it, in English: one line without an end, static. Never NULL. */
const char *dalloc_agent_error_text(dalloc_agent_error_t error);

/* Starts an agent; it keeps a copy of `config`. When a required field is missing or out of range, the result says which, and
 * dalloc_debug is given the text. */
dalloc_agent_error_t dalloc_agent_init(dalloc_agent_t *agent, const dalloc_agent_config_t *config);

/* Records `heap` from now on, under a name of at most 32 bytes. Up to 16 heaps. The heap must have been given to
 * heap_init, and `recorder` must live as long as it. When something is missing or already attached, the result says what, and dalloc_debug
 * is given the text. */
dalloc_agent_error_t dalloc_agent_attach(dalloc_agent_t *agent, dalloc_recorder_t *recorder, heap_t *heap,
                                         const char *name);

/* Ends an agent: its heaps are recorded no more, and agent, recorders, link and transmit buffer are yours again. What
 * the collector does not have yet is lost; call dalloc_agent_flush and poll until dalloc_agent_is_drained before. Its
 * heaps may go on; a heap_t that was attached must be valid until here, also when heap_deinit has ended the heap. */
void dalloc_agent_deinit(dalloc_agent_t *agent);

/* Gathers what was recorded and exchanges bytes with the collector. Never blocks; call it often, from one task. */
void dalloc_agent_poll(dalloc_agent_t *agent);

/* Sends what is recorded in the next polls without waiting for the interval: before a planned reset, say. */
void dalloc_agent_flush(dalloc_agent_t *agent);

/* True when everything recorded so far is on the collector's disk (on a one-way line: on the line). */
bool dalloc_agent_is_drained(const dalloc_agent_t *agent);

/* What was sent, repeated and lost. */
dalloc_agent_counters_t dalloc_agent_counters(const dalloc_agent_t *agent);

#ifdef __cplusplus
}
#endif

#endif
