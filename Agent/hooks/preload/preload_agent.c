/* SPDX-License-Identifier: Apache-2.0 */
/*
 * preload_agent.c - one agent in a process, polled by a thread of its own and, when the recorder fills up faster, by the thread that
 * fills it.
 *
 * Two locks: preload_lock around the table and the watch, and `polling` around the agent. Towards a file, preload_lock is taken first,
 * always: nothing is recorded while a frame is written, so nothing is lost. Towards a collector a poll may look up a name for seconds;
 * so it is done without preload_lock, and an allocating thread only tries `polling`.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "dalloc_posix_link.h"
#include "preload.h"
#include "preload_table.h"

#define HALF_FULL (DALLOC_RECORDER_BYTES / 2)

static dalloc_agent_t agent;
DALLOC_AGENT_TRANSMIT_BUFFER(transmit_buffer, 4 << 20); /* two million operations; memory only as far as it is used */
static pthread_mutex_t polling = PTHREAD_MUTEX_INITIALIZER;
static bool is_running; /* with preload_lock */
static bool is_ending;
static char device[65];

static uint64_t microseconds(void *context) {
    (void)context;
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static void rest(long milliseconds) {
    struct timespec time = {0, milliseconds * 1000000};
    (void)nanosleep(&time, NULL);
}

static void lock(void *context) { (void)pthread_mutex_lock(context); }

static void unlock(void *context) { (void)pthread_mutex_unlock(context); }

static void *run(void *context) {
    (void)context;
    while (!__atomic_load_n(&is_ending, __ATOMIC_RELAXED)) {
        rest(10);
        bool is_file = preload_line_is_file();
        if (is_file) lock(&preload_lock);
        lock(&polling);
        preload_line_may_connect(true);
        dalloc_agent_poll(&agent);
        unlock(&polling);
        if (is_file) unlock(&preload_lock);
    }
    return NULL;
}

/* With preload_lock and without `polling`. False when somebody else polls. More turns than `most` are of no use when there is no
 * room for frames. */
static bool poll_here(bool (*is_enough)(void), int most) {
    if (pthread_mutex_trylock(&polling) != 0) return false;
    preload_line_may_connect(false);
    for (int turn = 0; turn < most && !is_enough(); turn++) {
        dalloc_agent_flush(&agent);
        dalloc_agent_poll(&agent);
    }
    unlock(&polling);
    return true;
}

static bool has_room(void) { return preload_watch.recorder.used < HALF_FULL; }

static bool is_empty(void) { return preload_watch.recorder.count == 0 && preload_watch.recorder.lost == 0; }

static bool is_listed(void) { return !preload_watch.recorder.wants_keyframe; }

void preload_recorded(void) {
    if (is_running && !has_room()) (void)poll_here(has_room, 8);
}

uint32_t preload_cut_frame(void) {
    return poll_here(is_empty, 8) && is_empty() ? preload_watch.recorder.frame_sequence : 0;
}

/* With preload_lock. False, with a message, when there is nothing to record for. */
static bool start(void) {
    dalloc_agent_config_t config = {0};
    dalloc_watch_config_t heap = {0};
    (void)memset(&agent, 0, sizeof agent);
    (void)memset(&preload_watch, 0, sizeof preload_watch);
    if (!preload_line_open(getenv("DALLOC_PRELOAD"), &config.link)) return false;
    preload_truth_open();
    config.device_id = device;
    config.boot_id = dalloc_posix_random();
    config.ticks_per_second = 1000000;
    config.now64 = microseconds;
    config.transmit_buffer = transmit_buffer;
    config.transmit_size = sizeof transmit_buffer;
    config.frame_interval = 100000; /* a program may be killed at any time */
    heap.name = "malloc";
    heap.alignment = 16;
    heap.blocks = PRELOAD_TABLE_BLOCKS;
    heap.call_sites = true;
    heap.lock = lock;
    heap.unlock = unlock;
    heap.lock_context = &preload_lock;
    heap.next = preload_next;
    if (dalloc_agent_init(&agent, &config) != DALLOC_AGENT_OK) return false; /* it has said why */
    if (dalloc_agent_watch(&agent, &preload_watch, &heap) != DALLOC_AGENT_OK) return false;
    /* A recording is complete from its beginning, however soon the program ends. */
    if (preload_line_is_file()) (void)poll_here(is_listed, PRELOAD_TABLE_BLOCKS);

    /* The program's signals are the program's. */
    sigset_t all, before;
    pthread_attr_t attributes;
    pthread_t thread;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    (void)pthread_attr_init(&attributes);
    (void)pthread_attr_setstacksize(&attributes, 256 * 1024);
    (void)pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    preload_set_state(PRELOAD_WATCHING);
    is_running = true;
    int error = pthread_create(&thread, &attributes, run, NULL);
    (void)pthread_attr_destroy(&attributes);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (error != 0) (void)dalloc_preload_message("dalloc-preload: no thread: %s\n", strerror(error));
    return error == 0;
}

static void start_or_stop(void) {
    if (!start()) {
        is_running = false;
        preload_set_state(PRELOAD_OFF);
    }
}

/* MARK: Fork: the child has a copy of the table, and no thread of ours. */

static void before_fork(void) { lock(&preload_lock); }

static void in_parent(void) { unlock(&preload_lock); }

static void in_child(void) {
    /* The thread that holds them has another number here, and could not unlock them. */
    preload_lock = (pthread_mutex_t)PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
    polling = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
    bool was_running = is_running;
    is_running = false;
    is_ending = false;
    preload_line_forget();
    preload_truth_forget();
    preload_set_state(PRELOAD_OFF);
    const char *children = getenv("DALLOC_PRELOAD_CHILDREN");
    if (!was_running || children == NULL || strcmp(children, "1") != 0) return;
    char number[24];
    int length = snprintf(number, sizeof number, "-%ld", (long)getpid());
    size_t kept = strnlen(device, sizeof device - 1 - (size_t)length);
    (void)memcpy(device + kept, number, (size_t)length + 1);
    lock(&preload_lock);
    preload_set_state(PRELOAD_TABLE_ONLY);
    start_or_stop();
    unlock(&preload_lock);
}

/* MARK: Life */

__attribute__((constructor)) static void begin(void) {
    const char *target = getenv("DALLOC_PRELOAD");
    const char *name = getenv("DALLOC_PRELOAD_DEVICE");
    if (target == NULL || *target == 0) {
        preload_set_state(PRELOAD_OFF);
        return;
    }
    if (name != NULL && *name != 0)
        (void)snprintf(device, sizeof device, "%s", name);
    else
        (void)snprintf(device, sizeof device, "%.40s-%ld", program_invocation_short_name, (long)getpid());
    (void)pthread_atfork(before_fork, in_parent, in_child);
    lock(&preload_lock);
    start_or_stop();
    unlock(&preload_lock);
}

/* Brings what is left to the line. It takes a second at most, also when the collector is away. */
__attribute__((destructor)) static void end(void) {
    uint64_t limit = microseconds(NULL) + 1000000;
    struct timespec until;
    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec++;
    __atomic_store_n(&is_ending, true, __ATOMIC_RELAXED);
    bool is_file = preload_line_is_file();
    if (!is_running || (is_file && pthread_mutex_timedlock(&preload_lock, &until) != 0)) return;
    if (pthread_mutex_timedlock(&polling, &until) == 0) {
        preload_line_may_connect(true);
        do {
            dalloc_agent_flush(&agent);
            dalloc_agent_poll(&agent);
            if (dalloc_agent_is_drained(&agent)) break;
            rest(1);
        } while (microseconds(NULL) < limit);
        unlock(&polling);
    }
    if (!is_file) return;
    preload_set_state(PRELOAD_OFF);
    unlock(&preload_lock);
}
