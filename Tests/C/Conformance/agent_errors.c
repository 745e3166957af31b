/* SPDX-License-Identifier: Apache-2.0 */
/*
 * agent_errors.c - each reason for which dalloc_agent_init and dalloc_agent_attach refuse: its code, its sentence, and the one
 * message to dalloc_debug. C, and C++ as well.
 */
#include "check.h"
#include "dalloc_agent.h"
#include "dalloc_watch.h"

#define LETTERS_32 "abcdefghijklmnopqrstuvwxyzabcdef"

DALLOC_AGENT_TRANSMIT_BUFFER(transmit_buffer, 4096);
static uint8_t memory[2][1024] __attribute__((aligned(8)));
static heap_t heaps[2], more_heaps[16];
static dalloc_recorder_t recorders[2], more_recorders[16];
static dalloc_agent_t agent, idle;
static dalloc_agent_config_t config;

/* Nothing here is told by a heap. */
static void tell_again(void) {}

static int32_t write_all(void *context, const uint8_t *bytes, uint32_t count) {
    (void)context;
    (void)bytes;
    return (int32_t)count;
}

static uint32_t now(void *context) {
    (void)context;
    return 0;
}

static uint64_t now64(void *context) {
    (void)context;
    return 0;
}

static void observe(void *context, dalloc_operation_t operation, uint32_t index, uint32_t size, const void *owner) {
    (void)context;
    (void)operation;
    (void)index;
    (void)size;
    (void)owner;
}

/* Expects a refusal for this reason, and the message that tells of it. */
#define REFUSED(reason, ...)                                      \
    do {                                                          \
        SAYS(1, CHECK((__VA_ARGS__) == (reason)));                \
        CHECK_SAID(dalloc_agent_error_text(reason));              \
    } while (0)
#define ACCEPTED(...) SILENT(CHECK((__VA_ARGS__) == DALLOC_AGENT_OK))

static void prepare(void) {
    memset(&config, 0, sizeof config);
    config.device_id = "pump-17";
    config.ticks_per_second = 1000;
    config.now = now;
    config.link.write = write_all;
    config.transmit_buffer = transmit_buffer;
    config.transmit_size = sizeof transmit_buffer;
}

/* What a configuration says in one field that it must not. */
#define WRONG(reason, ...)                                        \
    do {                                                          \
        prepare();                                                \
        __VA_ARGS__;                                              \
        REFUSED(reason, dalloc_agent_init(&agent, &config));      \
    } while (0)
#define RIGHT(...)                                                \
    do {                                                          \
        prepare();                                                \
        __VA_ARGS__;                                              \
        ACCEPTED(dalloc_agent_init(&agent, &config));             \
    } while (0)

static void configurations(void) {
    prepare();
    REFUSED(DALLOC_AGENT_ERROR_NULL, dalloc_agent_init(NULL, &config));
    REFUSED(DALLOC_AGENT_ERROR_NULL, dalloc_agent_init(&agent, NULL));

    WRONG(DALLOC_AGENT_ERROR_DEVICE_ID, config.device_id = NULL);
    WRONG(DALLOC_AGENT_ERROR_DEVICE_ID, config.device_id = "");
    WRONG(DALLOC_AGENT_ERROR_DEVICE_ID, config.device_id = LETTERS_32 LETTERS_32 "a");
    RIGHT(config.device_id = LETTERS_32 LETTERS_32);

    WRONG(DALLOC_AGENT_ERROR_BUILD, config.build = LETTERS_32 LETTERS_32 "a");
    RIGHT(config.build = LETTERS_32 LETTERS_32);
    RIGHT(config.build = "");

    WRONG(DALLOC_AGENT_ERROR_CLOCK, config.now = NULL);
    WRONG(DALLOC_AGENT_ERROR_CLOCK, config.now64 = now64);
    WRONG(DALLOC_AGENT_ERROR_CLOCK, config.ticks_per_second = 0);
    WRONG(DALLOC_AGENT_ERROR_CLOCK, config.ticks_per_second = 1000000001);
    RIGHT(config.now = NULL; config.now64 = now64; config.ticks_per_second = 1000000000);

    WRONG(DALLOC_AGENT_ERROR_LINK, config.link.write = NULL);

    WRONG(DALLOC_AGENT_ERROR_TRANSMIT_BUFFER, config.transmit_buffer = NULL);
    WRONG(DALLOC_AGENT_ERROR_TRANSMIT_BUFFER, config.transmit_size = DALLOC_AGENT_FRAME_BYTES(64) - 1);
    WRONG(DALLOC_AGENT_ERROR_TRANSMIT_BUFFER, config.transmit_size = (UINT32_C(1) << 30) + 1);
    RIGHT(config.transmit_size = DALLOC_AGENT_TRANSMIT_BYTES_MIN);
}

