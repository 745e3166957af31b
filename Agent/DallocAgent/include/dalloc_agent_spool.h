/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file dalloc_agent_spool.h
 * @brief Keeps frames in flash while the collector is away, and over a reset. Included by dalloc_agent.h.
 *
 * The transmit buffer holds seconds. A spool holds hours: when the transmit buffer has no room for a frame, its frames go to the end
 * of the spool. When the collector is there again, the spool is sent first, from its beginning on. What a reset leaves in it is sent by
 * the next boot, as the earlier one's. The collector takes each frame once.
 *
 * A spool is a ring of bytes, and its functions are yours. This one is a ring of flash pages, which need not be erased before the first
 * use; the three flash functions are your board's. dalloc_file_spool.h has a spool for Linux.
 *
 * @code{.c}
 * #include "dalloc_agent.h"
 *
 * #include <string.h>
 *
 * #define PAGES 16u
 * #define PAGE_BYTES 4096u
 * #define FIRST 8u // a page begins with its number, and that inverted
 *
 * void flash_read(uint32_t address, void *bytes, uint32_t count);
 * bool flash_write(uint32_t address, const void *bytes, uint32_t count); // of erased bytes; if need be it gathers words,
 * bool flash_flush(void);                                                // and fills up the last one with zeros
 * bool flash_erase(uint32_t address);                                    // a page becomes 0xFF
 *
 * static uint32_t used[PAGES]; // bytes of each page; 0: nothing is in it
 * static uint32_t head, tail, dropped, number;
 *
 * static void ring_open(void) { // finds what a reset has left
 *     uint32_t lowest = UINT32_MAX, page, at;
 *     uint8_t byte;
 *     for (page = 0; page < PAGES; page++) {
 *         uint32_t mark[2];
 *         used[page] = 0;
 *         flash_read(page * PAGE_BYTES, mark, sizeof mark);
 *         if (mark[0] != ~mark[1]) continue;
 *         // Frames end with a zero: an 0xFF at the end is free, or part of a frame that was cut off.
 *         for (at = PAGE_BYTES; at > FIRST; at--) {
 *             flash_read(page * PAGE_BYTES + at - 1u, &byte, 1);
 *             if (byte != 0xFFu) break;
 *         }
 *         used[page] = at;
 *         if (mark[0] < lowest) lowest = mark[0], head = page;
 *         if (mark[0] >= number) number = mark[0] + 1u, tail = page;
 *     }
 *     if (lowest == UINT32_MAX) tail = PAGES - 1u; // it is empty
 *     dropped = FIRST;
 * }
 *
 * static bool ring_begin(void *context, uint32_t count) {
 *     uint32_t next = (tail + 1u) % PAGES, mark[2];
 *     (void)context;
 *     if (used[tail] != 0 && used[tail] + count <= PAGE_BYTES) return true;
 *     if (used[next] != 0) return false; // full: the oldest page is still needed
 *     mark[0] = number, mark[1] = ~number;
 *     if (!flash_erase(next * PAGE_BYTES) || !flash_write(next * PAGE_BYTES, mark, sizeof mark)) return false;
 *     if (used[tail] == 0) head = next, dropped = FIRST; // it was empty
 *     tail = next, used[tail] = FIRST, number++;
 *     return true;
 * }
 *
 * static bool ring_append(void *context, const uint8_t *bytes, uint32_t count) {
 *     uint32_t at = tail * PAGE_BYTES + used[tail];
 *     (void)context;
 *     used[tail] += count;
 *     return flash_write(at, bytes, count);
 * }
 *
 * static bool ring_end(void *context) {
 *     (void)context;
 *     return flash_flush();
 * }
 *
 * static int32_t ring_read(void *context, uint32_t offset, uint8_t *bytes, uint32_t count) {
 *     uint32_t page = head, from = dropped;
 *     (void)context;
 *     while (used[page] != 0) {
 *         uint32_t left = used[page] - from;
 *         if (offset < left) {
 *             if (count > left - offset) count = left - offset;
 *             flash_read(page * PAGE_BYTES + from + offset, bytes, count);
 *             return (int32_t)count;
 *         }
 *         offset -= left;
 *         if (page == tail) break;
 *         page = (page + 1u) % PAGES, from = FIRST;
 *     }
 *     return 0;
 * }
 *
 * static void ring_drop(void *context, uint32_t count) {
 *     (void)context;
 *     while (used[head] != 0) {
 *         uint32_t left = used[head] - dropped;
 *         if (count < left) break;
 *         count -= left;
 *         (void)flash_erase(head * PAGE_BYTES); // if not, the collector is told the same once more after a reset
 *         used[head] = 0, dropped = FIRST;
 *         if (head == tail) return;
 *         head = (head + 1u) % PAGES;
 *     }
 *     dropped += count;
 * }
 *
 * int32_t uart_write(void *context, const uint8_t *bytes, uint32_t count);
 * int32_t uart_read(void *context, uint8_t *bytes, uint32_t count);
 * uint32_t milliseconds(void *context);
 * uint32_t boot_number(void);
 *
 * DALLOC_AGENT_TRANSMIT_BUFFER(transmit_buffer, 2048);
 * static uint8_t memory[8192] __attribute__((aligned(8)));
 * static heap_t heap;
 * static dalloc_recorder_t recorder;
 * static dalloc_agent_t agent;
 * static dalloc_spool_t spool;
 *
 * int main(void) {
 *     dalloc_agent_config_t config = {0};
 *     config.device_id = "pump-17";
 *     config.boot_id = boot_number(); // another one after every reset: that keeps the boots in the spool apart
 *     config.ticks_per_second = 1000;
 *     config.now = milliseconds;
 *     config.link.write = uart_write;
 *     config.link.read = uart_read;
 *     config.transmit_buffer = transmit_buffer;
 *     config.transmit_size = sizeof transmit_buffer;
 *
 *     ring_open();
 *     spool.part_bytes = PAGE_BYTES - FIRST; // a part is never longer than a page
 *     spool.begin = ring_begin;
 *     spool.append = ring_append;
 *     spool.end = ring_end;
 *     spool.read = ring_read;
 *     spool.drop = ring_drop;
 *
 *     heap_init(&heap, memory, sizeof memory);
 *     if (dalloc_agent_init(&agent, &config) != DALLOC_AGENT_OK) return 1;
 *     if (dalloc_agent_set_spool(&agent, &spool) != DALLOC_AGENT_OK) return 1;
 *     if (dalloc_agent_attach(&agent, &recorder, &heap, "main") != DALLOC_AGENT_OK) return 1;
 *     for (;;) dalloc_agent_poll(&agent); // beside the program's work
 * }
 * @endcode
 *
 * **What is in it.** Bytes as on the line (schema/wire.md), in parts: a zero, HELLO, and frames. So a spool that is read out can be fed
 * to `dalloc-collector ingest` as it is. A part is written when the transmit buffer is full, and holds what was in it: with a transmit
 * buffer of 2 KB, a HELLO of 80 bytes in each 2 KB. A frame that a reset has cut off, or that reads back damaged, is passed over.
 *
 * **When it is full**, frames stay in the transmit buffer, and what happens then is lost as it is without a spool: counted in
 * operations_lost and frames_spool_lost, and shown by the collector as a gap. What is in the spool is never overwritten.
 *
 * **Times.** The collector knows when an earlier boot was if it has heard of that boot before. Of a boot that began and ended
 * while nobody listened, it knows how long it took; its end is dated to when its frames come.
 */
