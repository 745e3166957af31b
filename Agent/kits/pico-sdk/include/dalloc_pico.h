/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file dalloc_pico.h
 * @brief What an agent needs of the Pico SDK: a line over a UART, a clock, an id and a boot id.
 */
#ifndef DALLOC_PICO_H
#define DALLOC_PICO_H

#include "dalloc_agent.h"
#include "hardware/uart.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @brief The line over a UART, through rings that its interrupt empties and fills.
 *
 * One UART at a time. uart_init and the pins (gpio_set_function) are the program's, before this; so is nothing else of the UART
 * afterwards. Its interrupt is handled on the core that calls this.
 *
 * Context: the core that polls.
 *
 * @param uart  uart0 or uart1
 * @return the value for config.link
 */
dalloc_link_t dalloc_pico_uart_link(uart_inst_t *uart);

/**
 * @brief Fills in what the chip knows: device_id (that of the flash), boot_id (random), and the clock, in microseconds since reset.
 *
 * Context: any, before dalloc_agent_init.
 *
 * @param[in,out] config  zeroed, or with fields that this leaves alone
 */
void dalloc_pico_configure(dalloc_agent_config_t *config);

#ifdef __cplusplus
}
#endif

#endif /* DALLOC_PICO_H */
