/*
 * every_function.c - calls every function of the C API as programs for dalloc 1.5 do, and as they should not, in whatever
 * configuration it is compiled. Ends with 0 when all that the headers promise holds.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dalloc.h"
#include "dalloc_check.h"
#include "dalloc_walk.h"

#include "check.h"
#ifdef CONFORMANCE_OWN_MUTEX
#include "own_mutex.h"
#endif
#ifdef USE_THREAD_SAFETY
#include <pthread.h>
#endif

#define WORD ((uint32_t)sizeof(void *))

enum { ROOM = 2048 };

static uint8_t memory[ROOM + 64] __attribute__((aligned(64)));
static uint8_t other_memory[256] __attribute__((aligned(64)));
static heap_t heap, other, never_made, saved;
static char list[LISTING];

#ifdef USE_SINGLE_HEAP_MEMORY
/* Of the library's own headers. */
heap_t *dalloc_port_default_heap(void);
extern uint32_t dalloc_port_unregistered;
#endif

static void tell_again(void) {
    heap_t *heaps[] = {&heap, &other, &never_made, NULL};
#ifdef USE_SINGLE_HEAP_MEMORY
    heaps[3] = dalloc_port_default_heap();
    dalloc_port_unregistered = 0;
#endif
    for (size_t number = 0; number < sizeof heaps / sizeof *heaps; number++)
        if (heaps[number] != NULL) memset(heaps[number]->reports, 0, sizeof heaps[number]->reports);
}

/* Everything is done once with each. */
static struct {
    dalloc_policy_t policy;
    uint32_t step;
} mode;

/* Addresses of variables, as the API wants them. */
static void **at(uint32_t offset) { return (void **)(void *)(memory + offset); }

static ptr_info_t *entry(uint32_t index) { return &heap.alloc_info.ptr_info_arr[index]; }

static uint64_t failures(void) { return heap.alloc_info.total_failures; }

static void start(uint32_t size) {
    memset(memory, 0xee, sizeof memory);
    SILENT(heap_init(&heap, memory, size));
    CHECK(heap.mem == memory && heap.total_size == size && heap.offset == 0);
    CHECK(is_zero(memory, size) && memory[size] == 0xee);
    CHECK(is_unused(&heap, 0) && has_no_history(&heap));
    if (mode.policy != DALLOC_POLICY_EAGER) CHECK(dalloc_heap_set_policy(&heap, mode.policy, mode.step));
    SOUND(&heap);
}

static void end(void) {
    SOUND(&heap);
    const uint32_t bytes = heap.alloc_info.max_memory_amount, blocks = heap.alloc_info.max_allocations_amount;
    SILENT(heap_deinit(&heap));
    CHECK(heap.mem == NULL && heap.offset == 0 && heap.total_size == 0 && heap.observer == NULL && is_unused(&heap, 0));
    CHECK(heap.alloc_info.max_memory_amount == bytes && heap.alloc_info.max_allocations_amount == blocks);
    heap.alloc_info.max_memory_amount = heap.alloc_info.max_allocations_amount = 0;
    CHECK(has_no_history(&heap));
#ifdef CONFORMANCE_OWN_MUTEX
    CHECK(own_mutexes_idle() == 0);
#endif
}

/* ---- What can be seen in the structs --------------------------------------------------------------------------------- */

static void names_and_values(void) {
    dalloc_stat_t status = DALLOC_OK;
    CHECK(status == 0 && DALLOC_ERR == 1);
    CHECK(USING_PTR_ADDRESS == 0 && USING_PTR_VALUE == 1);
    CHECK(DALLOC_POLICY_EAGER == 0 && DALLOC_POLICY_LAZY == 1 && DALLOC_POLICY_PINNING == 2);
    CHECK(DALLOC_OP_ALLOC == 0 && DALLOC_OP_BAD_POINTER == 6 && DALLOC_OP_COMPACT == 9);
    CHECK(DALLOC_OP_PIN == 10 && DALLOC_OP_UNPIN == 11);
    CHECK(DALLOC_FAILURE_NO_ROOM == 0 && DALLOC_FAILURE_TABLE_FULL == 1 && DALLOC_FAILURE_ZERO_SIZE == 2);
    CHECK(strcmp(DALLOC_VERSION, "1.5.0") == 0);

    CHECK(offsetof(heap_t, mem) == 0 && offsetof(heap_t, offset) == WORD && offsetof(heap_t, total_size) == WORD + 4);
    /* The table comes last, so that all else stands where the library knows it, however large the table is. */
    CHECK(sizeof heap.alloc_info.ptr_info_arr == MAX_NUM_OF_ALLOCATIONS * sizeof(ptr_info_t));
    CHECK(offsetof(alloc_info_t, ptr_info_arr) + sizeof heap.alloc_info.ptr_info_arr == sizeof(alloc_info_t));
    CHECK(offsetof(heap_t, alloc_info) + sizeof(alloc_info_t) <= sizeof(heap_t));
    CHECK(sizeof(heap_t) - offsetof(heap_t, alloc_info) - sizeof(alloc_info_t) < 8);
    CHECK(offsetof(ptr_info_t, ptr) == 0 && offsetof(ptr_info_t, allocated_size) == WORD);
}

static void a_block_from_beginning_to_end(void) {
    uint8_t *bytes = NULL;
    void **owner = (void **)&bytes;
    uint32_t index = 77;
    start(ROOM);
    SILENT(dalloc(&heap, 10, owner));
    CHECK(bytes == memory && is_zero(bytes, 10));
    CHECK(heap.offset == padded(10) && heap.alloc_info.allocations_num == 1);
    CHECK(entry(0)->ptr == &bytes && *entry(0)->ptr == bytes);
    CHECK(entry(0)->allocated_size == 10 && !entry(0)->free_flag && entry(0)->offset == 0);
    CHECK(heap.alloc_info.max_memory_amount == padded(10) && heap.alloc_info.max_allocations_amount == 1);
    memcpy(bytes, "0123456789", 10);

    CHECK(validate_ptr(&heap, owner, USING_PTR_ADDRESS, &index) && index == 0);
    CHECK(validate_ptr(&heap, owner, USING_PTR_VALUE, NULL));

    SILENT(CHECK(drealloc(&heap, 40, owner)));
    CHECK(bytes == memory && memcmp(bytes, "0123456789", 10) == 0);
    if (FILL_FREED_MEMORY_BY_NULLS) CHECK(is_zero(bytes + 10, 30));
    SOUND(&heap);
    CHECK(drealloc(&heap, 40, owner) && entry(0)->allocated_size == 40);
    CHECK(drealloc(&heap, 3, owner) && memcmp(bytes, "012", 3) == 0 && heap.offset == padded(3));
    if (FILL_FREED_MEMORY_BY_NULLS) CHECK(is_zero(memory + padded(3), ROOM - padded(3)));
    SOUND(&heap);

    /* All of the heap, which has no room for the old block and the new one at once. */
    CHECK(drealloc(&heap, ROOM, owner) && heap.offset == ROOM && memcmp(bytes, "012", 3) == 0);
    if (FILL_FREED_MEMORY_BY_NULLS) CHECK(is_zero(bytes + 3, ROOM - 3));
    memset(bytes, 7, ROOM);
    CHECK(heap.alloc_info.max_memory_amount == ROOM && memory[ROOM] == 0xee);

    SILENT(dfree(&heap, owner, USING_PTR_ADDRESS));
    CHECK(bytes == NULL && heap.offset == 0 && heap.alloc_info.allocations_num == 0);
    CHECK(is_unused(&heap, 0) && heap.gap_bytes == 0);
    CHECK(is_zero(memory, ROOM) == FILL_FREED_MEMORY_BY_NULLS);
    CHECK(heap.alloc_info.total_allocations == 1 && heap.alloc_info.total_frees == 1 && failures() == 0);
    end();

    dalloc_stat_t gone = bytes == NULL ? DALLOC_OK : DALLOC_ERR;
    CHECK(gone == DALLOC_OK);
}

/* ---- Heaps that are none ----------------------------------------------------------------------------------------------- */

static bool count_block(void *context, const dalloc_block_t *block) {
    (void)block;
    ++*(uint32_t *)context;
    return true;
}

