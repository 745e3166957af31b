/*
 * stress.c - random operations on a heap and on its model, which must agree after each:
 *
 *   stress [--seed N] [--operations N] [--heap-size BYTES] [--policy eager|lazy|lazy:STEP|pinning] [--verbose]
 *
 * Prints one line about what was done and exits with 0; or prints how to repeat what went wrong, and exits with 1.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "stress.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint32_t stress_messages;

int stress_message(const char *format, ...) {
    (void)format;
    stress_messages += 1;
    return 0;
}

/* ---- What the other parts use ---------------------------------------------------------------------------------------- */

void describe(stress_t *stress, const char *action, uint64_t a, uint64_t b, uint64_t c) {
    /* What a heap has told it tells ever more seldom: each operation begins with heaps that have not told anything. */
    heap_t *const heaps[] = {stress->heap, stress->other, stress->blank};
    for (int number = 0; number < 3; number++)
        if (heaps[number] != NULL) memset(heaps[number]->reports, 0, sizeof heaps[number]->reports);
    stress->action = action;
    stress->arguments[0] = a;
    stress->arguments[1] = b;
    stress->arguments[2] = c;
    if (stress->verbose) {
        printf("%" PRIu64 ": %s %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", stress->number, action, a, b, c);
    }
}

static const char *const policies[] = {[MODEL_EAGER] = "eager", [MODEL_LAZY] = "lazy", [MODEL_PINNING] = "pinning"};

void mismatch(const stress_t *stress, const char *what, uint32_t index, uint64_t expected, uint64_t found) {
    printf("stress: mismatch at operation %" PRIu64 ", %s", stress->number, stress->action);
    for (int place = 0; place < 3; place++) printf(" %" PRIu64, stress->arguments[place]);
    printf("\n  %s", what);
    if (index != UINT32_MAX) printf(" (entry %" PRIu32 ")", index);
    printf(": expected %" PRIu64 " (0x%" PRIx64 "), found %" PRIu64 " (0x%" PRIx64 ")\n", expected, expected, found, found);
    printf("  with %" PRIu32 " blocks in the model, phase \"%s\"\n", stress->model.count, stress->phase.name);
    printf("  repeat: --seed %" PRIu64 " --operations %" PRIu64, stress->seed, stress->number + 1);
    printf(" --heap-size %" PRIu32 " --policy %s", stress->heap_size, policies[stress->policy]);
    if (stress->policy == MODEL_LAZY) printf(":%" PRIu32, stress->step);
    printf("\n");
    exit(1);
}

void expect_message(const stress_t *stress, uint32_t before, bool due) {
    expect(stress, due ? "whether it was reported" : "whether anything was reported", due, stress_messages != before);
}

/* xorshift64*, by Vigna. */
uint32_t below(stress_t *stress, uint32_t limit) {
    stress->random ^= stress->random >> 12;
    stress->random ^= stress->random << 25;
    stress->random ^= stress->random >> 27;
    const uint32_t bits = (uint32_t)((stress->random * UINT64_C(2685821657736338717)) >> 32);
    return (uint32_t)(((uint64_t)bits * limit) >> 32);
}

bool one_in(stress_t *stress, uint32_t chances) {
    return below(stress, chances) == 0;
}

void *read_variable(void *const *variable) {
    void *content;
    memcpy(&content, (const void *)variable, sizeof content);
    return content;
}

void write_variable(void **variable, void *content) {
    memcpy((void *)variable, &content, sizeof content);
}

/* ---- Phases --------------------------------------------------------------------------------------------------------- */

/* Heaps behave differently when they are empty, full, or have no entry left. */
static void choose_phase(stress_t *stress) {
    const uint32_t table = MAX_NUM_OF_ALLOCATIONS;
    const uint32_t bytes = stress->model.total_size;
    const uint32_t typical = table < 40 ? table : 20 + below(stress, 20);
    switch (below(stress, 8)) {
    case 0: stress->phase = (phase_t){"mostly empty", below(stress, 4), 64, 0}; break;
    case 1: stress->phase = (phase_t){"memory full", typical * 2, bytes / (typical + 1) * 2 + 1, 0}; break;
    case 2:
        /* Where a table holds thousands, each operation takes its time. */
        if (table <= 128 || one_in(stress, 8)) {
            stress->phase = (phase_t){"table full", table, 1 + bytes / table * 3 / 4, 0};
            break;
        }
        stress->phase = (phase_t){"hundreds of blocks", 128 + below(stress, 256), 64, 0};
        break;
    case 3: stress->phase = (phase_t){"large blocks", 8, bytes / 4 + 1, 0}; break;
    case 4: stress->phase = (phase_t){"tiny blocks", typical * 2, 8, 0}; break;
    default: stress->phase = (phase_t){"typical", typical, 64, 0}; break;
    }
    /* Half of the time none is pinned. */
    stress->phase.pinned = stress->policy == MODEL_EAGER || one_in(stress, 2) ? 0 : 1 + below(stress, 8);
}

/* ---- The program ------------------------------------------------------------------------------------------------------ */

