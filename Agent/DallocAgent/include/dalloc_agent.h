/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file dalloc_agent.h
 * @brief Tells a dalloc-collector all that happens in the heaps of a device.
 *
 * Attach a recorder to each heap, give the agent a line and a clock, and call dalloc_agent_poll from one task.
 * Recording an operation takes a few bytes and never blocks. Polls gather the operations into frames, keep each frame
 * until the collector has it on disk, and write to the line without blocking. All memory is yours and static.
 *
 * This is a complete firmware; the four functions are your board's:
 *
 * @code{.c}
 * #include "dalloc_agent.h"
 *
 * int32_t uart_write(void *context, const uint8_t *bytes, uint32_t count); // as much as the FIFO takes
 * int32_t uart_read(void *context, uint8_t *bytes, uint32_t count);        // what has come by interrupt
 * uint32_t milliseconds(void *context);                                    // since reset
 * uint32_t boot_number(void);                                              // another one after every reset
 *
 * DALLOC_AGENT_TRANSMIT_BUFFER(transmit_buffer, 4096);
 * static uint8_t memory[8192] __attribute__((aligned(8)));
 * static heap_t heap;
 * static dalloc_recorder_t recorder;
 * static dalloc_agent_t agent;
 * static void *message;
 *
 * int main(void) {
 *     dalloc_agent_config_t config = {0};
 *     config.device_id = "pump-17";
 *     config.build = "1.4.2";
 *     config.boot_id = boot_number();
 *     config.ticks_per_second = 1000;
 *     config.now = milliseconds;
 *     config.link.write = uart_write;
 *     config.link.read = uart_read;
 *     config.transmit_buffer = transmit_buffer;
 *     config.transmit_size = sizeof transmit_buffer;
 *
 *     heap_init(&heap, memory, sizeof memory);
 *     dalloc_agent_error_t error = dalloc_agent_init(&agent, &config);
 *     if (error == DALLOC_AGENT_OK) error = dalloc_agent_attach(&agent, &recorder, &heap, "main");
 *     if (error != DALLOC_AGENT_OK) return 1; // dalloc_agent_error_text(error) says what to do
 *
 *     for (;;) { // the program's work, and now and then a poll
 *         dalloc(&heap, 64, &message);
 *         dfree(&heap, &message, USING_PTR_ADDRESS);
 *         dalloc_agent_poll(&agent);
 *     }
 * }
 * @endcode
 *
 * `make firmware-library TARGET=armv7em-none-none-eabi OUTPUT=agent` leaves agent/libDallocAgent.a and agent/include;
 * Agent/cmake/DallocAgent.cmake does the same in CMake. `dalloc-collector serve --serial /dev/ttyUSB0:115200` listens
 * at the other end of the line.
 *
 * dalloc_agent_spool.h keeps frames in flash over an outage and a reset. dalloc_agent_summary.h makes do with a few bytes a
 * minute.
 *
 * dalloc_agent_config.h describes what an agent is told, dalloc_posix_link.h has lines for Linux, and schema/wire.md
 * is the format on the line.
 *
 * **How long things must live.** From dalloc_agent_init or dalloc_agent_attach to dalloc_agent_deinit, the agent
 * uses: itself, the transmit buffer, what link.context and now_context point to, the texts device_id, build and each
 * heap's name, each recorder, and each heap_t, also when heap_deinit has ended that heap. The memory of a heap it no
 * longer uses after heap_deinit. After dalloc_agent_deinit it uses none of them; heaps go on without it. A program
 * that never ends its agent keeps all of them for good.
 *
 * **Tasks and interrupts.** Call all functions of one agent from one task, or let none of the calls overlap. Heaps
 * may be used from other tasks meanwhile, when the library is built with USE_THREAD_SAFETY: recording happens in the
 * task that allocates, inside the heap's lock. dalloc_agent_poll holds a heap's lock only while it cuts a frame of
 * it. No function may be called from an interrupt.
 *
 * **Stack**, on a Cortex-M4 (`make bench-firmware`), without what your link and clock need: 168 bytes at most in
 * any function. Recording takes 64 below the allocator, which stays within its own 168.
 */
#ifndef DALLOC_AGENT_H
#define DALLOC_AGENT_H

#include "dalloc_agent_state.h"

