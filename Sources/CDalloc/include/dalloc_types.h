/*
 * dalloc_types.h - the types of a dalloc heap.
 *
 * The fields of dalloc 1.5 keep their names, types and meaning, so programs that look into the structs
 * go on working. What this library adds stands behind them, at the end of each struct.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DALLOC_TYPES_H
#define DALLOC_TYPES_H

#include "dalloc_conf.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Stops the compiler unless `condition` holds; `word` tells the cases apart. Before C11 and C++11 the reason is in a name. */
#define DALLOC_LAYOUT_MESSAGE \
    "heap_t is not laid out as in the library: another DALLOC_MUTEX_TYPE, #pragma pack, or a flag such as -fpack-struct"
#if defined(__cplusplus) && __cplusplus >= 201103L
#define DALLOC_ASSERT_LAYOUT(condition, word) static_assert(condition, DALLOC_LAYOUT_MESSAGE)
#elif defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L
#define DALLOC_ASSERT_LAYOUT(condition, word) _Static_assert(condition, DALLOC_LAYOUT_MESSAGE)
#else
#define DALLOC_ASSERT_LAYOUT(condition, word)                                                                       \
    struct dalloc_check_##word {                                                                                    \
        char heap_t_is_not_laid_out_as_in_the_library__another_DALLOC_MUTEX_TYPE__pragma_pack__or_fpack_struct       \
            [(condition) ? 1 : -1];                                                                                 \
    }
#endif

typedef enum {
    DALLOC_OK = 0,
    DALLOC_ERR
} dalloc_stat_t;

/* How a pointer is looked up in the table of a heap. */
typedef enum {
    USING_PTR_ADDRESS = 0, /* by the pointer variable that owns the block: &p */
    USING_PTR_VALUE        /* by the block's address: what p, or any copy of it, contains */
} validate_ptr_condition_t;

/* One block. Entries stand in the order of their addresses, without holes between them. */
typedef struct {
    uint8_t **ptr;           /* the owner: the pointer variable to keep up to date; NULL for an orphan */
    uint32_t allocated_size; /* bytes asked for, padding not included */
    bool free_flag;          /* true in entries that are not in use */
    uint32_t offset;         /* bytes from heap_t.mem to the block */
#ifdef DALLOC_USE_CALL_SITES
    const void *call_site;   /* where the call that allocated it returns to */
#endif
} ptr_info_t;

typedef struct {
    ptr_info_t ptr_info_arr[MAX_NUM_OF_ALLOCATIONS];
    uint32_t allocations_num;        /* entries in use */
    uint32_t max_memory_amount;      /* most bytes in use at a time since heap_init, padding included; heap_deinit keeps it */
    uint32_t max_allocations_amount; /* highest allocations_num since heap_init; heap_deinit keeps it */
    /* Running totals since heap_init. */
    uint64_t total_allocations;      /* blocks allocated */
    uint64_t total_frees;            /* blocks freed */
    uint64_t total_failures;         /* dalloc and drealloc calls that found no room, or were given size 0 */
    uint64_t total_moves;            /* blocks relocated, by compaction or to make room for one that grows */
    uint64_t total_bytes_moved;      /* bytes of those blocks, padding included */
} alloc_info_t;

/* What happens in a heap, as told to its observer. Values are those of HeapWire (schema/wire.md). */
typedef enum {
    DALLOC_OP_ALLOC = 0,       /* index = entry, size = bytes asked for, owner */
    DALLOC_OP_FREE = 1,        /* index = entry */
    DALLOC_OP_RESIZE = 2,      /* index = entry, size = new bytes asked for */
    DALLOC_OP_REOWN = 3,       /* index = entry, owner = the new pointer variable */
    DALLOC_OP_ORPHAN = 4,      /* index = entry: its pointer variable is gone */
    DALLOC_OP_FAILED = 5,      /* size = bytes asked for, index = dalloc_failure_t */
    DALLOC_OP_BAD_POINTER = 6, /* owner = the pointer variable, or the address, that no entry knows */
    DALLOC_OP_RESET = 7,       /* the heap is empty: heap_deinit, dalloc_reset_heap */
    DALLOC_OP_MARK_FREE = 8,   /* index = entry: as FREE, but nothing has moved (lazy policy) */
    DALLOC_OP_COMPACT = 9      /* index = first entry, size = bytes: these blocks moved down to the end of the one before */
} dalloc_operation_t;