typedef struct {
    uint32_t count[DALLOC_OP_UNPIN + 1];
    dalloc_operation_t operation;
    uint32_t index, size;
    const void *owner;
} watch_t;

static void watch(void *context, dalloc_operation_t operation, uint32_t index, uint32_t size, const void *owner) {
    watch_t *seen = (watch_t *)context;
    CHECK(operation <= DALLOC_OP_UNPIN);
    seen->count[operation]++;
    seen->operation = operation;
    seen->index = index;
    seen->size = size;
    seen->owner = owner;
}

/* Each function, with a heap that has no memory. */
static void everything_refuses(heap_t *none) {
    char text[64] = "kept";
    void *local = memory, *second = NULL;
    uint32_t index = 77, seen = 0;
    /* What has a result says it there. */
    SAYS(none != NULL, dalloc(none, 8, &local));
    CHECK(local == NULL);
    SAYS(1, dalloc(none, 8, NULL));
    local = memory;
    SAYS(1, dfree(none, &local, USING_PTR_ADDRESS));
    SAYS(1, dfree(none, &local, USING_PTR_VALUE));
    SILENT(CHECK(!drealloc(none, 8, &local)));
    SAYS(1, replace_pointers(none, &local, &second));
    SILENT(CHECK(!validate_ptr(none, &local, USING_PTR_ADDRESS, &index)));
    SILENT(CHECK(!validate_ptr(none, &local, USING_PTR_VALUE, &index)));
    CHECK(local == memory && second == NULL && index == 77);
    heap_lock(none);
    heap_unlock(none);
    if (none == NULL) {
        SAYS(1, print_dalloc_info(none));
        SAYS(1, dump_heap(none));
        SAYS(1, dump_dalloc_ptr_info(none));
        SILENT(CHECK(dalloc_heap_info_str(none, text, sizeof text) == -1));
        CHECK(text[0] == 0);
    } else {
        SILENT(CHECK(dalloc_heap_info_str(none, text, sizeof text) > 0));
        CHECK(strncmp(text, "used=0/0 allocs=0 peak_mem=", 27) == 0);
    }
    SAYS(1, CHECK(!dalloc_heap_set_policy(none, DALLOC_POLICY_LAZY, 0)));
    SAYS(1, CHECK(!dalloc_heap_set_observer(none, watch, NULL)));
    SAYS(1, CHECK(dalloc_heap_compact(none, 0) == 0));
    SAYS(1, CHECK(dalloc_heap_walk(none, count_block, &seen) == 0));
    CHECK(seen == 0);
    index = 77;
    CHECK(dalloc_heap_check(none, &index) != NULL && index == UINT32_MAX);
    CHECK(dalloc_heap_check(none, NULL) != NULL);
    SILENT(heap_deinit(none));
    if (none != NULL) CHECK(none->mem == NULL && none->alloc_info.total_failures == 0);
}

static void heaps_without_memory(void) {
    void *local = NULL;
    everything_refuses(NULL);
    everything_refuses(&never_made);

    /* After its end. A heap may be made again in the same place. */
    start(64);
    dalloc(&heap, 8, &local);
    end();
    CHECK(local == memory);
    everything_refuses(&heap);

    /* Refused buffers: the heap holds nothing of what it held before. */
    SAYS(1, heap_init(NULL, memory, ROOM));
    memset(&heap, 0xee, sizeof heap);
    SAYS(1, heap_init(&heap, NULL, ROOM));
    everything_refuses(&heap);
    for (uint32_t off = 1; off < DALLOC_ALIGNMENT; off++) {
        SAYS(1, heap_init(&heap, memory + off, ROOM));
        CHECK(heap.mem == NULL);
    }
    everything_refuses(&heap);
    for (uint32_t size = 0; size < DALLOC_ALIGNMENT; size++) {
        SAYS(1, heap_init(&heap, memory, size));
        CHECK(heap.mem == NULL);
    }
    everything_refuses(&heap);

    /* The smallest heap. */
    start(DALLOC_ALIGNMENT);
    SILENT(dalloc(&heap, 1, &local));
    CHECK(local == memory && heap.offset == DALLOC_ALIGNMENT);
    SILENT(dfree(&heap, &local, USING_PTR_ADDRESS));
    end();
}

/* ---- What is refused --------------------------------------------------------------------------------------------------- */

static void sizes_that_do_not_fit(void) {
    static const uint32_t sizes[] = {UINT32_MAX,      UINT32_MAX - 1,  UINT32_MAX - 2,  UINT32_MAX - 3,
                                     UINT32_MAX - 6,  UINT32_MAX - 7,  UINT32_MAX - 14, UINT32_MAX - 15,
                                     UINT32_MAX - 30, UINT32_MAX - 62, UINT32_MAX - 63, UINT32_MAX / 2,
                                     UINT32_MAX / 2 + 1, ROOM + 1,     ROOM};
    void *a = NULL, *b = NULL;
    uint64_t failed = 0;
    start(ROOM);
    b = &b; /* as a variable that was never initialised */
    SILENT(dalloc(&heap, 0, &b));
    CHECK(b == NULL && failures() == ++failed);
    for (size_t number = 0; number + 1 < sizeof sizes / sizeof *sizes; number++) {
        b = other_memory;
        SAYS(1, dalloc(&heap, sizes[number], &b));
        CHECK(b == NULL && failures() == ++failed && heap.offset == 0);
    }
    dalloc(&heap, 16, &a);
    memset(a, 5, 16);
    saved = heap;
    for (size_t number = 0; number + 1 < sizeof sizes / sizeof *sizes; number++) {
        SAYS(1, CHECK(!drealloc(&heap, sizes[number], &a)));
        CHECK(failures() == ++failed);
    }
    SILENT(CHECK(!drealloc(&heap, 0, &a)));
    CHECK(failures() == ++failed);
    saved.alloc_info.total_failures = failed;
#ifdef DALLOC_USE_CALL_SITES
    saved.caller = heap.caller;
#endif
    CHECK(memcmp(&saved, &heap, sizeof heap) == 0);
    CHECK(a == memory && memory[15] == 5);
    for (size_t number = 0; number < sizeof sizes / sizeof *sizes; number++) {
        SAYS(1, dalloc(&heap, sizes[number], &b));
        CHECK(b == NULL && failures() == ++failed && heap.offset == padded(16));
    }
    end();
    CHECK(a == memory);
    a = NULL;

    /* Where the size is no multiple of the alignment, what is left over is of no use. */
    const uint32_t odd = 4 * DALLOC_ALIGNMENT + (DALLOC_ALIGNMENT > 1);
    start(odd);
    dalloc(&heap, odd, &a);
    CHECK((a == NULL) == (padded(odd) > odd));
    if (a != NULL) dfree(&heap, &a, USING_PTR_VALUE);
    dalloc(&heap, 4 * DALLOC_ALIGNMENT, &a);
    CHECK(a == memory);
    end();
}

