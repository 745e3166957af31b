/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file dalloc_agent_summary.h
 * @brief Tells of a heap in summaries, where each byte costs: 50 to 130 bytes a minute instead of 2 an operation. Included by
 * dalloc_agent.h.
 *
 * A summary has the heap's figures, its totals, its peak, and who allocated how much since the one before. The last
 * operations stay in the recorder, as in a flight recorder. When an allocation fails, they are sent at once, and the
 * whole table after them. The same happens when the collector asks for it.
 *
 * `dalloc detail DEVICE summary` at the collector switches a device over, and `dalloc detail DEVICE full` back. Before
 * it hears of either, or where it hears nothing, the level is the one of dalloc_agent_set_level.
 *
 * @code{.c}
 * #include "dalloc_agent.h"
 *
 * int32_t uart_write(void *context, const uint8_t *bytes, uint32_t count); // the board's, as in dalloc_agent.h
 * int32_t uart_read(void *context, uint8_t *bytes, uint32_t count);
 * uint32_t milliseconds(void *context);
 * uint32_t boot_number(void);
 *
 * DALLOC_AGENT_TRANSMIT_BUFFER(transmit_buffer, 1024);
 * static uint8_t memory[8192] __attribute__((aligned(8)));
 * static heap_t heap;
 * static dalloc_recorder_t recorder;
 * static dalloc_agent_t agent;
 * static dalloc_summary_t summary;
 * static dalloc_sum_t sums[8];
 * static void *message;
 *
 * int main(void) {
 *     dalloc_agent_config_t config = {0};
 *     dalloc_summary_config_t summarized = {0};
 *     config.device_id = "pump-17";
 *     config.boot_id = boot_number();
 *     config.ticks_per_second = 1000;
 *     config.now = milliseconds;
 *     config.link.write = uart_write;
 *     config.link.read = uart_read;
 *     config.transmit_buffer = transmit_buffer;
 *     config.transmit_size = sizeof transmit_buffer;
 *     summarized.sums = sums;
 *     summarized.sum_count = sizeof sums / sizeof sums[0];
 *
 *     heap_init(&heap, memory, sizeof memory);
 *     dalloc_agent_error_t error = dalloc_agent_init(&agent, &config);
 *     if (error == DALLOC_AGENT_OK) error = dalloc_agent_attach(&agent, &recorder, &heap, "main");
 *     if (error == DALLOC_AGENT_OK) error = dalloc_agent_summarize(&agent, &recorder, &summary, &summarized);
 *     if (error != DALLOC_AGENT_OK) return 1; // dalloc_agent_error_text(error) says what to do
 *     dalloc_agent_set_level(&agent, DALLOC_AGENT_SUMMARIES); // from the start
 *
 *     for (;;) {
 *         dalloc(&heap, 64, &message);
 *         dfree(&heap, &message, USING_PTR_ADDRESS);
 *         dalloc_agent_poll(&agent);
 *     }
 * }
 * @endcode
 *
 * A watched heap has a recorder, too: `&watch.recorder`.
 */
#ifndef DALLOC_AGENT_SUMMARY_H
#define DALLOC_AGENT_SUMMARY_H

#include "dalloc_agent.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Most sums that a summary keeps. */
#define DALLOC_SUMMARY_SUMS_MAX 16

/** How much an agent tells of heaps that have a summary. All others are told of in full. */
typedef enum {
    DALLOC_AGENT_FULL = 0,     /**< all operations */
    DALLOC_AGENT_SUMMARIES = 1 /**< summaries */
} dalloc_agent_level_t;

/** What allocations came to that have a tag in common. */
typedef struct {
    uint64_t bytes;       /**< that they asked for */
    uintptr_t tag;        /**< where they were called, with USE_CALL_SITES; else the variable that owns them */
    uint32_t allocations; /**< how many there were */
} dalloc_sum_t;

/** How a heap is summarized. Zero it, then set what you need: fields may be added. */
typedef struct {
    /** Room for so many sums since the last summary; borrowed until dalloc_agent_deinit. The first tags that allocate get
     * them, all others are one sum together. NULL: there is only that. */
    dalloc_sum_t *sums;
    uint8_t sum_count; /**< of them: 0 to DALLOC_SUMMARY_SUMS_MAX. Each recorded allocation looks at all of them */
    uint32_t interval; /**< ticks from one summary to the next, up to 2^31 - 1; 0: the agent's keyframe_interval, a minute
                            by default */
} dalloc_summary_config_t;

/** What summarizes one heap: a variable of yours, whose fields are the library's. It takes 40 bytes on 32-bit targets. */
typedef struct dalloc_summary dalloc_summary_t;

/**
 * @brief Lets a heap be told of in summaries. It is told of in full until somebody asks for summaries.
 *
 * A refusal is also reported through dalloc_debug, in the words of dalloc_agent_error_text, and changes nothing.
 *
 * Context: the task that polls. It locks the heap for a moment.
 *
 * @param agent         the agent
 * @param recorder      the heap's recorder, which is attached to this agent; or &watch.recorder
 * @param[out] summary  summarizes this heap and no other; must stay where it is until dalloc_agent_deinit
 * @param config        copied, but not what it points to
 * @return DALLOC_AGENT_OK; DALLOC_AGENT_ERROR_NULL, or DALLOC_AGENT_ERROR_SUMMARY when the recorder is not attached to this
 *         agent or has a summary already, or sums or sum_count is out of range
 */
dalloc_agent_error_t dalloc_agent_summarize(dalloc_agent_t *agent, dalloc_recorder_t *recorder, dalloc_summary_t *summary,
                                            const dalloc_summary_config_t *config);

/**
 * @brief How much to tell from now on, until the collector asks for something else.
 *
 * Going over to summaries costs nothing. Back in full, the whole table is sent first.
 *
 * Context: the task that polls.
 *
 * @param agent  the agent; with NULL it does nothing. dalloc_agent_init sets it to DALLOC_AGENT_FULL
 * @param level  the level; one that is not known does nothing
 */
void dalloc_agent_set_level(dalloc_agent_t *agent, dalloc_agent_level_t level);

/** @cond INTERNAL */

struct dalloc_summary {
    dalloc_summary_config_t config;
    /* Records an operation's sums, and makes room for it in the recorder. For watched heaps, which call it by this pointer so that
     * firmware without summaries has no flash for them. */
    bool (*keep)(dalloc_recorder_t *recorder, uint8_t kind, uint32_t size, uintptr_t tag);
    uint64_t other_bytes;
    uint32_t other_allocations;
    uint32_t older_tick;     /* when the older half of the recorder begins */
    uint16_t older_used;     /* bytes of the older half */
    uint16_t older_count;    /* operations of the older half */
    uint8_t count;           /* sums that are in use */
    bool is_upper;           /* operations go into the upper half now */
    bool failed;             /* an allocation has failed: the summary is due */
    bool has_failed;         /* that was told since the last summary of a whole interval */
};

/** @endcond */

#ifdef __cplusplus
}
#endif

#endif /* DALLOC_AGENT_SUMMARY_H */