/* Why an allocation failed. */
typedef enum {
    DALLOC_FAILURE_NO_ROOM = 0,
    DALLOC_FAILURE_TABLE_FULL = 1,
    DALLOC_FAILURE_ZERO_SIZE = 2,
    DALLOC_FAILURE_NONE = 3 /* it did not; never told to an observer */
} dalloc_failure_t;

/* Called inside the heap's lock after each operation, when the table already shows its result (for
 * DALLOC_OP_FREE the entry is gone and later entries have moved down). Must not call the heap. */
typedef void (*dalloc_observer_t)(void *context, dalloc_operation_t operation, uint32_t index, uint32_t size,
                                  const void *owner);

/* When the gap that a freed block leaves is closed. */
typedef enum {
    DALLOC_POLICY_EAGER = 0, /* at once, as in dalloc 1.5 */
    DALLOC_POLICY_LAZY       /* when an allocation would not fit otherwise, or in dalloc_heap_compact */
} dalloc_policy_t;

/* What a heap reports through dalloc_debug each time that it happens twice as often: at the 1st, 2nd, 4th, 8th ... time. */
typedef enum {
    DALLOC_REPORT_TABLE_FULL = 0, /* an allocation found no free entry */
    DALLOC_REPORT_NO_ROOM = 1,    /* an allocation found too few bytes */
    DALLOC_REPORT_UNKNOWN = 2,    /* a block that the heap has not: freed already, or of another heap */
    DALLOC_REPORT_NULL = 3,       /* a pointer variable, or a visitor, that is NULL */
    DALLOC_REPORT_CHANGED = 4,    /* a variable that does not point to its block */
    DALLOC_REPORT_ORPHANS = 5,    /* blocks whose variables are gone */
    DALLOC_REPORT_OWNED = 6,      /* replace_pointers to a variable that owns a block */
    DALLOC_REPORT_NO_MEMORY = 7   /* the heap was not made, or has ended */
} dalloc_report_t;
#define DALLOC_REPORT_KINDS 8

struct dalloc_policy; /* how the lazy policy does it; private */

typedef struct dalloc_heap {
    uint8_t *mem;            /* the heap's memory, as given to heap_init */
    uint32_t offset;         /* where the next block would start: bytes in use, padding and gap_bytes included */
    uint32_t total_size;     /* bytes of mem */
    alloc_info_t alloc_info;
#ifdef USE_THREAD_SAFETY
    DALLOC_MUTEX_TYPE mutex; /* recursive; made by heap_init, deleted by heap_deinit */
#endif
    dalloc_observer_t observer; /* who is told of each operation; NULL: nobody */
    void *observer_context;
    uint32_t owners_inside; /* entries whose owner stands in mem; when 0, a move needs no look at the owners */
    uint32_t gap_bytes;     /* bytes of freed blocks below `offset`; always 0 with the eager policy */
    uint32_t step_bytes;    /* lazy: the most bytes that one step of compaction moves; UINT32_MAX: no limit */
    uint32_t orphans;       /* made by the call under way, to be reported at its end */
    const struct dalloc_policy *policy; /* NULL: eager */
    uint32_t reports[DALLOC_REPORT_KINDS]; /* how often each happened, since heap_init; all 0 without a dalloc_debug */
} heap_t;

/* No packing; and beside an installed library, what that one was compiled with. */
DALLOC_ASSERT_LAYOUT(offsetof(ptr_info_t, offset) == sizeof(void *) + 8, offset_of_offset);
DALLOC_ASSERT_LAYOUT(sizeof(ptr_info_t) % sizeof(void *) == 0, size_of_ptr_info_t);
#ifdef DALLOC_LIBRARY_HEAP_SIZE
DALLOC_ASSERT_LAYOUT(sizeof(ptr_info_t) == DALLOC_LIBRARY_ENTRY_SIZE, size_of_an_entry);
DALLOC_ASSERT_LAYOUT(offsetof(alloc_info_t, total_allocations) == DALLOC_LIBRARY_TOTALS_OFFSET, offset_of_totals);
DALLOC_ASSERT_LAYOUT(offsetof(heap_t, alloc_info) == DALLOC_LIBRARY_TABLE_OFFSET, offset_of_alloc_info);
DALLOC_ASSERT_LAYOUT(offsetof(heap_t, observer) == DALLOC_LIBRARY_OBSERVER_OFFSET, offset_of_observer);
DALLOC_ASSERT_LAYOUT(sizeof(heap_t) == DALLOC_LIBRARY_HEAP_SIZE, size_of_heap_t);
#endif

#ifdef __cplusplus
}
#endif

#endif
