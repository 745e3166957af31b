/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file dalloc_agent_state.h
 * @brief How much memory an agent and a recorder take, so that both can be variables of yours. Included by
 * dalloc_agent.h.
 *
 * There is nothing to read here for users: the fields are the library's own, and change from one version to the next.
 */
#ifndef DALLOC_AGENT_STATE_H
#define DALLOC_AGENT_STATE_H

#include "dalloc_agent_config.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @cond INTERNAL */

/* What the next operation is recorded relative to: RecordWriter, which has the same layout. */
typedef struct {
    uintptr_t owner;     /* the one written last */
    uintptr_t left[2];   /* variables that hold nothing, the latest first */
    uintptr_t call_site; /* the one written last */
} dalloc_record_writer_t;

/* Nothing is left out between two fields on 32-bit targets: in Swift 6.3, a variable at file level gets no bytes for what is. */

/* What is used most comes first: instructions that reach it are short on ARM, bytes in the first 32, halves in the first 64, words in
 * the first 128. */

struct dalloc_recorder {
    uint8_t id;
    bool announced_lazy;         /* what HELLO said of the heap's policy */
    bool wants_keyframe;         /* a keyframe is due or in progress */
    bool summarizes;             /* the heap is told of in summaries now */
    uint16_t used;               /* bytes of `operations` */
    uint16_t count;              /* operations since the last frame */
    uint16_t routine;            /* while `used` is below, an operation only needs to be written */
    uint16_t size;               /* bytes that `operations` has room for */
    uint16_t most;               /* bytes of them that a poll has found in use, since the recorder was attached */
    uint16_t told;               /* as many as a frame has told of */
    struct dalloc_recorder *next;
    struct dalloc_agent *agent;
    heap_t *heap;
    const char *name;
    uint8_t *operations;         /* those since the last frame, written by RecordWriter */
    uint8_t *announced_memory;   /* what HELLO said of the heap */
    uint32_t announced_size;
    uint32_t announced_entries;  /* of its table */
    dalloc_record_writer_t writer;
    uint32_t first_tick;         /* of the first operation since the last frame */
    uint32_t last_tick;          /* of the last one */
    uint32_t frame_tick;         /* of the last frame */
    uint32_t due_tick;           /* when the next frame is due */
    uint32_t frame_sequence;     /* of the last frame; 0 before the first */
    uint32_t keyframe_tick;      /* of the last complete keyframe */
    uint32_t peak;               /* most bytes in use since the last frame */
    uint32_t lost;               /* operations not recorded since the last frame */
    uint32_t keyframe_next;      /* first entry that the keyframe in progress has not sent yet */
    struct dalloc_summary *summary; /* NULL: the heap is told of in full */
    uint8_t buffer[DALLOC_RECORDER_BYTES]; /* last: the library does not know how large it is */
};

struct dalloc_agent {
    uint8_t state;               /* down, greeting, waiting, streaming, refused, resting */
    uint8_t recorder_count;
    uint8_t stray;               /* bytes of this connection that are no reply of a collector; 255: it has sent one; 254: one with a wait */
    bool stray_told;             /* and that was reported */
    bool displaced_told;         /* that connections end soon was reported */
    uint8_t reply_length;
    bool reply_zero;             /* a zero is due at the end of this COBS block */
    bool quiet;                  /* the last poll left nothing to do; ARM does without */
    uint8_t reply_count;         /* bytes of the payload of the reply that was read last */
    uint8_t level;               /* what is told of heaps with a summary: dalloc_agent_level_t */
    bool spooled;                /* the spool has frames, or nobody knows yet: the transmit buffer waits */
    uint8_t unused;
    uint16_t written;            /* bytes of the frame at the cursor, or of HELLO, that the link has taken */
    uint16_t reply_block;        /* bytes left in the COBS block that is being read */
    uint32_t tick;               /* config.now at the last poll */
    struct dalloc_recorder *recorders;
    struct dalloc_recorder *open; /* of whose heap the frame is that is being written; NULL: none is */
    uint32_t next_sequence;
    uint32_t oldest_sequence;    /* of the first frame in the transmit buffer */
    uint32_t furthest_sequence;  /* highest one written to the link so far */
    uint32_t head;               /* transmit buffer: where its first frame starts */
    uint32_t length;             /* bytes in it */
    uint32_t cursor;             /* bytes after head: the frame to write next; while `spooled`, not 0 when frames are under way */
    uint32_t cursor_sequence;
    uint32_t hello_boot;         /* the boot in the HELLO that is being written, or was last */
    struct dalloc_spool *spool;  /* NULL: it has none */
    uint32_t greeting_tick;      /* when HELLO went out; while the link rests, when that began */
    uint32_t progress_tick;      /* of the last acknowledgement, or when the first frame went out again */
    uint32_t stall_tick;         /* since when frames wait and none is acknowledged */
    dalloc_agent_config_t config;
    uint32_t (*ticks)(void *context); /* the low 32 bits of the clock that the program has given, so that recording need not choose */
    void *ticks_context;
    dalloc_agent_counters_t counters;
    uint32_t start_tick;         /* when this connection came up */
    uint64_t tick_base;          /* added to config.now's 32 bits: counts its wrap-arounds */
    uint64_t hello_tick;         /* the tick in the HELLO that is being written */
    /* Cuts frames of watched heaps, where there are any. */
    bool (*watch)(struct dalloc_recorder *recorder, uint32_t step, uint32_t argument);
    /* Cuts frames of heaps that may be told of in summaries, where there are any; without a recorder, does what the reply that was read
     * last says of that. */
    bool (*summaries)(struct dalloc_agent *agent, struct dalloc_recorder *recorder);
    uintptr_t frame[sizeof(uintptr_t) == 8 ? 14 : 16]; /* the frame that is being written: OpenFrame */
    uint32_t doubt_tick;         /* since when there is no WELCOME */
    uint32_t retry_wait;         /* ticks before the next connection; while the link rests, of this rest */
    uint32_t retry_next;         /* ticks before the one after that */
    uint32_t unused_word;
    uint8_t reply[32];
    uint8_t received[32];        /* what the link gave last */
};

/* As in dalloc_types.h. */
#if defined(DALLOC_LAYOUT_SYMBOL) && !defined(DALLOC_LIBRARY_BUILD)
DALLOC_LAYOUT_ATTRIBUTES static void dalloc_layout_of_recorder(void) {
    __asm__(DALLOC_LAYOUT_SYMBOL(DALLOC_RECORDER_BYTES, "0") : : "i"(DALLOC_RECORDER_BYTES));
}
#endif

/** @endcond */

#ifdef __cplusplus
}
#endif

#endif /* DALLOC_AGENT_STATE_H */