static void pointers_that_are_none(void) {
    void *a = NULL, *copy, *local = NULL;
    uint32_t index = 77;
    char text[8] = "kept";
    start(ROOM);
    SAYS(1, dalloc(&heap, 8, NULL));
    dalloc(&heap, 32, &a);
    memset(a, 9, 32);
    saved = heap;
    SAYS(1, dfree(&heap, NULL, USING_PTR_ADDRESS));
    SAYS(1, dfree(&heap, NULL, USING_PTR_VALUE));
    SILENT(CHECK(!drealloc(&heap, 8, NULL)));
    SAYS(1, replace_pointers(&heap, NULL, &local));
    SAYS(1, replace_pointers(&heap, &a, NULL));
    SAYS(1, replace_pointers(&heap, NULL, NULL));
    SILENT(CHECK(!validate_ptr(&heap, NULL, USING_PTR_ADDRESS, &index)));
    SILENT(CHECK(!validate_ptr(&heap, NULL, USING_PTR_VALUE, NULL)));
    SILENT(CHECK(dalloc_heap_info_str(&heap, NULL, 8) == -1));
    SILENT(CHECK(dalloc_heap_info_str(&heap, text, 0) == -1));
    SAYS(1, CHECK(dalloc_heap_walk(&heap, NULL, NULL) == 0));

    /* NULL; a copy, by its address; the middle of a block; not the heap's at all. */
    void *const values[] = {NULL, a, (uint8_t *)a + 1, memory + ROOM, other_memory, &local};
    for (size_t number = 0; number < sizeof values / sizeof *values; number++) {
        local = values[number];
        SAYS(1, dfree(&heap, &local, USING_PTR_ADDRESS));
        SILENT(CHECK(!drealloc(&heap, 8, &local)));
        SAYS(1, replace_pointers(&heap, &local, &copy));
        SILENT(CHECK(!validate_ptr(&heap, &local, USING_PTR_ADDRESS, &index)));
        SILENT(CHECK(validate_ptr(&heap, &local, USING_PTR_VALUE, NULL) == (local == a)));
        if (local != a) SAYS(1, dfree(&heap, &local, USING_PTR_VALUE));
        CHECK(local == values[number]);
    }
    CHECK(index == 77 && strcmp(text, "kept") == 0);
    CHECK(memcmp(&saved, &heap, sizeof heap) == 0 && memory[31] == 9);

    /* Through a copy, the block goes, and its owner knows. Then twice. */
    copy = a;
    SILENT(dfree(&heap, &copy, USING_PTR_VALUE));
    CHECK(a == NULL && copy == memory && heap.alloc_info.allocations_num == 0);
    SAYS(1, dfree(&heap, &copy, USING_PTR_VALUE));
    SAYS(1, dfree(&heap, &a, USING_PTR_ADDRESS));
    SAYS(1, dfree(&heap, &a, USING_PTR_VALUE));
    CHECK(heap.alloc_info.total_frees == 1);
    end();
}

/* A program that fails for ever fills no log with it: what happens is told when it has happened twice as often, with the heap. */
static void failures_that_repeat(void) {
    enum { TIMES = 1000, TOLD = 10 };
    void *owner = NULL, *none = NULL;
    char place[80];
    start(64);
    sprintf(place, "Heap 0x%lx: 0 of 64 bytes, 0 of %lu blocks.", (unsigned long)(uintptr_t)&heap,
            (unsigned long)MAX_NUM_OF_ALLOCATIONS);
    const unsigned before = messages;
    dalloc(&heap, 65, &owner);
    CHECK_SAID("dalloc: no room for bytes (65). Heap");
    CHECK_SAID(place);
    CHECK_SAID(" Give heap_init more memory, or free blocks.\n");
    for (int time = 1; time < TIMES; time++) dalloc(&heap, 65, &owner);
    CHECK(!counts_messages || messages - before == TOLD);
    CHECK_SAID("no room for bytes (65), 512 times by now. Heap");
    CHECK_SAID(place);
    /* Another mistake is another matter. */
    for (int time = 0; time < TIMES; time++) {
        dfree(&heap, &none, USING_PTR_ADDRESS);
        if (time == 0) CHECK_SAID("dfree: the heap has no such block (0). Heap");
        replace_pointers(&heap, &none, NULL);
        if (time == 0) CHECK_SAID("replace_pointers: ptr is NULL (0). Heap");
    }
    CHECK(!counts_messages || messages - before == 3 * TOLD);
    CHECK(heap.alloc_info.total_failures == TIMES && owner == NULL);
    /* A heap that is made anew begins anew, and one without memory is as quiet. */
    end();
    for (int time = 0; time < TIMES; time++) dalloc(&heap, 8, &owner);
    CHECK(!counts_messages || messages - before == 4 * TOLD);
    CHECK_SAID("dalloc: heap is NULL or has no memory (0), 512 times by now.");
    start(64);
    dalloc(&heap, 65, &owner);
    CHECK_SAID("dalloc: no room for bytes (65). Heap");
    end();
}

/* A variable that the program wrote to still owns its block. */
static void variables_that_were_changed(void) {
    void *a = NULL, *b = NULL;
    uint32_t index = 77;
    start(ROOM);
    dalloc(&heap, 16, &a);
    /* Advanced. */
    a = (uint8_t *)a + 4;
    SOUND(&heap);
    CHECK(validate_ptr(&heap, &a, USING_PTR_ADDRESS, &index) && index == 0);
    CHECK(validate_ptr(&heap, &a, USING_PTR_VALUE, &index) && index == 0);
    SILENT(replace_pointers(&heap, &a, &b));
    CHECK(a == NULL && b == memory + 4);
    SILENT(replace_pointers(&heap, &b, &a));
    SAYS(1, CHECK(drealloc(&heap, 8, &a)));
    CHECK(a == memory);
    SOUND(&heap);
    /* Overwritten. */
    a = memory + 9;
    CHECK(dalloc_heap_check(&heap, &index) != NULL && index == 0);
    a = NULL;
    SAYS(1, replace_pointers(&heap, &a, &b));
    CHECK(a == NULL && b == memory);
    SOUND(&heap);
    b = &b;
    SAYS(1, dfree(&heap, &b, USING_PTR_ADDRESS));
    CHECK(b == NULL && heap.alloc_info.allocations_num == 0);
    end();
}

static void handing_a_block_over(void) {
    void *a = NULL, *b = &a;
    start(ROOM);
    dalloc(&heap, 16, &a);
    SILENT(replace_pointers(&heap, &a, &b));
    CHECK(a == NULL && b == memory && (void **)(void *)entry(0)->ptr == &b);
    SILENT(replace_pointers(&heap, &b, &b));
    CHECK(b == memory);
    SAYS(1, dfree(&heap, &a, USING_PTR_ADDRESS));
    SILENT(replace_pointers(&heap, &b, &a));
    if (MAX_NUM_OF_ALLOCATIONS > 1) {
        dalloc(&heap, 16, &b);
        SAYS(1, replace_pointers(&heap, &a, &b));
        CHECK(a == memory && b == memory + padded(16));
    }
    end();
    CHECK(a == memory);
}

static void a_table_that_is_full(void) {
    static uint8_t large[(MAX_NUM_OF_ALLOCATIONS + 2) * DALLOC_ALIGNMENT] __attribute__((aligned(64)));
    static void *owners[MAX_NUM_OF_ALLOCATIONS];
    void *more = NULL;
    heap_init(&heap, large, sizeof large);
    if (mode.policy != DALLOC_POLICY_EAGER) CHECK(dalloc_heap_set_policy(&heap, mode.policy, mode.step));
    for (uint32_t number = 0; number < MAX_NUM_OF_ALLOCATIONS; number++) {
        dalloc(&heap, 1, &owners[number]);
        CHECK(owners[number] == large + number * DALLOC_ALIGNMENT);
        *(uint8_t *)owners[number] = (uint8_t)number;
    }
    SAYS(1, dalloc(&heap, 1, &more));
    CHECK_SAID("dalloc: the table is full; its entries (");
    CHECK_SAID(". Enlarge the table (MAX_NUM_OF_ALLOCATIONS), or free blocks.\n");
    CHECK(more == NULL && failures() == 1);
    SOUND(&heap);
    const uint32_t middle = MAX_NUM_OF_ALLOCATIONS / 2;
    SILENT(dfree(&heap, &owners[middle], USING_PTR_ADDRESS));
    SILENT(dalloc(&heap, 1, &more));
    CHECK(more != NULL && heap.alloc_info.allocations_num == MAX_NUM_OF_ALLOCATIONS);
    for (uint32_t number = 0; number < MAX_NUM_OF_ALLOCATIONS; number++)
        if (number != middle) CHECK(*(uint8_t *)owners[number] == (uint8_t)number);
    SOUND(&heap);
    /* The last first: the other way round, each moves all others. */
    dfree(&heap, &more, USING_PTR_ADDRESS);
    for (uint32_t number = MAX_NUM_OF_ALLOCATIONS; number-- > 1;)
        if (number != middle) dfree(&heap, &owners[number], USING_PTR_ADDRESS);
    end();
    CHECK(owners[0] == (middle == 0 ? NULL : large));
}

/* ---- Several blocks ---------------------------------------------------------------------------------------------------- */

