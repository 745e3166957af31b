/* SPDX-License-Identifier: Apache-2.0 */
/* hardware/uart.h - what the kit uses of the Pico SDK, with its signatures. */
#ifndef STAND_IN_HARDWARE_UART_H
#define STAND_IN_HARDWARE_UART_H

#include <stdbool.h>
#include <stdint.h>

typedef struct uart_inst uart_inst_t;
/* Its data register. A function finds it, so that the test can tell one access from another. */
typedef struct {
    uint32_t dr;
} uart_hw_t;
extern uart_inst_t *const stand_in_uart0;
#define uart0 stand_in_uart0
#define UART_IRQ_NUM(uart) ((void)(uart), 20u)

uart_hw_t *uart_get_hw(uart_inst_t *uart);
unsigned int uart_init(uart_inst_t *uart, unsigned int baud);
bool uart_is_writable(uart_inst_t *uart);
bool uart_is_readable(uart_inst_t *uart);
void uart_set_fifo_enabled(uart_inst_t *uart, bool enabled);
void uart_set_irq_enables(uart_inst_t *uart, bool receives, bool sends);

#endif
