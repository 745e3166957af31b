/*
 * main.c - a sensor node: readings become messages, messages wait in a queue for the radio, and a log grows until it is full.
 * Everything of varying size is in one heap, the default one.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stddef.h>
#include <string.h>
#include "board.h"
#include "dalloc.h"
#include "random.h"
#include "watch.h"

#define QUEUE_LENGTH 24
#define LOG_LIMIT 1024

static uint8_t heap_memory[4096] __attribute__((aligned(8)));

typedef struct {
    uint32_t time;
    uint16_t channel, samples;
    int16_t values[];
} message_t;

/* Messages for the radio; NULL where there is none. Each place owns its message, wherever compaction moves that. */
static message_t *queue[QUEUE_LENGTH];
static uint32_t queue_first, queue_count;

static char *log_text;
static uint32_t log_length;

/* Appends a line; starts again when the log is full. The heap makes room behind the log by moving what is there. */
static void log_event(const char *what) {
    uint32_t length = (uint32_t)strlen(what);
    if (log_text != NULL && log_length + length > LOG_LIMIT) {
        def_dfree((void **)&log_text);
        log_length = 0;
    }
    if (log_text == NULL) {
        def_dalloc(length, (void **)&log_text);
        if (log_text == NULL) return;
    } else if (!def_drealloc(log_length + length, (void **)&log_text)) {
        return;
    }
    memcpy(log_text + log_length, what, length);
    log_length += length;
}

static void drop_oldest(void) {
    def_dfree((void **)&queue[queue_first]);
    queue_first = (queue_first + 1) % QUEUE_LENGTH;
    queue_count--;
}

/* A reading of one channel: 4 to 32 samples. */
static void measure(uint32_t now) {
    static message_t *message;
    uint16_t samples = (uint16_t)(4 + random_below(29));
    def_dalloc((uint32_t)(sizeof *message + samples * sizeof message->values[0]), (void **)&message);
    if (message == NULL) {
        log_event("no room for a reading\n");
        return;
    }
    message->time = now;
    message->channel = (uint16_t)random_below(4);
    message->samples = samples;
    for (uint16_t sample = 0; sample < samples; sample++) message->values[sample] = (int16_t)random_below(4096);
    if (queue_count == QUEUE_LENGTH) {
        drop_oldest();
        log_event("queue full\n");
    }
    /* The message stays where it is; from now on the queue owns it. */
    def_replace_pointers((void **)&message, (void **)&queue[(queue_first + queue_count) % QUEUE_LENGTH]);
    queue_count++;
}

/* The radio acknowledges messages in any order, and is away half of the time. */
static void transmit(uint32_t now) {
    bool is_away = now / 400 % 2 == 0;
    if (is_away || queue_count == 0) return;
    uint32_t place = (queue_first + random_below(queue_count)) % QUEUE_LENGTH;
    if (queue[place] != NULL) def_dfree((void **)&queue[place]);
    while (queue_count > 0 && queue[queue_first] == NULL) {
        queue_first = (queue_first + 1) % QUEUE_LENGTH;
        queue_count--;
    }
}

int main(void) {
    uint32_t measured = 0, transmitted = 0, logged = 0;
    dalloc_register_heap(heap_memory, sizeof heap_memory);
#ifndef WITHOUT_AGENT
    watch_start();
#endif
    random_start(board_boot_id());
    log_event("started\n");
    for (;;) {
        uint32_t now = board_milliseconds(NULL);
        if (now - measured >= 20) {
            measured = now;
            measure(now);
        }
        if (now - transmitted >= 8) {
            transmitted = now;
            transmit(now);
        }
        if (now - logged >= 250) {
            logged = now;
            log_event(queue_count > QUEUE_LENGTH / 2 ? "the radio is slow\n" : "all is well\n");
        }
#ifndef WITHOUT_AGENT
        watch();
#endif
        board_sleep();
    }
}