static void neighbours_move(void) {
    uint8_t *a = NULL, *b = NULL, *c = NULL;
    start(ROOM);
    dalloc(&heap, 5, (void **)&a);
    dalloc(&heap, 6, (void **)&b);
    dalloc(&heap, 7, (void **)&c);
    CHECK(b == memory + padded(5) && c == b + padded(6) && heap.offset == padded(5) + padded(6) + padded(7));
    memcpy(a, "aaaaa", 5);
    memcpy(b, "bbbbbb", 6);
    memcpy(c, "ccccccc", 7);
    for (uint8_t *inside = a; inside <= c + padded(7); inside++) {
        const bool is_block = inside == a || inside == b || inside == c;
        CHECK(validate_ptr(&heap, (void **)&inside, USING_PTR_VALUE, NULL) == is_block);
    }
    SILENT(CHECK(drealloc(&heap, 50, (void **)&b)));
    CHECK(memcmp(b, "bbbbbb", 6) == 0 && memcmp(c, "ccccccc", 7) == 0 && c >= b + padded(50));
    if (FILL_FREED_MEMORY_BY_NULLS) CHECK(is_zero(b + 6, 44));
    SOUND(&heap);
    SILENT(CHECK(drealloc(&heap, 2, (void **)&b)));
    SILENT(dfree(&heap, (void **)&a, USING_PTR_ADDRESS));
    SOUND(&heap);
    CHECK(used(&heap) == padded(2) + padded(7) && entry(0)->ptr == &b && entry(1)->ptr == &c);
    CHECK(memcmp(b, "bb", 2) == 0 && memcmp(c, "ccccccc", 7) == 0);
    if (mode.policy != DALLOC_POLICY_LAZY)
        CHECK(b == memory && c == memory + padded(2) && heap.alloc_info.total_moves > 0);

    /* A variable that owns a block takes another: it owns both, the newer one first. */
    uint8_t *lost = b;
    SILENT(dalloc(&heap, 1, (void **)&b));
    CHECK(b != lost && entry(0)->ptr == &b && entry(0)->allocated_size == 2 && entry(2)->ptr == &b);
    uint8_t *const kept = b;
    SILENT(dfree(&heap, (void **)&lost, USING_PTR_VALUE));
    CHECK(heap.alloc_info.allocations_num == 2 && memcmp(c, "ccccccc", 7) == 0);
    CHECK(mode.policy == DALLOC_POLICY_LAZY ? b == kept : b == kept - padded(2));
    end();
    CHECK(a == NULL && b != NULL && c != NULL);
}

static void two_heaps(void) {
    void *a = NULL, *b = NULL, *c = NULL;
    start(ROOM);
    SILENT(heap_init(&other, other_memory, sizeof other_memory));
    dalloc(&heap, 16, &a);
    dalloc(&other, 16, &b);
    saved = other;
    SAYS(1, dfree(&other, &a, USING_PTR_ADDRESS));
    SAYS(1, dfree(&other, &a, USING_PTR_VALUE));
    SILENT(CHECK(!drealloc(&other, 8, &a)));
    SAYS(1, replace_pointers(&other, &a, &c));
    CHECK(!validate_ptr(&other, &a, USING_PTR_ADDRESS, NULL) && !validate_ptr(&other, &a, USING_PTR_VALUE, NULL));
    CHECK(a == memory && b == other_memory && c == NULL && memcmp(&saved, &other, sizeof other) == 0);
    SOUND(&other);
    heap_deinit(&other);
    CHECK(a == memory && b == other_memory);
    end();
}

/* ---- Owners that stand in the heap --------------------------------------------------------------------------------------- */

typedef struct {
    void *next;
    uint64_t value;
} node_t;

enum { NODE = 16 }; /* keeps the nodes aligned to their pointers, whatever the heap's alignment */

static void a_list_in_the_heap(void) {
    void *head = NULL, *front = NULL;
    uint32_t count = 0;
    CHECK(sizeof(node_t) <= NODE);
    start(ROOM);
    dalloc(&heap, 64, &front);
    dalloc(&heap, NODE, &head);
    void **owner = &head;
    for (uint64_t value = 0;; value++) {
        node_t *node = (node_t *)*owner;
        node->value = value;
        owner = &node->next;
        if (value == 4) break;
        SILENT(dalloc(&heap, NODE, owner));
    }
    CHECK(heap.owners_inside == 4);
    SOUND(&heap);

    SILENT(dfree(&heap, &front, USING_PTR_ADDRESS));
    /* A gap wanders up, block by block, until nothing is behind it. */
    if (mode.policy == DALLOC_POLICY_LAZY) CHECK(heap.gap_bytes == 64 && dalloc_heap_compact(&heap, 0) == 64);
    CHECK(head == memory);
    while (dalloc_heap_compact(&heap, NODE) > 0) SOUND(&heap);
    CHECK(head == memory && heap.gap_bytes == 0);
    SOUND(&heap);
    for (node_t *node = (node_t *)head; node != NULL; node = (node_t *)node->next) CHECK(node->value == count++);
    CHECK(count == 5);

    /* A block goes that holds the owner of the next: that one stays, without an owner. */
    SAYS(1, dfree(&heap, &head, USING_PTR_ADDRESS));
    SOUND(&heap);
    CHECK(head == NULL && heap.alloc_info.allocations_num == 4 && entry(0)->ptr == NULL && entry(1)->ptr != NULL);
    for (uint32_t left = 4; left > 0; left--) {
        head = heap.mem + entry(0)->offset;
        CHECK(((node_t *)head)->value == 5 - left && entry(0)->ptr == NULL);
        SAYS(left > 1, dfree(&heap, &head, USING_PTR_VALUE));
        SOUND(&heap);
    }
    CHECK(heap.alloc_info.allocations_num == 0 && heap.owners_inside == 0);
    end();
}

/* A block that holds its own owner moves with it, and goes with it. */
static void a_block_that_owns_itself(validate_ptr_condition_t condition) {
    void *front = NULL, *a = NULL, *copy;
    uint32_t start_of_a = 0;
    start(ROOM);
    if (MAX_NUM_OF_ALLOCATIONS > 1) {
        start_of_a = 64;
        dalloc(&heap, start_of_a, &front);
    }
    dalloc(&heap, 2 * WORD, &a);
    SILENT(replace_pointers(&heap, &a, at(start_of_a)));
    CHECK(a == NULL && *at(start_of_a) == memory + start_of_a && heap.owners_inside == 1);
    if (front != NULL) dfree(&heap, &front, USING_PTR_VALUE);
    dalloc_heap_compact(&heap, 0);
    CHECK(*at(0) == memory && (void **)(void *)entry(0)->ptr == at(0));
    SOUND(&heap);
    CHECK(drealloc(&heap, 3 * WORD, at(0)) && *at(0) == memory);
    copy = *at(0);
    SILENT(dfree(&heap, condition == USING_PTR_VALUE ? &copy : at(0), condition));
    CHECK(heap.alloc_info.allocations_num == 0 && heap.owners_inside == 0);
    SOUND(&heap);

    /* The end of a block is cut off, and its owner stood there: all of it, or its last byte. */
    for (uint32_t size = WORD; size < 2 * WORD; size += WORD - 1) {
        dalloc(&heap, 2 * WORD, &a);
        replace_pointers(&heap, &a, at(WORD));
        SAYS(1, CHECK(drealloc(&heap, size, at(WORD))));
        CHECK(entry(0)->ptr == NULL && entry(0)->allocated_size == size && heap.owners_inside == 0);
        SOUND(&heap);
        copy = memory;
        dfree(&heap, &copy, USING_PTR_VALUE);
    }
    end();
}

static void blocks_that_own_themselves(void) {
    a_block_that_owns_itself(USING_PTR_ADDRESS);
    a_block_that_owns_itself(USING_PTR_VALUE);
}

/* ---- Looking inside ----------------------------------------------------------------------------------------------------- */

/* The lines that programs for dalloc 1.5, and scripts, read. */
static void what_is_listed(const void *owner) {
    char expected[512];
    LISTS(list, dump_heap(&heap));
    if (counts_messages) {
        CHECK(strlen(list) == 3 * ROOM + 1 && strncmp(list, "3A 3A 3A ", 9) == 0 && list[3 * ROOM] == '\n');
        CHECK(strcmp(list + 3 * ROOM - 6, "00 00 \n") == 0);
    }
    LISTS(list, dump_dalloc_ptr_info(&heap));
    sprintf(expected, "\nPtr address: 0x%lx, ptr first val: 0x3A, alloc size: 159", (unsigned long)(uintptr_t)owner);
    if (counts_messages) CHECK(strstr(list, "* Ptr Info *") != NULL && strstr(list, expected) != NULL);
    LISTS(list, print_dalloc_info(&heap));
    sprintf(expected,
            "\nTotal memory, bytes: %lu\nMemory in use, bytes: %lu\nNumber of allocations: 1\n"
            "The biggest memory was in use: %lu\nMax allocations number: 1\n",
            (unsigned long)ROOM, (unsigned long)padded(159), (unsigned long)padded(200));
    if (counts_messages) CHECK(strstr(list, "* Mem Info *") != NULL && strstr(list, expected) != NULL);
}

