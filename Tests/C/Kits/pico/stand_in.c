/*
 * stand_in.c - a PL011 with a FIFO of 32 bytes, whose interrupt for transmission comes when the FIFO falls to 4 bytes, and not before
 * anything was put in.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "stand_in.h"

#include "hardware/gpio.h"
#include "hardware/irq.h"
#include "hardware/uart.h"
#include "pico/mutex.h"
#include "pico/rand.h"
#include "pico/time.h"
#include "pico/unique_id.h"

#define FIFO 32
#define MARK 4

struct uart_inst {
    uart_hw_t hw;
};
static struct uart_inst uart;
uart_inst_t *const stand_in_uart0 = &uart;
stand_in_t stand_in;

static irq_handler_t handler;
static bool is_enabled, sends, is_being_written;
static uint32_t fifo;
static uint64_t microseconds;

/* What the program has put into the data register since. */
static void settle(void) {
    if (is_being_written && stand_in.sent < sizeof stand_in.out) {
        stand_in.out[stand_in.sent++] = (uint8_t)uart.hw.dr;
        fifo++;
    }
    is_being_written = false;
}

uart_hw_t *uart_get_hw(uart_inst_t *instance) {
    settle();
    is_being_written = true;
    return &instance->hw;
}
bool uart_is_writable(uart_inst_t *instance) { return (void)instance, settle(), fifo < FIFO; }
bool uart_is_readable(uart_inst_t *instance) { return (void)instance, false; }
unsigned int uart_init(uart_inst_t *instance, unsigned int baud) { return (void)instance, baud; }
void uart_set_fifo_enabled(uart_inst_t *instance, bool enabled) { (void)instance, (void)enabled; }
void uart_set_irq_enables(uart_inst_t *instance, bool receiver, bool sender) {
    (void)instance, (void)receiver;
    settle();
    sends = sender;
}
void irq_set_exclusive_handler(unsigned int number, irq_handler_t function) {
    (void)number;
    handler = function;
}
void irq_set_enabled(unsigned int number, bool enabled) {
    (void)number;
    is_enabled = enabled;
}
void gpio_set_function(unsigned int pin, unsigned int function) { (void)pin, (void)function; }

void stand_in_pass_time(uint32_t bytes) {
    settle();
    for (; bytes > 0; bytes--) {
        bool falls = fifo == MARK + 1;
        if (fifo > 0) fifo--;
        if (falls && sends && is_enabled && handler != 0) handler();
    }
}

void recursive_mutex_init(recursive_mutex_t *mutex) { mutex->depth = 0; }
void recursive_mutex_enter_blocking(recursive_mutex_t *mutex) { mutex->depth++; }
void recursive_mutex_exit(recursive_mutex_t *mutex) { mutex->depth--; }
uint32_t get_rand_32(void) { return 42; }
uint64_t time_us_64(void) { return microseconds; }
void sleep_ms(uint32_t milliseconds) { microseconds += (uint64_t)milliseconds * 1000; }
void pico_get_unique_board_id_string(char *text, unsigned int size) {
    for (unsigned int index = 0; index + 1 < size; index++) text[index] = "0123456789abcdef"[index % 16];
    text[size - 1] = 0;
}