#ifndef DALLOC_AGENT_SPOOL_H
#define DALLOC_AGENT_SPOOL_H

#include "dalloc_agent.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @brief Bytes that outlive a reset: functions of yours, in a variable of yours. Zero it first, and set all fields; the agent uses it
 * until dalloc_agent_deinit.
 *
 * The functions are called from dalloc_agent_poll and dalloc_agent_deinit, in the task that polls, with no heap locked. They may take as
 * long as flash takes.
 */
typedef struct dalloc_spool {
    /** Given to each of the functions. What it points to must live until dalloc_agent_deinit. May be NULL. */
    void *context;

    /** The most bytes of a part: twice DALLOC_AGENT_TRANSMIT_BYTES_MIN to 65535. 0 stands for 4096, which serves recorders of up to
     * 1216 bytes, or for what the library's own DALLOC_RECORDER_BYTES needs where that is more. The agent keeps its frames below half
     * of it (dalloc_agent_config_t.longest_frame), so that HELLO has room beside them. Only a HELLO of more than half a part, of many
     * heaps with long names, can make a part longer. */
    uint32_t part_bytes;

    /** Begins a part of `count` bytes at the end of the spool. Calls of `append` bring them, and then comes `end`. False when
     * there is no room for so many, or when the spool failed: then nothing is appended, and the agent tries again a frame_interval
     * later, or when something was dropped. Parts should lie as they come: none is split where `drop` or a reset might lose half of it. */
    bool (*begin)(void *context, uint32_t count);

    /** Appends `count` bytes, 1 or more; they are valid until it returns. False when that failed: then neither more bytes of this part
     * nor `end` follow, and the same frames come again in another part. What was appended of this one may stay. */
    bool (*append)(void *context, const uint8_t *bytes, uint32_t count);

    /** Ends a part. Returns when all of it outlives a reset, false when that failed; only then does the agent forget the frames.
     * Zeros may be added to fill up a word of flash; `read` leaves them out until the next reset. */
    bool (*end)(void *context);

    /** Fills up to `count` bytes with what is `offset` bytes after the oldest byte. Returns how many, 0 only at the end of
     * the spool and beyond it (any `offset` may come); less than 0 when it can't read now: then the agent tries again at the next
     * poll. For bytes that it can't read any more, it must give zeros. */
    int32_t (*read)(void *context, uint32_t offset, uint8_t *bytes, uint32_t count);

    /** Forgets the oldest `count` bytes, which the collector has on disk: from now on, `read` begins after them. They end where a part
     * ends, or one byte later. What can only be erased by the page may stay until all of the page was dropped: after a reset, bytes
     * that were dropped may be there again, from anywhere in a part on. The collector knows them. */
    void (*drop)(void *context, uint32_t count);

    /** @cond INTERNAL */
    int32_t (*serve)(struct dalloc_agent *agent, uint32_t event, uint8_t *bytes, uint32_t number);
    uint32_t earlier;      /* bytes from before the agent started; all bits set until they could be counted */
    uint32_t own_oldest;   /* number of the first frame that the agent has spooled; 0: none is left */
    uint32_t survey;       /* where the survey goes on */
    uint32_t survey_boot;  /* the boot there */
    uint32_t boot;         /* of the oldest bytes, where these are from before */
    uint32_t boot_end;     /* where that boot ends */
    uint32_t hello;        /* where its last HELLO is */
    uint32_t hello_bytes;  /* of its payload */
    uint32_t oldest;       /* first number of that boot, or of this one, that is not acknowledged yet */
    uint32_t furthest;     /* highest number of an earlier boot that went out */
    uint32_t own_last;     /* highest number of this boot id from before the agent started; 0: none */
    uint32_t position;     /* the frame to send next */
    uint32_t frame_number; /* of that one */
    uint16_t frame_bytes;  /* of that one; 0: it was not looked for yet */
    uint8_t stage;         /* of the survey */
    bool is_welcomed;      /* the collector knows this boot */
    bool is_refused;       /* begin, append or end said no */
    uint32_t refused_tick; /* when */
    uint8_t buffer[64];
    /** @endcond */
} dalloc_spool_t;