static void what_is_printed(void) {
    void *a = NULL;
    char text[96], expected[96];
    start(ROOM);
    dalloc(&heap, 200, &a);
    CHECK(drealloc(&heap, 159, &a));
    memset(a, 0x3a, 159);
    what_is_listed(&a);

    sprintf(expected, "used=%lu/%lu allocs=1 peak_mem=%lu peak_allocs=1", (unsigned long)padded(159),
            (unsigned long)ROOM, (unsigned long)padded(200));
    const int length = (int)strlen(expected);
    for (int size = 1; size < (int)sizeof text; size++) {
        memset(text, 0xee, sizeof text);
        SILENT(CHECK(dalloc_heap_info_str(&heap, text, (uint32_t)size) == length));
        const int kept = size <= length ? size - 1 : length;
        CHECK(memcmp(text, expected, (size_t)kept) == 0 && text[kept] == 0);
        CHECK(text[size - 1] == 0 && (size == (int)sizeof text || (uint8_t)text[size] == 0xee));
    }
    end();

    /* Its peaks outlive a heap. */
    start(ROOM);
    dalloc(&heap, 200, &a);
    heap_deinit(&heap);
    sprintf(expected, "used=0/0 allocs=0 peak_mem=%lu peak_allocs=1", (unsigned long)padded(200));
    SILENT(CHECK(dalloc_heap_info_str(&heap, text, sizeof text) == (int)strlen(expected)));
    CHECK(strcmp(text, expected) == 0);
    LISTS(list, print_dalloc_info(&heap); dump_heap(&heap); dump_dalloc_ptr_info(&heap));
    CHECK(!counts_messages || strstr(list, "\nMax allocations number: 1\n") != NULL);
}

typedef struct {
    uint32_t seen, limit;
} visit_t;

static bool visit(void *context, const dalloc_block_t *block) {
    visit_t *visited = (visit_t *)context;
    const ptr_info_t *info = entry(visited->seen);
    CHECK(block->index == visited->seen && block->offset == info->offset && block->size == info->allocated_size);
    CHECK(block->padded_size == padded(info->allocated_size));
    CHECK(block->address == heap.mem + info->offset && block->owner == (void **)(void *)info->ptr);
    CHECK(block->owner == NULL || *block->owner == block->address);
    const uint32_t before =
        visited->seen == 0 ? 0 : (info - 1)->offset + padded((info - 1)->allocated_size);
    CHECK(block->gap == info->offset - before);
#ifdef DALLOC_USE_CALL_SITES
    CHECK(block->call_site != NULL && block->call_site == info->call_site);
#else
    CHECK(block->call_site == NULL);
#endif
    return ++visited->seen < visited->limit;
}

static void walking(void) {
    void *a[4] = {NULL, NULL, NULL, NULL};
    visit_t all = {0, UINT32_MAX}, two = {0, 2}, none = {0, 0};
    start(ROOM);
    SILENT(CHECK(dalloc_heap_walk(&heap, visit, &none) == 0 && none.seen == 0));
    for (int number = 0; number < 3; number++) dalloc(&heap, 16 + (uint32_t)number, &a[number]);
    dfree(&heap, &a[0], USING_PTR_ADDRESS);
    dalloc(&heap, 9, &a[0]);
    dalloc(&heap, 9, &a[3]);
    SILENT(CHECK(dalloc_heap_walk(&heap, visit, &two) == 2 && two.seen == 2));
    SILENT(CHECK(dalloc_heap_walk(&heap, visit, &all) == 4 && all.seen == 4));
    end();
}

/* Breaks one invariant at a time; dalloc_heap_check must name the entry. */
static void what_is_broken_is_found(void) {
#define FINDS(at_index, ...)                                                   \
    do {                                                                       \
        uint32_t index = 77;                                                   \
        SOUND(&heap);                                                          \
        saved = heap;                                                          \
        __VA_ARGS__;                                                           \
        SILENT(CHECK(dalloc_heap_check(&heap, &index) != NULL));                      \
        CHECK(index == (at_index));                                            \
        heap = saved;                                                          \
    } while (0)
    const uint32_t nowhere = UINT32_MAX;
    uint8_t *a = NULL, *b = NULL;
    start(ROOM);
    dalloc(&heap, 16, (void **)&a);
    dalloc(&heap, 16, (void **)&b);
    if (DALLOC_ALIGNMENT > 1) FINDS(nowhere, heap.mem++);
    if (DALLOC_ALIGNMENT > 1) FINDS(nowhere, heap.total_size = DALLOC_ALIGNMENT - 1);
    FINDS(nowhere, heap.offset = ROOM + DALLOC_ALIGNMENT);
    FINDS(nowhere, heap.alloc_info.allocations_num = MAX_NUM_OF_ALLOCATIONS + 1);
    FINDS(nowhere, heap.alloc_info.allocations_num = UINT32_MAX);
    FINDS(1, entry(1)->allocated_size = 0);
    FINDS(1, entry(1)->allocated_size = UINT32_MAX);
    FINDS(1, entry(1)->offset -= DALLOC_ALIGNMENT);
    FINDS(1, entry(1)->offset = UINT32_MAX - DALLOC_ALIGNMENT + 1);
    if (mode.policy == DALLOC_POLICY_EAGER) FINDS(1, entry(1)->offset += DALLOC_ALIGNMENT);
    FINDS(nowhere, heap.offset += DALLOC_ALIGNMENT);
    FINDS(nowhere, heap.gap_bytes += DALLOC_ALIGNMENT);
    FINDS(nowhere, heap.alloc_info.allocations_num = 1);
    FINDS(nowhere, heap.owners_inside++);
    FINDS(0, entry(0)->free_flag = true);
    if (MAX_NUM_OF_ALLOCATIONS > 2) FINDS(2, entry(2)->free_flag = false);
    if (MAX_NUM_OF_ALLOCATIONS > 2) FINDS(2, entry(2)->allocated_size = 1);
    if (MAX_NUM_OF_ALLOCATIONS > 2) FINDS(MAX_NUM_OF_ALLOCATIONS - 1, entry(MAX_NUM_OF_ALLOCATIONS - 1)->ptr = &a);
    FINDS(nowhere, heap.alloc_info.max_memory_amount--);
    FINDS(nowhere, heap.alloc_info.max_allocations_amount--);
    FINDS(1, b += 17);
    b -= 17;
    if (FILL_FREED_MEMORY_BY_NULLS) {
        FINDS(nowhere, memory[ROOM - 1] = 1);
        memory[ROOM - 1] = 0;
    }
    end();
#undef FINDS
}

/* ---- Who watches -------------------------------------------------------------------------------------------------------- */