static void attachments(void) {
    heap_t *heap = &heaps[0], *other = &heaps[1];
    dalloc_recorder_t *recorder = &recorders[0];
    heap_init(heap, memory[0], sizeof memory[0]);
    heap_init(other, memory[1], sizeof memory[1]);
    RIGHT((void)0);

    REFUSED(DALLOC_AGENT_ERROR_NULL, dalloc_agent_attach(NULL, recorder, heap, "main"));
    REFUSED(DALLOC_AGENT_ERROR_NULL, dalloc_agent_attach(&agent, NULL, heap, "main"));
    REFUSED(DALLOC_AGENT_ERROR_NULL, dalloc_agent_attach(&agent, recorder, NULL, "main"));

    REFUSED(DALLOC_AGENT_ERROR_NOT_STARTED, dalloc_agent_attach(&idle, recorder, heap, "main"));
    REFUSED(DALLOC_AGENT_ERROR_NO_HEAP, dalloc_agent_attach(&agent, recorder, &more_heaps[0], "main"));
    REFUSED(DALLOC_AGENT_ERROR_HEAP_NAME, dalloc_agent_attach(&agent, recorder, heap, NULL));
    REFUSED(DALLOC_AGENT_ERROR_HEAP_NAME, dalloc_agent_attach(&agent, recorder, heap, LETTERS_32 "a"));
    ACCEPTED(dalloc_agent_attach(&agent, recorder, heap, LETTERS_32));

    REFUSED(DALLOC_AGENT_ERROR_RECORDER_IN_USE, dalloc_agent_attach(&agent, recorder, other, "other"));
    REFUSED(DALLOC_AGENT_ERROR_HEAP_IS_RECORDED, dalloc_agent_attach(&agent, &recorders[1], heap, "again"));
    CHECK(dalloc_heap_set_observer(other, observe, NULL));
    REFUSED(DALLOC_AGENT_ERROR_HEAP_IS_RECORDED, dalloc_agent_attach(&agent, &recorders[1], other, "other"));
    CHECK(dalloc_heap_set_observer(other, NULL, NULL));

    for (int number = 0; number < 15; number++) {
        heap_init(&more_heaps[number], memory[1], sizeof memory[1]);
        ACCEPTED(dalloc_agent_attach(&agent, &more_recorders[number], &more_heaps[number], "more"));
    }
    REFUSED(DALLOC_AGENT_ERROR_TOO_MANY_HEAPS, dalloc_agent_attach(&agent, &recorders[1], other, "one too many"));

    dalloc_agent_deinit(&agent);
    REFUSED(DALLOC_AGENT_ERROR_NOT_STARTED, dalloc_agent_attach(&agent, recorder, heap, "main"));
}

