/*
 * dalloc_zephyr_agent.c - the agent as Kconfig describes it, and the thread that polls it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <zephyr/kernel.h>
#include <zephyr/sys/printk.h>

#include "dalloc_zephyr.h"

#ifdef CONFIG_DALLOC_BOOT_ID_RANDOM
#include <zephyr/random/random.h>
#endif
#ifdef CONFIG_HWINFO
#include <zephyr/drivers/hwinfo.h>
#endif
#ifdef CONFIG_DALLOC_WATCH_SYSTEM_HEAP
#include "dalloc_watch_zephyr.h"
#endif

DALLOC_AGENT_TRANSMIT_BUFFER(transmit_buffer, CONFIG_DALLOC_TRANSMIT_BYTES);
static dalloc_agent_t agent;

#ifdef CONFIG_DALLOC_HEAP
static dalloc_recorder_t recorder;
#endif

#ifdef CONFIG_DALLOC_WATCH_SYSTEM_HEAP
extern struct k_heap _system_heap;
DALLOC_WATCH_ZEPHYR(system_watch, CONFIG_HEAP_MEM_POOL_SIZE);
#endif

dalloc_agent_t *dalloc_zephyr_agent(void) { return &agent; }

#ifdef CONFIG_DALLOC_BOOT_ID_RANDOM
uint32_t dalloc_zephyr_boot_id(void) { return sys_rand32_get(); }
#endif

/* In a heap's lock, of any thread. */
static uint64_t now(void *context) {
    (void)context;
    return (uint64_t)k_uptime_get();
}

static const char *device_id(void) {
    static char text[2 * 16 + 1];
    if (sizeof CONFIG_DALLOC_DEVICE_ID > 1) return CONFIG_DALLOC_DEVICE_ID;
#ifdef CONFIG_HWINFO
    static const char digits[] = "0123456789abcdef";
    uint8_t id[16];
    ssize_t count = hwinfo_get_device_id(id, sizeof id);
    for (ssize_t index = 0; index < count; index++) {
        text[2 * index] = digits[id[index] >> 4];
        text[2 * index + 1] = digits[id[index] & 15];
    }
#endif
    return text[0] != 0 ? text : CONFIG_BOARD;
}

static dalloc_agent_error_t start(void) {
    dalloc_agent_config_t config = {0};
    config.device_id = device_id();
    config.build = CONFIG_DALLOC_BUILD;
    config.boot_id = dalloc_zephyr_boot_id();
    config.ticks_per_second = 1000;
    config.now64 = now;
    config.transmit_buffer = transmit_buffer;
    config.transmit_size = sizeof transmit_buffer;
    config.frame_interval = CONFIG_DALLOC_FRAME_INTERVAL_MS;
    config.heartbeat_interval = CONFIG_DALLOC_HEARTBEAT_INTERVAL_MS;
    config.keyframe_interval = CONFIG_DALLOC_KEYFRAME_INTERVAL_MS;
    config.reply_timeout = CONFIG_DALLOC_REPLY_TIMEOUT_MS;
#ifdef CONFIG_DALLOC_UART
    if (!dalloc_zephyr_uart_link(&config.link)) return DALLOC_AGENT_ERROR_LINK;
#else
    if (!dalloc_zephyr_link(&config.link)) return DALLOC_AGENT_ERROR_LINK;
#endif
    dalloc_agent_error_t error = dalloc_agent_init(&agent, &config);
#ifdef CONFIG_DALLOC_HEAP
    if (error == DALLOC_AGENT_OK) error = dalloc_agent_attach(&agent, &recorder, dalloc_zephyr_heap(), CONFIG_DALLOC_HEAP_NAME);
#endif
#ifdef CONFIG_DALLOC_WATCH_SYSTEM_HEAP
    if (error == DALLOC_AGENT_OK) error = dalloc_watch_zephyr_begin(&agent, &system_watch, "k_malloc", &_system_heap.heap);
#endif
    return error;
}

dalloc_agent_error_t dalloc_zephyr_start(void) {
    dalloc_agent_error_t error = start();
    if (error != DALLOC_AGENT_OK) printk("dalloc: %s\n", dalloc_agent_error_text(error));
    return error;
}

#ifdef CONFIG_DALLOC_THREAD

static K_MUTEX_DEFINE(polling);

void dalloc_zephyr_lock(void) { (void)k_mutex_lock(&polling, K_FOREVER); }

void dalloc_zephyr_unlock(void) { (void)k_mutex_unlock(&polling); }

static void poll(void *first, void *second, void *third) {
    (void)first, (void)second, (void)third;
    dalloc_zephyr_lock();
    dalloc_agent_error_t error = dalloc_zephyr_start();
    dalloc_zephyr_unlock();
    while (error == DALLOC_AGENT_OK) {
        dalloc_zephyr_lock();
        dalloc_agent_poll(&agent);
        dalloc_zephyr_unlock();
        k_msleep(CONFIG_DALLOC_POLL_INTERVAL_MS);
    }
}

K_THREAD_DEFINE(dalloc_agent_thread, CONFIG_DALLOC_THREAD_STACK_BYTES, poll, NULL, NULL, NULL, CONFIG_DALLOC_THREAD_PRIORITY, 0, 0);

#endif