static void an_observer(void) {
    const bool lazy = mode.policy == DALLOC_POLICY_LAZY, pinning = mode.policy == DALLOC_POLICY_PINNING;
    watch_t seen;
    void *a = NULL, *b = NULL, *c = NULL;
    memset(&seen, 0, sizeof seen);
    start(ROOM);
    SILENT(CHECK(dalloc_heap_set_observer(&heap, watch, &seen)));
    CHECK(heap.observer == watch && heap.observer_context == &seen);
    /* One, and nobody else displaces or ends it. */
    SAYS(1, CHECK(!dalloc_heap_set_observer(&heap, watch, &a)));
    SAYS(1, CHECK(!dalloc_heap_set_observer(&heap, NULL, NULL)));
    SAYS(1, CHECK(!dalloc_heap_set_policy(&heap, DALLOC_POLICY_EAGER, 0)));
    SILENT(CHECK(dalloc_heap_set_observer(&heap, NULL, &seen)));
    CHECK(heap.observer == NULL && heap.observer_context == NULL);
    SILENT(CHECK(dalloc_heap_set_observer(&heap, watch, &seen)));

    dalloc(&heap, 16, &a);
    CHECK(seen.operation == DALLOC_OP_ALLOC && seen.index == 0 && seen.size == 16 && seen.owner == &a);
    dalloc(&heap, 32, &b);
    CHECK(drealloc(&heap, 24, &b));
    CHECK(seen.operation == DALLOC_OP_RESIZE && seen.index == 1 && seen.size == 24);
    replace_pointers(&heap, &b, &c);
    CHECK(seen.operation == DALLOC_OP_REOWN && seen.index == 1 && seen.owner == &b);
    CHECK(heap.alloc_info.ptr_info_arr[1].ptr == (uint8_t **)&c);
    dalloc(&heap, 0, &b);
    CHECK(seen.operation == DALLOC_OP_FAILED && seen.index == DALLOC_FAILURE_ZERO_SIZE && seen.size == 0);
    dalloc(&heap, ROOM, &b);
    CHECK(seen.operation == DALLOC_OP_FAILED && seen.index == DALLOC_FAILURE_NO_ROOM && seen.size == ROOM);
    dfree(&heap, &b, USING_PTR_ADDRESS);
    CHECK(seen.operation == DALLOC_OP_BAD_POINTER && seen.owner == &b);
    b = other_memory;
    dfree(&heap, &b, USING_PTR_VALUE);
    CHECK(seen.operation == DALLOC_OP_BAD_POINTER && seen.owner == other_memory);
    dfree(&heap, &a, USING_PTR_ADDRESS);
    if (!pinning) CHECK(seen.operation == (lazy ? DALLOC_OP_MARK_FREE : DALLOC_OP_FREE) && seen.index == 0 && seen.owner == &a);
    CHECK(dalloc_heap_compact(&heap, 0) == 0);
    if (lazy || pinning) CHECK(seen.operation == DALLOC_OP_COMPACT && seen.index == 0 && seen.size == padded(24));
    CHECK(c == memory);
    dalloc(&heap, 8, at(0));
    dfree(&heap, &c, USING_PTR_ADDRESS);
    CHECK(seen.count[DALLOC_OP_ORPHAN] == 1 && seen.index == 0);
    CHECK(seen.operation == (pinning ? DALLOC_OP_COMPACT : DALLOC_OP_ORPHAN));
    heap_deinit(&heap);
    CHECK(seen.operation == DALLOC_OP_RESET && seen.count[DALLOC_OP_ALLOC] == 3);
    CHECK(heap.observer == NULL);
}

/* ---- Blocks that do not move ----------------------------------------------------------------------------------------- */

static void blocks_that_do_not_move(void) {
    const bool lazy = mode.policy == DALLOC_POLICY_LAZY;
    watch_t seen;
    void *a = NULL, *b = NULL, *c = NULL, *d = NULL, *none = NULL;
    memset(&seen, 0, sizeof seen);
    start(320);
    CHECK(dalloc_heap_set_observer(&heap, watch, &seen));
    dalloc(&heap, 64, &a);
    dalloc(&heap, 64, &b);
    dalloc(&heap, 64, &c);
    memset(b, 2, 64);
    memset(c, 3, 64);
    if (mode.policy == DALLOC_POLICY_EAGER) {
        SAYS(1, CHECK(!dalloc_pin(&heap, &b)));
        SILENT(CHECK(!dalloc_unpin(&heap, &b)));
        CHECK(heap.pinned_blocks == 0 && seen.count[DALLOC_OP_PIN] == 0 && dalloc_heap_set_observer(&heap, NULL, &seen));
        end();
        return;
    }
    SILENT(CHECK(!dalloc_pin(NULL, &b) && !dalloc_unpin(NULL, &b)));
    SILENT(CHECK(!dalloc_pin(&heap, &none) && !dalloc_unpin(&heap, &none)));
    SILENT(CHECK(!dalloc_pin(&heap, NULL) && !dalloc_unpin(&heap, NULL)));
    SILENT(CHECK(!dalloc_unpin(&heap, &b)));

    /* As often as it was pinned. */
    void *const b_before = b;
    SILENT(CHECK(dalloc_pin(&heap, &b)));
    CHECK(seen.operation == DALLOC_OP_PIN && seen.index == 1 && heap.pinned_blocks == 1);
    for (int times = 1; times < 255; times++) CHECK(dalloc_pin(&heap, &b));
    SILENT(CHECK(!dalloc_pin(&heap, &b)));
    for (int times = 1; times < 255; times++) CHECK(dalloc_unpin(&heap, &b));
    CHECK(seen.count[DALLOC_OP_PIN] == 1 && seen.count[DALLOC_OP_UNPIN] == 0 && heap.pinned_blocks == 1);
    CHECK(dalloc_unpin(&heap, &b) && seen.operation == DALLOC_OP_UNPIN && seen.index == 1 && heap.pinned_blocks == 0);
    CHECK(dalloc_pin(&heap, &b) && dalloc_heap_set_observer(&heap, NULL, &seen));

    /* What comes before it leaves a gap, what comes after it moves. */
    dfree(&heap, &a, USING_PTR_ADDRESS);
    CHECK(b == b_before && c == (uint8_t *)b + 64 && heap.gap_bytes == 64);
    CHECK(dalloc_heap_compact(&heap, UINT32_MAX) == 64 && b == b_before);
    SAYS(1, CHECK(!dalloc_heap_set_policy(&heap, DALLOC_POLICY_EAGER, 0)));
    SILENT(CHECK(drealloc(&heap, 32, &b)));
    if (lazy) dalloc_heap_compact(&heap, UINT32_MAX);
    CHECK(b == b_before && c == (uint8_t *)b + 32 && heap.gap_bytes == 64);
    SILENT(CHECK(drealloc(&heap, 64, &b)));
    CHECK(b == b_before && c == (uint8_t *)b + 64);
    SOUND(&heap);
    /* 128 bytes are free after c, and the gap is of no use to a new block. */
    SAYS(1, dalloc(&heap, 160, &d));
    CHECK(d == NULL);

    /* The owner may change, and so may what is in it. */
    SILENT(replace_pointers(&heap, &b, &d));
    CHECK(d == b_before && heap.pinned_blocks == 1 && *(uint8_t *)d == 2 && *(uint8_t *)c == 3);
    SILENT(CHECK(dalloc_unpin(&heap, &d)));
    CHECK(heap.pinned_blocks == 0);
    if (lazy) CHECK(d == b_before && dalloc_heap_compact(&heap, UINT32_MAX) == 0);
    CHECK(d == memory && c == memory + 64 && heap.gap_bytes == 0 && *(uint8_t *)d == 2 && *(uint8_t *)c == 3);
    SOUND(&heap);

    /* A free ends a pin. */
    CHECK(dalloc_pin(&heap, &d) && heap.pinned_blocks == 1);
    SILENT(dfree(&heap, &d, USING_PTR_ADDRESS));
    CHECK(heap.pinned_blocks == 0);
    if (lazy) dalloc_heap_compact(&heap, UINT32_MAX);
    CHECK(c == memory && heap.gap_bytes == 0);
    SILENT(CHECK(dalloc_heap_set_policy(&heap, DALLOC_POLICY_EAGER, 0)));
    end();
}

/* ---- When gaps are closed ------------------------------------------------------------------------------------------------ */