/**
 * @brief Lets an agent spool: after dalloc_agent_init, and before the first dalloc_agent_attach.
 *
 * The next polls look through what the spool holds, 2 KB or a frame at a time; before that is done, nothing is sent, and frames go to
 * the spool already. With a spool,
 * dalloc_agent_deinit spools what the collector does not have yet, and dalloc_agent_is_drained is false as long as something is in the
 * spool. An agent that is started again needs its spool again.
 *
 * It takes 3.4 KB of flash where it is used, and 160 bytes of RAM, which are those of `spool`. Where it isn't used, the agent asks in
 * some places whether it is: that is 0.25 KB.
 *
 * Context: the task that polls.
 *
 * @param agent  the agent, with a link that can be read and is not dalloc_agent_chunk_link: a program that carries the frames
 *               itself can keep its chunks
 * @param spool  must stay where it is until dalloc_agent_deinit, and be for this agent alone
 * @return DALLOC_AGENT_OK, DALLOC_AGENT_ERROR_NULL, DALLOC_AGENT_ERROR_NOT_STARTED, or DALLOC_AGENT_ERROR_SPOOL when the spool lacks a
 *         function, part_bytes is out of range, the link is one-way or carries chunks, or a heap is attached already
 */
dalloc_agent_error_t dalloc_agent_set_spool(dalloc_agent_t *agent, dalloc_spool_t *spool);

#ifdef __cplusplus
}
#endif

#endif /* DALLOC_AGENT_SPOOL_H */
