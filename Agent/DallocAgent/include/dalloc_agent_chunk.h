/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file dalloc_agent_chunk.h
 * @brief Frames over a transport of yours: MQTT, HTTP, CoAP, LoRa, UDP, a file. Included by dalloc_agent.h.
 *
 * Where there is no stream of bytes to the collector, give the agent dalloc_agent_chunk_link as its link, poll it as usual,
 * and carry its frames yourself:
 *
 * @code{.c}
 * #include "dalloc_agent.h"
 * #include <assert.h>
 *
 * // Posts a body to http://collector:7421/v1/ingest. Returns the bytes of the answer; -1 when there was none, or its status is not 200.
 * int32_t post(const uint8_t *body, uint32_t count, uint8_t *answer, uint32_t size);
 * uint32_t milliseconds(void *context); // since reset
 * uint32_t boot_number(void);           // another one after every reset
 *
 * DALLOC_AGENT_TRANSMIT_BUFFER(transmit_buffer, 4096);
 * static uint8_t memory[8192] __attribute__((aligned(8))), chunk[1024], answer[256];
 * static heap_t heap;
 * static dalloc_recorder_t recorder;
 * static dalloc_agent_t agent;
 *
 * static void report(void) {
 *     int32_t count, got;
 *     while ((count = dalloc_agent_take_chunk(&agent, chunk, sizeof chunk, true)) > 0) {
 *         got = post(chunk, (uint32_t)count, answer, sizeof answer);
 *         // Without an answer, or one that acknowledges nothing, the same frames go again next time.
 *         if (got < 0 || dalloc_agent_give_replies(&agent, answer, (uint32_t)got) == 0) return;
 *     }
 *     assert(count == 0); // or the chunk must have room for -count bytes
 * }
 *
 * int main(void) {
 *     dalloc_agent_config_t config = {0};
 *     config.device_id = "pump-17";
 *     config.boot_id = boot_number();
 *     config.ticks_per_second = 1000;
 *     config.now = milliseconds;
 *     config.link = dalloc_agent_chunk_link(true);
 *     config.longest_frame = 800; // with HELLO it fits into a chunk
 *     config.transmit_buffer = transmit_buffer;
 *     config.transmit_size = sizeof transmit_buffer;
 *
 *     heap_init(&heap, memory, sizeof memory);
 *     if (dalloc_agent_init(&agent, &config) != DALLOC_AGENT_OK) return 1;
 *     if (dalloc_agent_attach(&agent, &recorder, &heap, "main") != DALLOC_AGENT_OK) return 1;
 *     uint32_t reported = milliseconds(NULL);
 *     for (;;) { // the program's work, a poll now and then, and a report once a minute
 *         dalloc_agent_poll(&agent);
 *         if (milliseconds(NULL) - reported < 60000) continue;
 *         report();
 *         reported = milliseconds(NULL);
 *     }
 * }
 * @endcode
 *
 * At the collector, `POST /v1/ingest` takes a chunk as its body and answers with replies; `dalloc-collector ingest` takes
 * files and streams of chunks, one after the other.
 */
#ifndef DALLOC_AGENT_CHUNK_H
#define DALLOC_AGENT_CHUNK_H

#include "dalloc_agent.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @brief The link of an agent whose frames the program carries.
 *
 * Polls then only gather. Set config.longest_frame as well, or a frame may be longer than what your transport carries.
 *
 * Context: any.
 *
 * @param has_replies  true when the collector's answers come back, to dalloc_agent_give_replies: then every frame is kept until
 *                     it is on the collector's disk, and nothing is lost or stored twice. False for a transport that only
 *                     sends: then a frame is forgotten once it was taken
 * @return the value for config.link
 */
dalloc_link_t dalloc_agent_chunk_link(bool has_replies);

/**
 * @brief Takes the next frames to send: the oldest that the agent has, as many as fit, and only whole ones.
 *
 * With replies, the same frames come again and again until dalloc_agent_give_replies has brought their acknowledgement: so
 * give the answer before you take the next chunk, and after a loss just take one again. Without, each frame comes once.
 *
 * It takes time in proportion to what it copies, and about 200 bytes of stack. It locks no heap.
 *
 * Context: the task that polls.
 *
 * @param agent       the agent; with NULL, or one that was not started, there is nothing to send
 * @param[out] bytes  the chunk
 * @param size        bytes of room in it, up to 2^30
 * @param greets      true begins the chunk with HELLO, which says whose frames these are: mostly 30 to 200 bytes, 1026
 *                    at most, with 16 heaps and the longest names. Each body of
 *                    `POST /v1/ingest` needs that, and each chunk where those of several devices mix or may get lost. Where the chunks of
 *                    one device arrive in order, the first one and one a minute are enough
 * @return bytes in the chunk; 0 when there is nothing to send; less than 0 when not even one frame fits: the chunk must have at
 *         least as many bytes as this number says without its sign
 */
int32_t dalloc_agent_take_chunk(dalloc_agent_t *agent, uint8_t *bytes, uint32_t size, bool greets);

/**
 * @brief Hears what the collector answered to a chunk.
 *
 * Acknowledged frames make room, and a table that the collector asks for is sent in the next chunks. An answer that comes
 * late, twice, torn or for another device does no harm: what can't be read is counted in replies_malformed.
 *
 * Context: the task that polls. It locks each heap for a moment when the collector wants its table.
 *
 * @param agent  the agent; with NULL, or one that was not started, it does nothing
 * @param bytes  replies, whole ones: the body of the collector's answer
 * @param count  how many bytes there are
 * @return frames that are not to be sent again: what the answer acknowledged. 0 when it acknowledged nothing; then the next
 *         chunk has the same frames, and is better taken later
 */
uint32_t dalloc_agent_give_replies(dalloc_agent_t *agent, const uint8_t *bytes, uint32_t count);

#ifdef __cplusplus
}
#endif

#endif /* DALLOC_AGENT_CHUNK_H */
