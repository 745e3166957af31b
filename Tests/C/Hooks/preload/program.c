/* SPDX-License-Identifier: Apache-2.0 */
/*
 * program.c - a program that does to malloc all that a program can do:
 *
 *   program THREADS OPERATIONS [fork] [signals] [cancel] [past] [close] [leave]
 *
 *   fork     forks now and then; the children allocate and end
 *   signals  a timer interrupts the threads; its handler allocates nothing
 *   cancel   cancels threads that do nothing but allocate
 *   past     frees blocks past the function that everybody calls
 *   close    closes all descriptors that it did not open
 *   leave    ends by exit while the threads still allocate
 */
#define _GNU_SOURCE
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../check.h"

enum { HELD = 64 };

static long operations;
static int forks, leaves;
static volatile sig_atomic_t signals;

static void on_signal(int number) {
    (void)number;
    signals++;
}

static uint32_t random_below(uint32_t *state, uint32_t limit) {
    *state = *state * 1664525u + 1013904223u;
    return (uint32_t)(((uint64_t)*state * limit) >> 32);
}

/* A block of each kind, filled so that one that overlaps it is noticed. */
static void *allocate(uint32_t *state, size_t size) {
    void *block = NULL;
    switch (random_below(state, 9)) {
        case 0: return calloc(size, 1);
        case 1: return realloc(NULL, size);
        case 2: return memalign(64, size);
        case 3: return aligned_alloc(32, (size + 31) / 32 * 32);
        case 4: CHECK(posix_memalign(&block, 128, size) == 0); return block;
        case 5: return reallocarray(NULL, size, 1);
        default: return malloc(size);
    }
}

static void fork_child(uint32_t *state) {
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        for (int turn = 0; turn < 50; turn++) free(malloc(random_below(state, 100)));
        exit(0);
    }
    int status;
    while (waitpid(child, &status, 0) < 0) CHECK(errno == EINTR);
    CHECK(status == 0);
}

static void *work(void *context) {
    uint32_t state = (uint32_t)(uintptr_t)context;
    unsigned char *held[HELD] = {NULL};
    size_t sizes[HELD] = {0};
    for (long operation = 0; leaves || operation < operations; operation++) {
        uint32_t index = random_below(&state, HELD);
        size_t size = random_below(&state, 20) == 0 ? random_below(&state, 300000) : random_below(&state, 500);
        if (held[index] == NULL) {
            errno = 0;
            held[index] = allocate(&state, size);
            CHECK(errno == 0);
        } else {
            if (sizes[index] > 0) CHECK(held[index][0] == (index & 0xFF) && held[index][sizes[index] - 1] == (index & 0xFF));
            if (random_below(&state, 2) == 0) {
                free(held[index]);
                held[index] = NULL;
            } else {
                size++;
                held[index] = realloc(held[index], size);
            }
        }
        sizes[index] = held[index] == NULL ? 0 : size;
        if (held[index] != NULL) memset(held[index], (int)index, size);
        if (forks && random_below(&state, 2000) == 0) fork_child(&state);
    }
    for (int index = 0; index < HELD; index++) free(held[index]);
    return NULL;
}

/* Without a place at which it can be cancelled, but for one that it chooses. */
static void *work_on(void *context) {
    volatile long turns = 0;
    (void)context;
    for (;; turns++) {
        for (int turn = 0; turn < 1000; turn++) free(malloc((size_t)turn));
        if (turns > 20) pthread_testcancel();
    }
    return NULL;
}

static void cancel_threads(void) {
    for (int turn = 0; turn < 20; turn++) {
        pthread_t thread;
        void *result;
        CHECK(pthread_create(&thread, NULL, work_on, NULL) == 0 && pthread_cancel(thread) == 0);
        CHECK(pthread_join(thread, &result) == 0 && result == PTHREAD_CANCELED);
    }
}

void __libc_free(void *block);

/* The place of each is taken by blocks of other sizes. */
static void free_past_everybody(void) {
    uint32_t state = 11;
    for (int turn = 0; turn < 2000; turn++) {
        void *blocks[4];
        for (int index = 0; index < 4; index++) blocks[index] = malloc(random_below(&state, 3000) + 1100);
        for (int index = 0; index < 4; index++) random_below(&state, 2) == 0 ? __libc_free(blocks[index]) : free(blocks[index]);
    }
}

int main(int count, char **arguments) {
    pthread_t threads[64];
    CHECK(count >= 3);
    int thread_count = atoi(arguments[1]);
    operations = atol(arguments[2]);
    for (int index = 3; index < count; index++) {
        if (strcmp(arguments[index], "fork") == 0) forks = 1;
        if (strcmp(arguments[index], "leave") == 0) leaves = 1;
        if (strcmp(arguments[index], "cancel") == 0) cancel_threads();
        if (strcmp(arguments[index], "past") == 0) free_past_everybody();
        if (strcmp(arguments[index], "close") == 0)
            for (int descriptor = 3; descriptor < 2000; descriptor++) (void)close(descriptor);
        if (strcmp(arguments[index], "signals") == 0) {
            struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
            struct itimerval often = {{0, 500}, {0, 500}};
            CHECK(sigaction(SIGALRM, &action, NULL) == 0 && setitimer(ITIMER_REAL, &often, NULL) == 0);
        }
    }
    volatile size_t huge = (size_t)PTRDIFF_MAX + 1;
    CHECK(malloc(huge) == NULL && errno == ENOMEM);
    CHECK(realloc(NULL, huge) == NULL && reallocarray(NULL, huge, 3) == NULL);
    for (int index = 0; index < thread_count; index++)
        CHECK(pthread_create(&threads[index], NULL, work, (void *)(uintptr_t)(index + 1)) == 0);
    if (leaves) {
        usleep(300000);
        exit(0);
    }
    for (int index = 0; index < thread_count; index++) CHECK(pthread_join(threads[index], NULL) == 0);
    puts("ok");
    return 0;
}
