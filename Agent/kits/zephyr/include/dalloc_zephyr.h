/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file dalloc_zephyr.h
 * @brief The heap and the agent that the module makes, as Kconfig says.
 *
 * With the defaults, an application does nothing but use the heap:
 *
 * @code{.c}
 * #include "dalloc_zephyr.h"
 *
 * static void *message;
 *
 * int main(void) {
 *     dalloc(dalloc_zephyr_heap(), 64, &message);
 *     dfree(dalloc_zephyr_heap(), &message, USING_PTR_ADDRESS);
 *     return 0;
 * }
 * @endcode
 */
#ifndef DALLOC_ZEPHYR_H
#define DALLOC_ZEPHYR_H

#include "dalloc.h"

#ifdef CONFIG_DALLOC_AGENT
#include "dalloc_agent.h"
#endif

#ifdef __cplusplus
extern "C" {
#endif

#ifdef CONFIG_DALLOC_HEAP
/**
 * @brief The module's heap: CONFIG_DALLOC_HEAP_BYTES, made before main.
 *
 * Context: any thread; from SYS_INIT, the level APPLICATION, after the priority 80.
 *
 * @return the heap, never NULL
 */
heap_t *dalloc_zephyr_heap(void);
#endif

#ifdef CONFIG_DALLOC_AGENT
/**
 * @brief The agent: to attach heaps of your own, to read its counters, and to poll it without CONFIG_DALLOC_THREAD.
 *
 * Context: any. Functions of the agent must not overlap: with CONFIG_DALLOC_THREAD, call them between dalloc_zephyr_lock and
 * dalloc_zephyr_unlock.
 *
 * @return the agent, never NULL
 */
dalloc_agent_t *dalloc_zephyr_agent(void);

/**
 * @brief Starts the agent: on its line, with the module's heap attached. With CONFIG_DALLOC_THREAD the thread does that.
 *
 * Context: the thread that polls.
 *
 * @return what dalloc_agent_init or dalloc_agent_attach returned; DALLOC_AGENT_ERROR_LINK when the UART is not ready
 */
dalloc_agent_error_t dalloc_zephyr_start(void);

#ifdef CONFIG_DALLOC_THREAD
/** @brief Keeps the thread from polling. Context: any thread, for a moment only. */
void dalloc_zephyr_lock(void);

/** @brief Lets it poll again. Context: the thread that called dalloc_zephyr_lock. */
void dalloc_zephyr_unlock(void);
#endif

#ifdef CONFIG_DALLOC_UART
/**
 * @brief The line over the UART that the devicetree chooses as dalloc,uart.
 *
 * Context: the thread that polls.
 *
 * @param[out] link  what config.link becomes
 * @return false when the UART is not ready, or has no interrupts
 */
bool dalloc_zephyr_uart_link(dalloc_link_t *link);
#else
/**
 * @brief The line of an agent without CONFIG_DALLOC_UART: defined by the application.
 *
 * Context: the thread that polls, once.
 *
 * @param[out] link  what config.link becomes
 * @return false when there is none
 */
bool dalloc_zephyr_link(dalloc_link_t *link);
#endif

/**
 * @brief Another number after every reset. With CONFIG_DALLOC_BOOT_ID_CUSTOM defined by the application.
 *
 * Context: the thread that polls, once.
 *
 * @return config.boot_id
 */
uint32_t dalloc_zephyr_boot_id(void);
#endif

#ifdef __cplusplus
}
#endif

#endif /* DALLOC_ZEPHYR_H */