/* A recorder with a buffer of the program's, which may have another size than the one in it. */
static void recorder_buffers(void) {
    static uint8_t buffer[2561];
    heap_t *heap = &heaps[0];
    dalloc_recorder_t *recorder = &recorders[0];
    heap_init(heap, memory[0], sizeof memory[0]);
    prepare();
    config.transmit_size = DALLOC_AGENT_FRAME_BYTES(64);
    ACCEPTED(dalloc_agent_init(&agent, &config));
#define ATTACH(bytes) dalloc_agent_attach_with_buffer(&agent, recorder, heap, "main", buffer, bytes)
    REFUSED(DALLOC_AGENT_ERROR_RECORDER_BUFFER, dalloc_agent_attach_with_buffer(&agent, recorder, heap, "main", NULL, 64));
    REFUSED(DALLOC_AGENT_ERROR_RECORDER_BUFFER, ATTACH(0));
    REFUSED(DALLOC_AGENT_ERROR_RECORDER_BUFFER, ATTACH(63));
    REFUSED(DALLOC_AGENT_ERROR_RECORDER_BUFFER, ATTACH(2561));
    REFUSED(DALLOC_AGENT_ERROR_RECORDER_BUFFER, ATTACH(UINT32_MAX));
    /* The transmit buffer must have room for its frame. */
    REFUSED(DALLOC_AGENT_ERROR_TRANSMIT_BUFFER, ATTACH(66));
    ACCEPTED(ATTACH(64));

    heap_init(heap, memory[0], sizeof memory[0]);
    config.transmit_size = DALLOC_AGENT_FRAME_BYTES(192);
    ACCEPTED(dalloc_agent_init(&agent, &config));
    config.longest_frame = DALLOC_AGENT_FRAME_BYTES(192) - 1;
    ACCEPTED(dalloc_agent_init(&agent, &config));
    REFUSED(DALLOC_AGENT_ERROR_TRANSMIT_BUFFER, ATTACH(192));
    ACCEPTED(ATTACH(190));

    heap_init(heap, memory[0], sizeof memory[0]);
    static uint8_t large[DALLOC_AGENT_FRAME_BYTES(2560)];
    config.longest_frame = 0;
    config.transmit_buffer = large;
    config.transmit_size = sizeof large - 1;
    ACCEPTED(dalloc_agent_init(&agent, &config));
    REFUSED(DALLOC_AGENT_ERROR_TRANSMIT_BUFFER, ATTACH(2560));
    config.transmit_size = sizeof large;
    ACCEPTED(dalloc_agent_init(&agent, &config));
    ACCEPTED(ATTACH(2560));
    dalloc_agent_deinit(&agent);
#undef ATTACH
}

static void summaries(void) {
    static dalloc_summary_t summary, other;
    static dalloc_sum_t sums[DALLOC_SUMMARY_SUMS_MAX];
    dalloc_summary_config_t summarized = {0, 0, 0};
    dalloc_recorder_t *recorder = &recorders[0];
    heap_init(&heaps[0], memory[0], sizeof memory[0]);
    RIGHT((void)0);
    REFUSED(DALLOC_AGENT_ERROR_SUMMARY, dalloc_agent_summarize(&agent, recorder, &summary, &summarized));
    ACCEPTED(dalloc_agent_attach(&agent, recorder, &heaps[0], "main"));

    REFUSED(DALLOC_AGENT_ERROR_NULL, dalloc_agent_summarize(NULL, recorder, &summary, &summarized));
    REFUSED(DALLOC_AGENT_ERROR_NULL, dalloc_agent_summarize(&agent, NULL, &summary, &summarized));
    REFUSED(DALLOC_AGENT_ERROR_NULL, dalloc_agent_summarize(&agent, recorder, NULL, &summarized));
    REFUSED(DALLOC_AGENT_ERROR_NULL, dalloc_agent_summarize(&agent, recorder, &summary, NULL));
    summarized.sum_count = 1;
    REFUSED(DALLOC_AGENT_ERROR_SUMMARY, dalloc_agent_summarize(&agent, recorder, &summary, &summarized));
    summarized.sums = sums;
    summarized.sum_count = DALLOC_SUMMARY_SUMS_MAX + 1;
    REFUSED(DALLOC_AGENT_ERROR_SUMMARY, dalloc_agent_summarize(&agent, recorder, &summary, &summarized));
    summarized.sum_count = DALLOC_SUMMARY_SUMS_MAX;
    ACCEPTED(dalloc_agent_summarize(&agent, recorder, &summary, &summarized));
    REFUSED(DALLOC_AGENT_ERROR_SUMMARY, dalloc_agent_summarize(&agent, recorder, &other, &summarized));
    dalloc_agent_set_level(&agent, DALLOC_AGENT_SUMMARIES);
    dalloc_agent_deinit(&agent);
    REFUSED(DALLOC_AGENT_ERROR_SUMMARY, dalloc_agent_summarize(&agent, recorder, &summary, &summarized));
}

