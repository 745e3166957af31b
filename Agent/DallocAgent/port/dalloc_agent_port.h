/*
 * dalloc_agent_port.h - what the Swift side of the agent can only reach through C. Not part of the public API.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DALLOC_AGENT_PORT_H
#define DALLOC_AGENT_PORT_H

#include <stddef.h>

#include "dalloc_agent.h"
#include "dalloc_watch.h"

/* As in dalloc_port.h, which C finds only inside of CDalloc. */
#define DALLOC_AGENT_PORT_INLINE static inline __attribute__((always_inline))

#pragma clang assume_nonnull begin

DALLOC_AGENT_PORT_INLINE void *dalloc_agent_port_writer(dalloc_recorder_t *recorder) { return &recorder->writer; }

/* What dalloc_agent.watch does. */
enum { DALLOC_WATCH_TAKE, DALLOC_WATCH_DELTA, DALLOC_WATCH_KEYFRAME };

/* Of a recorder without a heap. Its agent has the function: the watch has brought it. */
DALLOC_AGENT_PORT_INLINE bool dalloc_agent_port_watch(dalloc_recorder_t *recorder, uint32_t step, uint32_t argument) {
    return recorder->agent->watch(recorder, step, argument);
}

/* A recorder without a heap is a field of a watch. */
DALLOC_AGENT_PORT_INLINE dalloc_watch_t *dalloc_agent_port_watched(dalloc_recorder_t *recorder) {
    return (dalloc_watch_t *)(void *)((uint8_t *)recorder - offsetof(dalloc_watch_t, recorder));
}

/* Of a heap that can be walked. */
DALLOC_AGENT_PORT_INLINE const void *_Nullable dalloc_agent_port_next(dalloc_watch_t *watch, const void *_Nullable block, uint32_t *size) {
    return watch->config.next(watch->config.walk_context, block, size);
}

DALLOC_AGENT_PORT_INLINE dalloc_recorder_t *dalloc_agent_port_watch_recorder(dalloc_watch_t *watch) {
    return &watch->recorder;
}

/* As dalloc_port_lock_any in dalloc_port.h. */
DALLOC_AGENT_PORT_INLINE void dalloc_agent_port_lock(dalloc_recorder_t *recorder) {
    dalloc_watch_t *watch = dalloc_agent_port_watched(recorder);
    if (recorder->heap) heap_lock(recorder->heap);
    else if (watch->config.lock) watch->config.lock(watch->config.lock_context);
}

DALLOC_AGENT_PORT_INLINE void dalloc_agent_port_unlock(dalloc_recorder_t *recorder) {
    dalloc_watch_t *watch = dalloc_agent_port_watched(recorder);
    if (recorder->heap) heap_unlock(recorder->heap);
    else if (watch->config.unlock) watch->config.unlock(watch->config.lock_context);
}

/* Of an agent whose heaps can be told of in summaries. */
DALLOC_AGENT_PORT_INLINE bool dalloc_agent_port_summaries(dalloc_agent_t *agent, dalloc_recorder_t *_Nullable recorder) {
    return agent->summaries(agent, recorder);
}

/* What a recorder that summarizes always has. */
DALLOC_AGENT_PORT_INLINE dalloc_summary_t *dalloc_agent_port_summary(dalloc_recorder_t *recorder) { return recorder->summary; }

DALLOC_AGENT_PORT_INLINE bool dalloc_agent_port_keep(dalloc_recorder_t *recorder, uint8_t kind, uint32_t size, uintptr_t tag) {
    return recorder->summary->keep(recorder, kind, size, tag);
}

/* Of those that are in use, and of one more when there is room. */
DALLOC_AGENT_PORT_INLINE dalloc_sum_t *dalloc_agent_port_sum(const dalloc_summary_t *summary, uint32_t index) {
    return summary->config.sums + index;
}

DALLOC_AGENT_PORT_INLINE void *dalloc_agent_port_frame(dalloc_agent_t *agent) { return agent->frame; }

DALLOC_AGENT_PORT_INLINE uint32_t dalloc_agent_port_frame_size(void) { return sizeof(((dalloc_agent_t *)0)->frame); }

/* All but its configuration. */
DALLOC_AGENT_PORT_INLINE void dalloc_agent_port_clear(dalloc_agent_t *agent) {
    uint8_t *rest = (uint8_t *)(&agent->config + 1);
    __builtin_memset(agent, 0, offsetof(dalloc_agent_t, config));
    __builtin_memset(rest, 0, (size_t)((uint8_t *)(agent + 1) - rest));
}

DALLOC_AGENT_PORT_INLINE uint8_t *dalloc_agent_port_operations(dalloc_recorder_t *recorder) { return recorder->operations; }

/* The one in a recorder, of recorders that the library, or a program that is compiled with it, makes. */
DALLOC_AGENT_PORT_INLINE uint8_t *dalloc_agent_port_own_buffer(dalloc_recorder_t *recorder) { return recorder->buffer; }

DALLOC_AGENT_PORT_INLINE uint32_t dalloc_agent_port_own_bytes(void) { return DALLOC_RECORDER_BYTES; }

/* All of them but their buffers, whose sizes only the program knows. */
DALLOC_AGENT_PORT_INLINE void dalloc_agent_port_clear_recorder(dalloc_recorder_t *recorder) {
    __builtin_memset(recorder, 0, offsetof(dalloc_recorder_t, buffer));
}