static int usage(void) {
    fprintf(stderr, "usage: stress [--seed N] [--operations N] [--heap-size BYTES]");
    fprintf(stderr, " [--policy eager|lazy|lazy:STEP|pinning] [--verbose]\n");
    return 64;
}

static bool read_number(const char *text, uint64_t limit, uint64_t *number) {
    char *end;
    if (text == NULL || *text < '0' || *text > '9') return false;
    *number = strtoull(text, &end, 0);
    return *end == 0 && *number <= limit;
}

static bool read_policy(stress_t *stress, const char *text) {
    uint64_t step = 0;
    if (text == NULL) return false;
    if (strcmp(text, "eager") == 0) return true;
    stress->policy = strcmp(text, "pinning") == 0 ? MODEL_PINNING : MODEL_LAZY;
    if (stress->policy == MODEL_PINNING) return true;
    if (strncmp(text, "lazy", 4) != 0) return false;
    if (text[4] != 0 && (text[4] != ':' || !read_number(text + 5, UINT32_MAX, &step))) return false;
    stress->step = (uint32_t)step;
    return true;
}

static bool read_options(stress_t *stress, char **arguments) {
    for (; *arguments != NULL; arguments++) {
        uint64_t number = 0;
        if (strcmp(*arguments, "--verbose") == 0) {
            stress->verbose = true;
        } else if (strcmp(*arguments, "--policy") == 0) {
            if (!read_policy(stress, *++arguments)) return false;
        } else if (strcmp(*arguments, "--seed") == 0) {
            if (!read_number(*++arguments, UINT64_MAX, &stress->seed)) return false;
        } else if (strcmp(*arguments, "--operations") == 0) {
            if (!read_number(*++arguments, UINT64_MAX, &stress->operations)) return false;
        } else if (strcmp(*arguments, "--heap-size") == 0) {
            /* Below, sizes that are just not allowed would be allowed. */
            if (!read_number(*++arguments, 1 << 24, &number) || number < 64) return false;
            stress->heap_size = (uint32_t)number;
        } else {
            return false;
        }
    }
    return true;
}

static void *allocated(void *memory) {
    if (memory != NULL) return memory;
    fprintf(stderr, "stress: this machine has no memory left\n");
    exit(70);
}

static void create(stress_t *stress) {
    /* A seed of 0 would stay 0. */
    stress->random = (stress->seed + 1) * UINT64_C(0x9e3779b97f4a7c15) | 1;
    const size_t heap = sizeof *stress->heap;
#ifndef USE_SINGLE_HEAP_MEMORY
    stress->heap = allocated(calloc(1, heap));
#endif
    stress->memory = allocated(malloc(stress->heap_size));
    stress->zeros = allocated(calloc(1, heap > stress->heap_size ? heap : stress->heap_size));
    stress->tokens = allocated(malloc(TOKEN_STARTS + stress->heap_size));
    /* Not zero, so that a byte that was filled shows. */
    for (uint32_t place = 0; place < TOKEN_STARTS + stress->heap_size; place++) {
        stress->tokens[place] = (uint8_t)(1 + below(stress, 255));
    }
    stress->outside_count = MAX_NUM_OF_ALLOCATIONS + 16;
    stress->outside = allocated(calloc(stress->outside_count, sizeof *stress->outside));
    stress->variables = allocated(calloc(stress->outside_count, sizeof *stress->variables));
    for (uint32_t place = 0; place < stress->outside_count; place++) {
        stress->variables[place].place = &stress->outside[place];
    }
    stress->copy = allocated(calloc(1, sizeof *stress->copy));
    model_create(&stress->model, DALLOC_ALIGNMENT, MAX_NUM_OF_ALLOCATIONS);
    create_misused_heaps(stress);
}

int main(int count, char **arguments) {
    static stress_t stress = {.seed = 1, .operations = 1000000, .action = "nothing yet", .phase = {"none", 0, 1, 0}};
    stress.heap_size = MAX_NUM_OF_ALLOCATIONS > 256 ? MAX_NUM_OF_ALLOCATIONS * 20 : 4096;
    if (count < 1 || !read_options(&stress, arguments + 1)) return usage();

    create(&stress);
    start_heap(&stress);
    uint32_t phase_left = 0;
    for (stress.number = 0; stress.number < stress.operations; stress.number++) {
        if (phase_left == 0) {
            choose_phase(&stress);
            /* A large table takes as many operations to fill, and some more. */
            phase_left = 512 + below(&stress, 4096) + 6 * (stress.phase.blocks > 1024 ? stress.phase.blocks : 0);
        }
        phase_left -= 1;
        operate(&stress);
        compare(&stress, false);
    }
    compare(&stress, true);
    printf("%" PRIu64 " operations: ", stress.operations);
    printf("%" PRIu64 " calls failed (%" PRIu64 " on a full table), ", stress.failed, stress.full);
    printf("%" PRIu64 " refused, ", stress.refused);
    printf("%" PRIu64 " pins, ", stress.pins);
    printf("%" PRIu64 " blocks orphaned, %" PRIu64 " heap_checks\n", stress.model.orphans, stress.checked);
    return 0;
}