static void gaps_and_steps(void) {
    void *a = NULL, *b = NULL, *c = NULL, *d = NULL;
    if (mode.policy != DALLOC_POLICY_LAZY) return;
    start(160);
    dalloc(&heap, 32, &a);
    dalloc(&heap, 32, &b);
    dalloc(&heap, 32, &c);
    memset(b, 2, 32);
    memset(c, 3, 32);
    void *const b_before = b, *const c_before = c;
    dfree(&heap, &a, USING_PTR_ADDRESS);
    CHECK(b == b_before && c == c_before && heap.gap_bytes == 32 && heap.offset == 96);
    SOUND(&heap);
    /* 32 of 64 bytes that are not in use are behind the last block. */
    SILENT(dalloc(&heap, 96, &d));
    CHECK(d == memory + 64 && b == memory && c == memory + 32 && heap.gap_bytes == 0);
    CHECK(*(uint8_t *)b == 2 && *(uint8_t *)c == 3);
    SAYS(1, dalloc(&heap, 1, &a));
    SOUND(&heap);
    dfree(&heap, &b, USING_PTR_ADDRESS);
    CHECK(dalloc_heap_compact(&heap, 1) == 32 && c == memory);
    CHECK(dalloc_heap_compact(&heap, 1) == 0 && d == memory + 32);
    SOUND(&heap);
    dfree(&heap, &c, USING_PTR_ADDRESS);
    SILENT(CHECK(drealloc(&heap, 128, &d)));
    SAYS(1, CHECK(!drealloc(&heap, 161, &d)));
    CHECK(drealloc(&heap, 160, &d) && d == memory);
    CHECK(drealloc(&heap, 16, &d));
    dalloc(&heap, 16, &a);
    dfree(&heap, &d, USING_PTR_ADDRESS);
    CHECK(heap.gap_bytes == 16);
    SILENT(CHECK(dalloc_heap_set_policy(&heap, DALLOC_POLICY_EAGER, 0)));
    CHECK(heap.gap_bytes == 0 && a == memory && heap.offset == 16);
    SILENT(CHECK(dalloc_heap_compact(&heap, 0) == 0));
    end();

    /* The variable that a call is about stands in a block that moves in the middle of that call. */
    start(160);
    dalloc(&heap, 64, &a);
    dalloc(&heap, 32, &b);
    dfree(&heap, &a, USING_PTR_ADDRESS);
    SILENT(dalloc(&heap, 96, (void **)b));
    CHECK(b == memory && *at(0) == memory + 32 && (void **)(void *)entry(1)->ptr == at(0));
    SOUND(&heap);
    replace_pointers(&heap, at(0), at(WORD));
    CHECK(drealloc(&heap, 64, at(WORD)));
    dalloc(&heap, 64, &c);
    replace_pointers(&heap, at(WORD), (void **)c);
    memset(*(void **)c, 6, 64);
    dfree(&heap, &b, USING_PTR_ADDRESS);
    SILENT(CHECK(drealloc(&heap, 96, (void **)c)));
    CHECK(*(void **)c == memory && c == memory + 96 && memory[63] == 6 && entry(0)->allocated_size == 96);
    end();
}

#ifdef DALLOC_USE_CALL_SITES
__attribute__((noinline)) static void allocate_here(void **owner) {
    dalloc(&heap, 8, owner);
    __asm__ volatile("" ::: "memory"); /* else it is a jump, and returns to where this one was called */
}

static void call_sites(void) {
    void *a[4] = {NULL, NULL, NULL, NULL};
    start(ROOM);
    for (int number = 0; number < 2; number++) allocate_here(&a[number]);
    dalloc(&heap, 8, &a[2]);
    dalloc(&heap, 8, &a[3]);
    CHECK(entry(0)->call_site != NULL && entry(0)->call_site == entry(1)->call_site);
    CHECK(entry(2)->call_site != entry(0)->call_site && entry(2)->call_site != entry(3)->call_site);
    const void *third = entry(2)->call_site;
    dfree(&heap, &a[0], USING_PTR_ADDRESS);
    CHECK(entry(1)->call_site == third && drealloc(&heap, 100, &a[2]) && entry(1)->call_site == third);
    /* It is in this program. */
    const uintptr_t near = (uintptr_t)&allocate_here, there = (uintptr_t)third;
    CHECK(there - near < 1u << 20 || near - there < 1u << 20);
    end();
}
#endif

/* ---- Tables of the program's --------------------------------------------------------------------------------------------- */

static void a_table_may_be_the_programs(void) {
    enum { ENTRIES = 3 };
    static uint8_t space[256] __attribute__((aligned(64)));
    static ptr_info_t table[ENTRIES + 1];
    static heap_t other;
    void *owners[ENTRIES + 1];
    memset(&other, 0xA5, sizeof other);
    memset(table, 0xA5, sizeof table);
    dalloc_heap_init_with_table(&other, space, sizeof space, table, ENTRIES);
    CHECK(other.mem == space && other.table == table && other.table_entries == ENTRIES);
    CHECK(table[0].free_flag && table[ENTRIES - 1].free_flag && table[ENTRIES - 1].allocated_size == 0);
    CHECK(((uint8_t *)&table[ENTRIES])[0] == 0xA5);
    SOUND(&other);
    for (int number = 0; number < ENTRIES; number++) {
        dalloc(&other, 9, &owners[number]);
        CHECK(owners[number] != NULL && table[number].ptr == (uint8_t **)&owners[number]);
    }
    SAYS(1, dalloc(&other, 9, &owners[ENTRIES]));
    CHECK(owners[ENTRIES] == NULL && other.reports[DALLOC_REPORT_TABLE_FULL] == 1);
    dfree(&other, &owners[0], USING_PTR_ADDRESS);
    CHECK(owners[1] == space && table[1].allocated_size == 9 && table[2].free_flag);
    SOUND(&other);
    dalloc(&other, 9, &owners[0]);
    CHECK(owners[0] != NULL && other.alloc_info.max_allocations_amount == ENTRIES);
    CHECK(((uint8_t *)&table[ENTRIES])[0] == 0xA5);
    heap_deinit(&other);
    CHECK(other.table_entries == 0 && other.alloc_info.max_allocations_amount == ENTRIES && table[2].free_flag);

    SAYS(1, dalloc_heap_init_with_table(&other, space, sizeof space, NULL, ENTRIES));
    CHECK(other.mem == NULL);
    SAYS(1, dalloc_heap_init_with_table(&other, space, sizeof space, table, 0));
    CHECK(other.mem == NULL);
    SAYS(1, dalloc_heap_init_with_table(&other, space, sizeof space, table, 65536));
    CHECK(other.mem == NULL && ((uint8_t *)&table[ENTRIES])[0] == 0xA5);
    SAYS(1, dalloc_heap_init_with_table(NULL, space, sizeof space, table, ENTRIES));
}

/* ---- Locks -------------------------------------------------------------------------------------------------------------- */

#ifdef USE_THREAD_SAFETY
static void *allocate_and_free(void *context) {
    void **owner = (void **)context;
    for (uint32_t round = 0; round < 500; round++) {
        dalloc(&heap, 8 + round % 32, owner);
        heap_lock(&heap);
        uint8_t *bytes = (uint8_t *)*owner;
        memset(bytes, (int)round, 8);
        CHECK(*owner == bytes && bytes[7] == (uint8_t)round);
        heap_unlock(&heap);
        CHECK(drealloc(&heap, 40, owner));
        dfree(&heap, owner, USING_PTR_ADDRESS);
    }
    return NULL;
}

/* Whether another thread can have the mutex. */
static void *try_to_lock(void *context) {
#if defined(DALLOC_POSIX_MUTEX)
    *(bool *)context = pthread_mutex_trylock(&heap.mutex) == 0;
#elif defined(USE_FREE_RTOS)
    *(bool *)context = xSemaphoreTakeRecursive(heap.mutex, 0) == pdTRUE;
#elif defined(DALLOC_EXTERNAL_MUTEX) /* Agent/ports/dalloc_mutex_posix.c */
    *(bool *)context = pthread_mutex_trylock((pthread_mutex_t *)heap.mutex) == 0;
#else
    *(bool *)context = own_mutex_try(heap.mutex);
#endif
    if (*(bool *)context) heap_unlock(&heap);
    return NULL;
}