#ifdef __cplusplus
extern "C" {
#endif

/** An agent: a variable of yours, whose fields are the library's. Zeroed memory is an agent that was not started. */
typedef struct dalloc_agent dalloc_agent_t;

/** What records one heap: a variable of yours, whose fields are the library's. It need not be initialised. It takes
 * DALLOC_RECORDER_BYTES and 100 bytes on 32-bit targets. */
typedef struct dalloc_recorder dalloc_recorder_t;

/** Why dalloc_agent_init, dalloc_agent_attach or another function refused. dalloc_agent_error_text says it in words. */
typedef enum {
    DALLOC_AGENT_OK = 0,                      /**< nothing is wrong */
    DALLOC_AGENT_ERROR_NULL = 1,              /**< agent, config, recorder or heap is NULL */
    DALLOC_AGENT_ERROR_DEVICE_ID = 2,         /**< config.device_id is NULL, empty or longer than 64 bytes */
    DALLOC_AGENT_ERROR_BUILD = 3,             /**< config.build is longer than 64 bytes */
    DALLOC_AGENT_ERROR_CLOCK = 4,             /**< none or both of now and now64, or wrong ticks_per_second */
    DALLOC_AGENT_ERROR_LINK = 5,              /**< config.link.write is NULL */
    DALLOC_AGENT_ERROR_TRANSMIT_BUFFER = 6,   /**< transmit_buffer is NULL, or transmit_size or longest_frame out of range, or
                                                   less than a full frame of the recorder needs */
    DALLOC_AGENT_ERROR_NOT_STARTED = 7,       /**< no dalloc_agent_init, or it failed, or the agent has ended */
    DALLOC_AGENT_ERROR_NO_HEAP = 8,           /**< the heap has no memory: no heap_init, or one that was refused */
    DALLOC_AGENT_ERROR_HEAP_NAME = 9,         /**< the name is NULL or longer than 32 bytes */
    DALLOC_AGENT_ERROR_HEAP_IS_RECORDED = 10, /**< the heap has an observer: another recorder, or one of yours */
    DALLOC_AGENT_ERROR_RECORDER_IN_USE = 11,  /**< the recorder records a heap of this agent already */
    DALLOC_AGENT_ERROR_TOO_MANY_HEAPS = 12,   /**< 16 heaps are attached */
    DALLOC_AGENT_ERROR_WATCH = 13,            /**< numbers of a watched heap are out of range: dalloc_watch.h */
    DALLOC_AGENT_ERROR_SPOOL = 14,            /**< the spool lacks a function, or the agent can't spool */
    DALLOC_AGENT_ERROR_SUMMARY = 15,          /**< no attached recorder, or wrong sums: dalloc_agent_summary.h */
    DALLOC_AGENT_ERROR_RECORDER_BUFFER = 16   /**< the recorder's buffer is NULL, or not of 64 to 2560 bytes */
} dalloc_agent_error_t;

/**
 * @brief What is wrong, and what to do about it.
 *
 * Context: any, interrupts too. It takes 1 KB of flash where it is used.
 *
 * @param error  what dalloc_agent_init, dalloc_agent_attach or another function returned
 * @return a sentence in English, static, without a newline; never NULL
 */
const char *dalloc_agent_error_text(dalloc_agent_error_t error);

/**
 * @brief Starts an agent.
 *
 * A refusal is also reported through dalloc_debug, in the words of dalloc_agent_error_text; the agent is then not
 * started, or goes on as it was. Starting a running agent anew forgets what it had to send; attach its heaps again,
 * with their recorders.
 *
 * Context: the task that polls.
 *
 * @param[out] agent  the agent; must stay where it is until dalloc_agent_deinit
 * @param config      copied, but not what it points to: see dalloc_agent_config_t
 * @return DALLOC_AGENT_OK, or what is missing or out of range
 */
dalloc_agent_error_t dalloc_agent_init(dalloc_agent_t *agent, const dalloc_agent_config_t *config);

#if defined(DALLOC_LIBRARY_BUILD) || defined(DALLOC_DOXYGEN) || defined(__swift__)
/**
 * @brief Records a heap from now on; what it holds already is sent first.
 *
 * An agent records up to 16 heaps. A heap that ends may be made anew by heap_init with the same heap_t: the next poll
 * that can goes on with it, and what happened in between counts as lost. A refusal is also reported through
 * dalloc_debug, in the words of dalloc_agent_error_text, and changes nothing.
 *
 * Context: the task that polls. It locks the heap, which other tasks may use.
 *
 * @param agent          the agent
 * @param[out] recorder  records this heap and no other, for this agent and no other; must stay where it is until
 *                       dalloc_agent_deinit, also when the heap ends before
 * @param heap           a heap with memory and without an observer; its heap_t must be valid until dalloc_agent_deinit
 * @param name           what the collector calls the heap: 0 to 32 bytes of UTF-8, ended by a zero; borrowed until
 *                       dalloc_agent_deinit
 * @return DALLOC_AGENT_OK, or what is missing or attached already
 */
dalloc_agent_error_t dalloc_agent_attach(dalloc_agent_t *agent, dalloc_recorder_t *recorder, heap_t *heap,
                                         const char *name);
#endif

/**
 * @brief The same, with a buffer of yours in place of the recorder's own: so recorders can have different sizes, and
 * lie in other memory. With a DALLOC_RECORDER_BYTES of 64, the unused one costs little.
 *
 * Context: the task that polls. It locks the heap, which other tasks may use.
 *
 * @param agent          the agent
 * @param[out] recorder  as for dalloc_agent_attach
 * @param heap           as for dalloc_agent_attach
 * @param name           as for dalloc_agent_attach
 * @param buffer         holds operations between two polls; the recorder's until dalloc_agent_deinit
 * @param bytes          of `buffer`: 64 to 2560. dalloc_agent_config_t.transmit_size must be bytes * 3 / 2 + 224 at least
 * @return as for dalloc_agent_attach, or DALLOC_AGENT_ERROR_RECORDER_BUFFER
 */
dalloc_agent_error_t dalloc_agent_attach_with_buffer(dalloc_agent_t *agent, dalloc_recorder_t *recorder, heap_t *heap,
                                                     const char *name, uint8_t *buffer, uint32_t bytes);

/**
 * @brief Ends an agent: its heaps are recorded no more, and all that it used is yours again.
 *
 * What the collector does not have yet is lost, but for an agent with a spool, which keeps it there: before, call
 * dalloc_agent_flush, and poll until dalloc_agent_is_drained.
 *
 * Context: the task that polls. It locks each heap for a moment.
 *
 * @param agent  the agent; NULL, and one that was not started (zeroed memory) or has ended, are no mistake
 */
void dalloc_agent_deinit(dalloc_agent_t *agent);

/**
 * @brief Gathers what was recorded, and exchanges bytes with the collector.
 *
 * Call it often: every 10 ms or so. It never blocks, but for the lock of a heap. It reads about 128 bytes and writes
 * about 4096 at most, and cuts at most two frames of each heap, which takes two looks at each entry of its
 * table, and a third one where these are a DELTA and a KEYFRAME.
 *
 * Context: one task, best of the lowest priority above idle; or the main loop.
 *
 * @param agent  the agent; with NULL, or one that was not started, it does nothing
 */
void dalloc_agent_poll(dalloc_agent_t *agent);

/**
 * @brief Lets the next polls send what is recorded, without waiting for the interval: before a planned reset or a
 * long sleep.
 *
 * Context: the task that polls.
 *
 * @param agent  the agent; with NULL it does nothing
 */
void dalloc_agent_flush(dalloc_agent_t *agent);

/**
 * @brief Whether everything recorded so far is on the collector's disk; on a one-way line: on the line.
 *
 * Context: the task that polls.
 *
 * @param agent  the agent; NULL has nothing to send
 * @return true when nothing is left to send or to wait for
 */
bool dalloc_agent_is_drained(const dalloc_agent_t *agent);

/**
 * @brief What was sent, repeated and lost.
 *
 * Context: the task that polls.
 *
 * @param agent  the agent; NULL has sent nothing
 * @return a copy of its counters
 */
dalloc_agent_counters_t dalloc_agent_counters(const dalloc_agent_t *agent);

/** @cond INTERNAL */

/* Compiled with the program: the library does not know how large its recorders are. */
#if !defined(DALLOC_LIBRARY_BUILD) && !defined(__swift__)
static inline dalloc_agent_error_t dalloc_agent_attach(dalloc_agent_t *agent, dalloc_recorder_t *recorder, heap_t *heap,
                                                       const char *name) {
    return dalloc_agent_attach_with_buffer(agent, recorder, heap, name, recorder != NULL ? recorder->buffer : NULL,
                                           DALLOC_RECORDER_BYTES);
}
#endif

/** @endcond */

#ifdef __cplusplus
}
#endif

#include "dalloc_agent_chunk.h"
#include "dalloc_agent_spool.h"
#include "dalloc_agent_summary.h"

#endif /* DALLOC_AGENT_H */
