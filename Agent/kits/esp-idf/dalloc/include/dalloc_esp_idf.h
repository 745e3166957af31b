/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file dalloc_esp_idf.h
 * @brief The heap and the agent that the component makes, as menuconfig says.
 *
 * @code{.c}
 * #include "dalloc_esp_idf.h"
 *
 * static void *message;
 *
 * void app_main(void) {
 *     if (dalloc_esp_idf_start("1.0.0") != DALLOC_AGENT_OK) return; // the log says why
 *     dalloc(dalloc_esp_idf_heap(), 64, &message);
 *     dfree(dalloc_esp_idf_heap(), &message, USING_PTR_ADDRESS);
 * }
 * @endcode
 */
#ifndef DALLOC_ESP_IDF_H
#define DALLOC_ESP_IDF_H

#include "dalloc_agent.h"
#include "sdkconfig.h"

#ifdef __cplusplus
extern "C" {
#endif

#if CONFIG_DALLOC_HEAP_BYTES > 0
/**
 * @brief The component's heap, of CONFIG_DALLOC_HEAP_BYTES.
 *
 * Context: any task, after dalloc_esp_idf_start.
 *
 * @return the heap, never NULL
 */
heap_t *dalloc_esp_idf_heap(void);
#endif

/**
 * @brief Makes the heap, starts the agent on its line, and starts a task that polls it.
 *
 * Context: app_main, once. The heap is there also when the agent is refused.
 *
 * @param build  the firmware's build, such as "1.4.2"; up to 64 bytes, borrowed for good; NULL: none
 * @return DALLOC_AGENT_OK, or what is wrong, which is logged, too: DALLOC_AGENT_ERROR_LINK when the driver of the line refuses. When
 *         there is no memory for the task, the agent is ended, and DALLOC_AGENT_ERROR_NOT_STARTED is returned
 */
dalloc_agent_error_t dalloc_esp_idf_start(const char *build);

/**
 * @brief The agent: to attach heaps of your own, or to read its counters.
 *
 * Context: between dalloc_esp_idf_lock and dalloc_esp_idf_unlock, so that the task does not poll meanwhile.
 *
 * @return the agent, never NULL
 */
dalloc_agent_t *dalloc_esp_idf_agent(void);

/** @brief Keeps the task from polling. Context: any task, for a moment only, after dalloc_esp_idf_start. */
void dalloc_esp_idf_lock(void);

/** @brief Lets it poll again. Context: the task that called dalloc_esp_idf_lock. */
void dalloc_esp_idf_unlock(void);

/**
 * @brief The line to the collector. With CONFIG_DALLOC_LINE_CUSTOM defined by the application, else the component's own.
 *
 * Context: dalloc_esp_idf_start.
 *
 * @param[out] link  what config.link becomes
 * @return false when there is none
 */
bool dalloc_esp_idf_link(dalloc_link_t *link);

#ifdef __cplusplus
}
#endif

#endif /* DALLOC_ESP_IDF_H */
