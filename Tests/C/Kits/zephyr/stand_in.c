/*
 * stand_in.c - a kernel with one thread, and a UART with a FIFO of 4 bytes each way, whose interrupt the test calls.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "stand_in.h"

#include <zephyr/drivers/hwinfo.h>
#include <zephyr/drivers/uart.h>
#include <zephyr/random/random.h>
#include <zephyr/sys/heap_listener.h>
#include <zephyr/sys/printk.h>

#define FIFO 4

const struct device stand_in_uart = {"uart"};
stand_in_line_t stand_in_line;
struct k_heap _system_heap;

static struct {
    uart_irq_callback_user_data_t callback;
    void *context;
    bool sends, receives;
} irq;
static int64_t milliseconds;
static uint32_t fifo_sent, fifo_received;

bool device_is_ready(const struct device *device) { return device == &stand_in_uart && !stand_in_line.is_broken; }

int uart_irq_callback_user_data_set(const struct device *dev, uart_irq_callback_user_data_t callback, void *user_data) {
    (void)dev;
    irq.callback = callback;
    irq.context = user_data;
    return 0;
}
int uart_irq_update(const struct device *dev) { return dev == &stand_in_uart; }
int uart_irq_rx_ready(const struct device *dev) { return (void)dev, irq.receives && fifo_received > 0; }
int uart_irq_tx_ready(const struct device *dev) { return (void)dev, irq.sends && fifo_sent < FIFO; }
int uart_irq_is_pending(const struct device *dev) { return uart_irq_rx_ready(dev) || uart_irq_tx_ready(dev); }
void uart_irq_rx_enable(const struct device *dev) { (void)dev, irq.receives = true; }
void uart_irq_rx_disable(const struct device *dev) { (void)dev, irq.receives = false; }
void uart_irq_tx_enable(const struct device *dev) { (void)dev, irq.sends = true; }
void uart_irq_tx_disable(const struct device *dev) { (void)dev, irq.sends = false; }

int uart_fifo_fill(const struct device *dev, const uint8_t *bytes, int size) {
    int taken = 0;
    (void)dev;
    while (taken < size && fifo_sent < FIFO && stand_in_line.sent < sizeof stand_in_line.out) {
        stand_in_line.out[stand_in_line.sent++] = bytes[taken++];
        fifo_sent++;
    }
    return taken;
}

int uart_fifo_read(const struct device *dev, uint8_t *bytes, const int size) {
    int taken = 0;
    (void)dev;
    while (taken < size && fifo_received > 0) {
        bytes[taken++] = stand_in_line.in[stand_in_line.received++ % sizeof stand_in_line.in];
        fifo_received--;
    }
    return taken;
}

uint32_t stand_in_pass_time(uint32_t bytes) {
    uint32_t interrupts = 0;
    for (; bytes > 0; bytes--) {
        if (fifo_sent > 0) fifo_sent--;
        if (stand_in_line.arrived < stand_in_line.arriving && fifo_received < FIFO) stand_in_line.arrived++, fifo_received++;
        if (!uart_irq_is_pending(&stand_in_uart) || irq.callback == 0) continue;
        irq.callback(&stand_in_uart, irq.context);
        interrupts++;
    }
    return interrupts;
}

bool atomic_cas(atomic_t *target, long old_value, long new_value) {
    if (*target != old_value) return false;
    *target = new_value;
    return true;
}
long atomic_set(atomic_t *target, long value) {
    long old = *target;
    *target = value;
    return old;
}
int k_mutex_init(struct k_mutex *mutex) { return mutex->depth = 0; }
int k_mutex_lock(struct k_mutex *mutex, k_timeout_t timeout) { return (void)timeout, mutex->depth++, 0; }
int k_mutex_unlock(struct k_mutex *mutex) { return mutex->depth > 0 ? mutex->depth--, 0 : -1; }
int64_t k_uptime_get(void) { return milliseconds; }
unsigned int irq_lock(void) { return 0; }
void irq_unlock(unsigned int key) { (void)key; }
uint32_t sys_rand32_get(void) { return 42; }
void printk(const char *format, ...) { stand_in_line.message = format; }
void heap_listener_register(struct heap_listener *listener) { (void)listener; }
size_t sys_heap_usable_size(struct sys_heap *heap, void *mem) { return (void)heap, (void)mem, 8; }
ssize_t hwinfo_get_device_id(uint8_t *buffer, size_t length) {
    for (size_t index = 0; index < length && index < 4; index++) buffer[index] = (uint8_t)(0xA0 + index);
    return 4;
}

int32_t k_msleep(int32_t duration) {
    milliseconds += duration;
    if (stand_in_line.after_sleep != 0) stand_in_line.after_sleep();
    return 0;
}