static bool begin(void *context, uint32_t count) { return context == NULL && count == 0; }
static bool append(void *context, const uint8_t *bytes, uint32_t count) { return context == bytes && count == 0; }
static bool end(void *context) { return context == NULL; }
static int32_t read_none(void *context, uint8_t *bytes, uint32_t count) { return context == bytes && count == 0; }
static int32_t read_spool(void *context, uint32_t offset, uint8_t *bytes, uint32_t count) {
    return context == bytes && offset == count;
}
static void drop(void *context, uint32_t count) {
    (void)context;
    (void)count;
}

static void spools(void) {
    dalloc_spool_t spool;
    memset(&spool, 0, sizeof spool);
    spool.begin = begin;
    spool.append = append;
    spool.end = end;
    spool.read = read_spool;
    spool.drop = drop;
    REFUSED(DALLOC_AGENT_ERROR_NULL, dalloc_agent_set_spool(NULL, &spool));
    REFUSED(DALLOC_AGENT_ERROR_NULL, dalloc_agent_set_spool(&agent, NULL));
    REFUSED(DALLOC_AGENT_ERROR_NOT_STARTED, dalloc_agent_set_spool(&agent, &spool));
    RIGHT((void)0);
    REFUSED(DALLOC_AGENT_ERROR_SPOOL, dalloc_agent_set_spool(&agent, &spool)); /* a line that only sends */
    RIGHT(config.link.read = read_none);
    ACCEPTED(dalloc_agent_set_spool(&agent, &spool));
    spool.end = NULL;
    RIGHT(config.link.read = read_none);
    REFUSED(DALLOC_AGENT_ERROR_SPOOL, dalloc_agent_set_spool(&agent, &spool));
}

static void watches(void) {
    static dalloc_watch_t watch;
    dalloc_watch_config_t watched;
    memset(&watched, 0, sizeof watched);
    watched.name = "pool";
    REFUSED(DALLOC_AGENT_ERROR_NULL, dalloc_agent_watch(&agent, NULL, &watched));
    RIGHT((void)0);
    watched.alignment = 24;
    REFUSED(DALLOC_AGENT_ERROR_WATCH, dalloc_agent_watch(&agent, &watch, &watched));
    watched.alignment = 16;
    ACCEPTED(dalloc_agent_watch(&agent, &watch, &watched));
    REFUSED(DALLOC_AGENT_ERROR_RECORDER_IN_USE, dalloc_agent_watch(&agent, &watch, &watched));
    dalloc_agent_deinit(&agent);
}

/* Each code has a sentence of its own, which says after a colon what to do; no other number has one of them. */
static void sentences(void) {
    const char *unknown = dalloc_agent_error_text((dalloc_agent_error_t)(DALLOC_AGENT_ERROR_RECORDER_BUFFER + 1));
    CHECK(strcmp(dalloc_agent_error_text(DALLOC_AGENT_OK), "no error") == 0);
    for (int one = DALLOC_AGENT_ERROR_NULL; one <= DALLOC_AGENT_ERROR_RECORDER_BUFFER; one++) {
        const char *text = dalloc_agent_error_text((dalloc_agent_error_t)one);
        CHECK(strchr(text, ':') != NULL && strchr(text, '\n') == NULL);
        CHECK(strcmp(text, unknown) != 0);
        for (int two = 0; two < one; two++) CHECK(strcmp(text, dalloc_agent_error_text((dalloc_agent_error_t)two)) != 0);
    }
    CHECK(strncmp(unknown, "unknown error: ", 15) == 0);
    CHECK(dalloc_agent_error_text((dalloc_agent_error_t)17) == unknown);
}

int main(void) {
    configurations();
    attachments();
    recorder_buffers();
    summaries();
    spools();
    watches();
    sentences();
    return 0;
}