DALLOC_AGENT_PORT_INLINE void dalloc_agent_port_clear_watch(dalloc_watch_t *watch) {
    __builtin_memset(watch, 0, offsetof(dalloc_watch_t, recorder) + offsetof(dalloc_recorder_t, buffer));
}

/* The least that a transmit buffer may be. */
DALLOC_AGENT_PORT_INLINE uint32_t dalloc_agent_port_transmit_least(uint32_t bytes) { return DALLOC_AGENT_FRAME_BYTES(bytes); }

/* What an agent that was started always has. */
DALLOC_AGENT_PORT_INLINE uint8_t *dalloc_agent_port_transmit(const dalloc_agent_t *agent) { return agent->config.transmit_buffer; }

DALLOC_AGENT_PORT_INLINE uint8_t *dalloc_agent_port_reply(dalloc_agent_t *agent) { return agent->reply; }

/* What an attached recorder always has. */
DALLOC_AGENT_PORT_INLINE heap_t *dalloc_agent_port_heap(const dalloc_recorder_t *recorder) { return recorder->heap; }

DALLOC_AGENT_PORT_INLINE dalloc_agent_t *dalloc_agent_port_agent(const dalloc_recorder_t *recorder) {
    return recorder->agent;
}

DALLOC_AGENT_PORT_INLINE uint32_t dalloc_agent_port_now(const dalloc_agent_t *agent) {
    return agent->ticks(agent->ticks_context);
}

DALLOC_AGENT_PORT_INLINE bool dalloc_agent_port_is_wide(const dalloc_agent_t *agent) { return agent->config.now == NULL; }

/* Of a wide clock, as far as the format can carry it. */
DALLOC_AGENT_PORT_INLINE uint64_t dalloc_agent_port_now64(const dalloc_agent_t *agent) {
    return agent->config.now64(agent->config.now_context) & 0x3FFFFFFFFFFFFFFFU;
}

DALLOC_AGENT_PORT_INLINE uint8_t *dalloc_agent_port_received(dalloc_agent_t *agent) { return agent->received; }

/* Fills `received` from a link that can be read. */
DALLOC_AGENT_PORT_INLINE int32_t dalloc_agent_port_read(dalloc_agent_t *agent) {
    return agent->config.link.read(agent->config.link.context, agent->received, sizeof agent->received);
}

/* Spools: what a spool that was set always has. */
DALLOC_AGENT_PORT_INLINE dalloc_spool_t *dalloc_agent_port_spool(const dalloc_agent_t *agent) { return agent->spool; }

DALLOC_AGENT_PORT_INLINE int32_t dalloc_agent_port_serve(dalloc_agent_t *agent, uint32_t event, uint8_t *_Nullable bytes,
                                                         uint32_t number) {
    return agent->spool->serve(agent, event, bytes, number);
}

DALLOC_AGENT_PORT_INLINE bool dalloc_agent_port_spool_begin(const dalloc_spool_t *spool, uint32_t count) {
    return spool->begin(spool->context, count);
}

DALLOC_AGENT_PORT_INLINE bool dalloc_agent_port_spool_append(const dalloc_spool_t *spool, const uint8_t *bytes, uint32_t count) {
    return spool->append(spool->context, bytes, count);
}

DALLOC_AGENT_PORT_INLINE bool dalloc_agent_port_spool_end(const dalloc_spool_t *spool) { return spool->end(spool->context); }

/* Into its buffer. */
DALLOC_AGENT_PORT_INLINE int32_t dalloc_agent_port_spool_read(dalloc_spool_t *spool, uint32_t offset, uint32_t count) {
    return spool->read(spool->context, offset, spool->buffer, count);
}

DALLOC_AGENT_PORT_INLINE void dalloc_agent_port_spool_drop(const dalloc_spool_t *spool, uint32_t count) {
    spool->drop(spool->context, count);
}

DALLOC_AGENT_PORT_INLINE uint8_t *dalloc_agent_port_spool_buffer(dalloc_spool_t *spool) { return spool->buffer; }

DALLOC_AGENT_PORT_INLINE uint32_t dalloc_agent_port_spool_buffer_size(void) { return sizeof(((dalloc_spool_t *)0)->buffer); }

/* All but what its owner has set. */
DALLOC_AGENT_PORT_INLINE void dalloc_agent_port_spool_clear(dalloc_spool_t *spool) {
    __builtin_memset((uint8_t *)spool + offsetof(dalloc_spool_t, serve), 0, sizeof *spool - offsetof(dalloc_spool_t, serve));
}

/* Whether it is what dalloc_agent_chunk_link returns. */
bool dalloc_agent_port_carries_chunks(const dalloc_link_t *link);

/* The eight times, which follow one another. */
DALLOC_AGENT_PORT_INLINE uint32_t *dalloc_agent_port_times(dalloc_agent_config_t *config) { return &config->frame_interval; }

/* Whether anybody reads messages; where nobody does, their texts take no room. */
DALLOC_AGENT_PORT_INLINE bool dalloc_agent_port_has_messages(void) {
#ifdef DALLOC_NO_MESSAGES
    return false;
#else
    return true;
#endif
}

DALLOC_AGENT_PORT_INLINE uint32_t dalloc_agent_port_reply_size(void) { return sizeof(((dalloc_agent_t *)0)->reply); }

#pragma clang assume_nonnull end

#endif