static bool others_can_lock(void) {
    pthread_t thread;
    bool locked = false;
    CHECK(pthread_create(&thread, NULL, try_to_lock, &locked) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
    return locked;
}

static void several_threads(void) {
    pthread_t threads[3];
    static void *owners[3];
    start(ROOM);
    for (int number = 0; number < 3; number++)
        CHECK(pthread_create(&threads[number], NULL, allocate_and_free, &owners[number]) == 0);
    for (int number = 0; number < 3; number++) CHECK(pthread_join(threads[number], NULL) == 0);
    CHECK(heap.alloc_info.total_frees == 1500 && heap.alloc_info.allocations_num == 0);
    end();
}
#endif

static void locks_nest(void) {
    void *a = NULL;
    start(ROOM);
    for (int depth = 0; depth < 3; depth++) SILENT(heap_lock(&heap));
    dalloc(&heap, 8, &a);
    CHECK(drealloc(&heap, 16, &a));
    SOUND(&heap);
    dfree(&heap, &a, USING_PTR_ADDRESS);
    for (int depth = 0; depth < 3; depth++) {
#ifdef USE_THREAD_SAFETY
        CHECK(!others_can_lock());
#endif
        SILENT(heap_unlock(&heap));
    }
#ifdef USE_THREAD_SAFETY
    /* Also after what was refused. */
    SAYS(1, dfree(&heap, &a, USING_PTR_ADDRESS));
    SILENT(CHECK(!drealloc(&heap, 8, &a)));
    SAYS(1, replace_pointers(&heap, &a, &a));
    SILENT(dalloc(&heap, 0, &a));
    SAYS(1, CHECK(dalloc_heap_walk(&heap, NULL, NULL) == 0));
    SILENT(CHECK(dalloc_heap_info_str(&heap, NULL, 1) == -1));
    CHECK(!validate_ptr(&heap, &a, USING_PTR_VALUE, NULL));
    LISTS(list, print_dalloc_info(&heap));
    CHECK(others_can_lock());
#endif
    end();
#ifdef CONFORMANCE_OWN_MUTEX
    own_mutex_refuses = true;
    SAYS(1, heap_init(&heap, memory, ROOM));
    everything_refuses(&heap);
    own_mutex_refuses = false;
#endif
}

/* ---- The default heap --------------------------------------------------------------------------------------------------- */

#ifdef USE_SINGLE_HEAP_MEMORY
static void no_default_heap(void) {
    char text[8] = "kept";
    void *local = memory, *second = NULL;
    CHECK(!dalloc_is_initialized() && dalloc_get_default_heap() == NULL);
    SAYS(1, def_dalloc(8, &local));
    CHECK(local == NULL);
    SAYS(1, def_dalloc(8, NULL));
    SAYS(1, def_dfree(&local));
    SAYS(1, CHECK(!def_drealloc(8, &local)));
    SAYS(1, def_replace_pointers(&local, &second));
    def_heap_lock();
    def_heap_unlock();
    SAYS(1, print_def_dalloc_info());
    SAYS(1, dump_def_heap());
    SAYS(1, dump_def_dalloc_ptr_info());
    SILENT(CHECK(def_dalloc_heap_info_str(text, sizeof text) == -1));
    CHECK(text[0] == 0);
    SAYS(1, dalloc_reset_heap());
    SAYS(1, CHECK(!dalloc_unregister_heap(true)));
    SAYS(1, CHECK(!dalloc_unregister_heap(false)));
}

static void the_default_heap(void) {
    uint8_t *a = NULL;
    void *b = NULL, **owner = (void **)&a;
    char text[80], same[80];
    watch_t seen;
    memset(&seen, 0, sizeof seen);
    no_default_heap();
    SAYS(1, CHECK(!dalloc_register_heap(NULL, ROOM)));
    SAYS(1, CHECK(!dalloc_register_heap(memory, 0)));
    if (DALLOC_ALIGNMENT > 1) SAYS(1, CHECK(!dalloc_register_heap(memory + 1, ROOM)));
    no_default_heap();

    SILENT(CHECK(dalloc_register_heap(memory, ROOM)));
    heap_t *def = dalloc_get_default_heap();
    CHECK(dalloc_is_initialized() && def != NULL && def->mem == memory && def->total_size == ROOM);
    SAYS(1, CHECK(!dalloc_register_heap(other_memory, sizeof other_memory)));
    CHECK(def->mem == memory);
    if (mode.policy != DALLOC_POLICY_EAGER) CHECK(dalloc_heap_set_policy(def, mode.policy, mode.step));
    CHECK(dalloc_heap_set_observer(def, watch, &seen));

    SILENT(def_dalloc(10, owner));
    CHECK(a == memory && def->alloc_info.ptr_info_arr[0].ptr == &a);
#ifdef DALLOC_USE_CALL_SITES
    CHECK(def->alloc_info.ptr_info_arr[0].call_site != NULL);
#endif
    memcpy(a, "0123456789", 10);
    def_heap_lock();
    def_heap_lock();
    SILENT(CHECK(def_drealloc(20, owner)));
    def_heap_unlock();
    def_heap_unlock();
    CHECK(memcmp(a, "0123456789", 10) == 0);
    SILENT(def_replace_pointers(owner, &b));
    CHECK(a == NULL && b == memory);
    SAYS(1, def_dfree(owner));
    SAYS(1, def_dfree(NULL));
    SILENT(CHECK(!def_drealloc(8, NULL)));
    SILENT(CHECK(!def_drealloc(0, &b)));
    SAYS(1, def_replace_pointers(NULL, &b));
    SAYS(1, def_replace_pointers(&b, NULL));
    SAYS(1, def_dalloc(8, NULL));
    SILENT(def_dalloc(0, owner));
    SAYS(1, def_dalloc(UINT32_MAX, owner));
    LISTS(list, dump_def_heap());
    CHECK(!counts_messages || strlen(list) == 3 * ROOM + 1);
    LISTS(list, dump_def_dalloc_ptr_info());
    CHECK(!counts_messages || strstr(list, "alloc size: 20,") != NULL);
    LISTS(list, print_def_dalloc_info());
    CHECK(!counts_messages || strstr(list, "Number of allocations: 1\n") != NULL);
    CHECK(def_dalloc_heap_info_str(text, sizeof text) == dalloc_heap_info_str(def, same, sizeof same));
    CHECK(strcmp(text, same) == 0 && strncmp(text, "used=", 5) == 0);
    SILENT(CHECK(def_dalloc_heap_info_str(NULL, 8) == -1));
    SILENT(CHECK(def_dalloc_heap_info_str(text, 0) == -1));
    SOUND(def);

    SAYS(1, CHECK(!dalloc_unregister_heap(false)));
    CHECK(b == memory);
    memory[ROOM - 1] = 1;
    SILENT(dalloc_reset_heap());
    CHECK(b == memory && def->offset == 0 && is_unused(def, 0) && has_no_history(def) && is_zero(memory, ROOM));
    CHECK(seen.operation == DALLOC_OP_RESET && def->observer == watch);
    CHECK((def->policy != NULL) == (mode.policy != DALLOC_POLICY_EAGER) && dalloc_is_initialized());
    SOUND(def);
    def_dalloc(8, owner);
    SILENT(def_dfree(owner));
    SILENT(CHECK(dalloc_unregister_heap(false)));
    no_default_heap();

    CHECK(dalloc_register_heap(memory, ROOM));
    CHECK(def->observer == NULL && def->policy == NULL);
    def_dalloc(8, owner);
    SILENT(CHECK(dalloc_unregister_heap(true)));
    CHECK(a == memory);
    no_default_heap();
}
#endif

int main(void) {
    static const struct {
        dalloc_policy_t policy;
        uint32_t step;
    } modes[] = {{DALLOC_POLICY_EAGER, 0}, {DALLOC_POLICY_LAZY, 0}, {DALLOC_POLICY_LAZY, 16}, {DALLOC_POLICY_PINNING, 0}};
    names_and_values();
    for (size_t number = 0; number < sizeof modes / sizeof *modes; number++) {
        mode.policy = modes[number].policy;
        mode.step = modes[number].step;
        a_block_from_beginning_to_end();
        heaps_without_memory();
        sizes_that_do_not_fit();
        pointers_that_are_none();
        failures_that_repeat();
        variables_that_were_changed();
        handing_a_block_over();
        a_table_that_is_full();
        blocks_that_own_themselves();
        what_is_printed();
        a_table_may_be_the_programs();
    locks_nest();
#ifdef USE_SINGLE_HEAP_MEMORY
        the_default_heap();
#endif
        if (MAX_NUM_OF_ALLOCATIONS < 6) continue;
        neighbours_move();
        two_heaps();
        a_list_in_the_heap();
        walking();
        what_is_broken_is_found();
        an_observer();
        gaps_and_steps();
        blocks_that_do_not_move();
#ifdef DALLOC_USE_CALL_SITES
        call_sites();
#endif
#ifdef USE_THREAD_SAFETY
        several_threads();
#endif
    }
    return 0;
}
