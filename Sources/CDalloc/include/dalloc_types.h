/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file dalloc_types.h
 * @brief The types of a heap.
 *
 * The fields of dalloc 1.5 keep their names, types and meaning, so programs that look into the structs go on working.
 * Their order is another one: the table stands at the end, so that one library serves tables of all sizes. Read fields
 * with the heap locked; write none of them.
 */
#ifndef DALLOC_TYPES_H
#define DALLOC_TYPES_H

#include "dalloc_conf.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A result of dalloc 1.5. Nothing returns it any more. */
typedef enum {
    DALLOC_OK = 0, /**< it was done */
    DALLOC_ERR     /**< it was refused */
} dalloc_stat_t;

/** How a block is named in dfree and validate_ptr. */
typedef enum {
    USING_PTR_ADDRESS = 0, /**< by its owner, the pointer variable: pass &p */
    USING_PTR_VALUE        /**< by its address: pass the address of p, or of any copy of it */
} validate_ptr_condition_t;

/** An entry of the table: one block. Entries stand in the order of their blocks' addresses, without unused ones
 * between them. */
typedef struct {
    uint8_t **ptr;           /**< the owner: the pointer variable to keep up to date; NULL for an orphan */
    uint32_t allocated_size; /**< bytes asked for, padding not included */
    bool free_flag;          /**< true in entries that are not in use */
    uint8_t pins;            /**< how often the block is pinned: while it is not 0, the block does not move */
    uint32_t offset;         /**< bytes from heap_t.mem to the block */
#ifdef DALLOC_USE_CALL_SITES
    const void *call_site;   /**< where the call that allocated it returns to */
#endif
} ptr_info_t;

/** The table of a heap, and its statistics. Those of dalloc 1.5 and the totals start at 0 in heap_init and
 * dalloc_reset_heap. */
typedef struct {
    uint32_t allocations_num;        /**< live blocks: entries in use now */
    uint32_t max_memory_amount;      /**< most bytes in use at a time, padding included; heap_deinit keeps it */
    uint32_t max_allocations_amount; /**< most live blocks at a time; heap_deinit keeps it */
    uint64_t total_allocations;      /**< blocks allocated so far */
    uint64_t total_frees;            /**< blocks freed so far */
    uint64_t total_failures;         /**< calls that found no room or no entry, or were given size 0 */
    uint64_t total_moves;            /**< blocks relocated, by compaction or to make room for one that grows */
    uint64_t total_bytes_moved;      /**< bytes of those blocks, padding included */
    /** The table of a heap that heap_init has made: the first allocations_num entries are in use. One that was given its
     * table has it elsewhere: heap_t.table. */
    ptr_info_t ptr_info_arr[MAX_NUM_OF_ALLOCATIONS];
} alloc_info_t;

/** What happens in a heap, as told to its observer. The values are those of the format on the line (schema/wire.md).
 * */
typedef enum {
    DALLOC_OP_ALLOC = 0,       /**< a block was allocated: index = entry, size = bytes asked for, owner */
    DALLOC_OP_FREE = 1,        /**< a block was freed and its gap closed: index = the entry that it had,
                                    owner = the variable that owned it, NULL for an orphan */
    DALLOC_OP_RESIZE = 2,      /**< a block was resized: index = entry, size = new bytes asked for */
    DALLOC_OP_REOWN = 3,       /**< a block has a new owner, which the entry shows: index = entry,
                                    owner = the variable that owned it before, NULL for an orphan */
    DALLOC_OP_ORPHAN = 4,      /**< a block lost its owner: index = entry */
    DALLOC_OP_FAILED = 5,      /**< dalloc or drealloc failed: size = bytes asked for, index = a dalloc_failure_t,
                                    owner = the pointer variable that the call was given */
    DALLOC_OP_BAD_POINTER = 6, /**< no entry knows this: owner = the pointer variable, or the address */
    DALLOC_OP_RESET = 7,       /**< the heap is empty: heap_deinit, dalloc_reset_heap */
    DALLOC_OP_MARK_FREE = 8,   /**< a block was freed, nothing moved (lazy policy): index, owner = as for
                                    DALLOC_OP_FREE */
    DALLOC_OP_COMPACT = 9,     /**< blocks moved down into a gap: index = the first, size = their bytes */
    DALLOC_OP_PIN = 10,        /**< a block that was not pinned is: index = entry. Not told of further pins */
    DALLOC_OP_UNPIN = 11       /**< a block is pinned no more: index = entry. Not told when it is freed */
} dalloc_operation_t;

/** Why an allocation failed. */
typedef enum {
    DALLOC_FAILURE_NO_ROOM = 0,    /**< there are too few free bytes */
    DALLOC_FAILURE_TABLE_FULL = 1, /**< there is no free entry: heap_t.table_entries */
    DALLOC_FAILURE_ZERO_SIZE = 2,  /**< size was 0 */
    DALLOC_FAILURE_NONE = 3        /**< it did not fail; an observer is never told this */
} dalloc_failure_t;

/**
 * @brief Sees each operation of a heap, when the table shows its result already.
 *
 * After DALLOC_OP_FREE, for example, the entry is gone and later entries have moved down by one.
 *
 * Context: the task that calls the heap, inside the heap's lock. It must not call the heap, and should be short.
 *
 * @param context    as given to dalloc_heap_set_observer
 * @param operation  what happened
 * @param index      see dalloc_operation_t; 0 where that names none
 * @param size       in bytes; see dalloc_operation_t; 0 where that names none
 * @param owner      an address, not to be followed; see dalloc_operation_t; NULL where that names none
 */
typedef void (*dalloc_observer_t)(void *context, dalloc_operation_t operation, uint32_t index, uint32_t size,
                                  const void *owner);

/** When the gap that a freed block leaves is closed. */
typedef enum {
    DALLOC_POLICY_EAGER = 0, /**< at once, as in dalloc 1.5 */
    DALLOC_POLICY_LAZY,      /**< when an allocation would not fit otherwise, or in dalloc_heap_compact */
    DALLOC_POLICY_PINNING    /**< at once, as far as pinned blocks allow: see dalloc_pin.h */
} dalloc_policy_t;

/** What a heap reports through dalloc_debug at the 1st, 2nd, 4th, 8th ... time. */
typedef enum {
    DALLOC_REPORT_TABLE_FULL = 0, /**< an allocation found no free entry */
    DALLOC_REPORT_NO_ROOM = 1,    /**< an allocation found too few bytes */
    DALLOC_REPORT_UNKNOWN = 2,    /**< the heap has no such block: freed already, or of another heap */
    DALLOC_REPORT_NULL = 3,       /**< a pointer variable, or a visitor, is NULL */
    DALLOC_REPORT_CHANGED = 4,    /**< a variable does not point to its block */
    DALLOC_REPORT_ORPHANS = 5,    /**< blocks lost their owners */
    DALLOC_REPORT_OWNED = 6,      /**< replace_pointers to a variable that owns a block */
    DALLOC_REPORT_NO_MEMORY = 7   /**< the heap was not made, or has ended */
} dalloc_report_t;

/** How many values dalloc_report_t has. */
#define DALLOC_REPORT_KINDS 8

struct dalloc_policy; /* how heaps that are not eager do it: the library's own */

/** A heap. It is a variable of yours: static, global, or a part of another struct. It must stay where it is from
 * heap_init to heap_deinit, and longer when an agent records it (dalloc_agent_attach). Zeroed memory is a heap
 * without memory, which refuses every call. */
typedef struct dalloc_heap {
    uint8_t *mem;            /**< the heap's memory, as given to heap_init; NULL: none */
    uint32_t offset;         /**< where the next block would start: bytes in use, padding and gap_bytes included */
    uint32_t total_size;     /**< bytes of mem */
    ptr_info_t *table;       /**< the table: alloc_info.ptr_info_arr, or what dalloc_heap_init_with_table was given */
    uint32_t table_entries;  /**< its entries: the most blocks that the heap can hold at a time */
    uint32_t pinned_blocks;  /**< blocks that are pinned: see dalloc_pin.h */
    dalloc_observer_t observer; /**< who is told of each operation; NULL: nobody. See dalloc_heap_set_observer */
    void *observer_context;     /**< what the observer is given */
    uint32_t owners_inside;     /**< entries whose owner stands in mem; when 0, a move needs no look at the owners */
    uint32_t gap_bytes;         /**< bytes of freed blocks below `offset`; always 0 with the eager policy */
    uint32_t step_bytes;        /**< lazy: the most bytes that one step of compaction moves; UINT32_MAX: no limit */
    uint32_t orphans;           /**< made by the call under way, to be reported at its end; the library's own */
#ifdef DALLOC_USE_CALL_SITES
    const void *caller;         /**< where the call returns to that allocates or resizes, or was the last to do so */
#endif
    const struct dalloc_policy *policy;    /**< NULL: eager */
    uint32_t reports[DALLOC_REPORT_KINDS]; /**< how often each dalloc_report_t came; 0 without a dalloc_debug */
#ifdef USE_THREAD_SAFETY
    DALLOC_MUTEX_TYPE mutex; /**< recursive; made by heap_init, deleted by heap_deinit */
#endif
    alloc_info_t alloc_info; /**< the statistics, and the table of a heap that has its own */
} heap_t;

/** @cond INTERNAL */

/* Stops the compiler unless `condition` holds; `word` tells the cases apart. Before C11 the reason is in a name. */
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

/* What a program, and its library, must agree on. */
#ifdef USE_ALIGNMENT
#define DALLOC_LAYOUT_ALIGNMENT (ALLOCATION_ALIGNMENT_BYTES)
#else
#define DALLOC_LAYOUT_ALIGNMENT 1
#endif
#ifdef DALLOC_USE_CALL_SITES
#define DALLOC_HAS_CALL_SITES 1
#else
#define DALLOC_HAS_CALL_SITES 0
#endif
#ifdef USE_THREAD_SAFETY
#define DALLOC_HAS_MUTEX 1
#define DALLOC_MUTEX_SIZE sizeof(DALLOC_MUTEX_TYPE)
#else
#define DALLOC_HAS_MUTEX 0
#define DALLOC_MUTEX_SIZE 0
#endif
/* Bytes of a heap_t before its table. */
#define DALLOC_TABLE_OFFSET (offsetof(heap_t, alloc_info) + offsetof(alloc_info_t, ptr_info_arr))

/* No packing; and beside an installed library, what that one was compiled with. */
DALLOC_ASSERT_LAYOUT(offsetof(ptr_info_t, offset) == sizeof(void *) + 8, offset_of_offset);
DALLOC_ASSERT_LAYOUT(sizeof(ptr_info_t) % sizeof(void *) == 0, size_of_ptr_info_t);
#ifdef DALLOC_LIBRARY_TABLE_OFFSET
DALLOC_ASSERT_LAYOUT(sizeof(ptr_info_t) == DALLOC_LIBRARY_ENTRY_SIZE, size_of_an_entry);
DALLOC_ASSERT_LAYOUT(offsetof(alloc_info_t, total_allocations) == DALLOC_LIBRARY_TOTALS_OFFSET, offset_of_totals);
DALLOC_ASSERT_LAYOUT(offsetof(heap_t, observer) == DALLOC_LIBRARY_OBSERVER_OFFSET, offset_of_observer);
DALLOC_ASSERT_LAYOUT(DALLOC_TABLE_OFFSET == DALLOC_LIBRARY_TABLE_OFFSET, offset_of_ptr_info_arr);
#endif

/* Each file says what it was compiled with, in absolute symbols, which take no memory. A file, or a library, that says
 * something else does not link: "multiple definition of `dalloc_all_files_must_have_the_same_...'". Where all say the
 * same, GNU ld, gold and lld accept that, the last two not for 0; mold does not, so it needs DALLOC_NO_LAYOUT_SYMBOLS.
 * After link-time optimisation it is the assembler that finds the difference. */
#if defined(__ELF__) && defined(__GNUC__) && !defined(__swift__) && !defined(DALLOC_NO_LAYOUT_SYMBOLS)
#define DALLOC_LAYOUT_SYMBOL(what, operand) DALLOC_LAYOUT_SYMBOL_(#what, "dalloc_all_files_must_have_the_same_" #what, operand)
#define DALLOC_LAYOUT_SYMBOL_(what, name, operand) \
    ".ifdef " name "\n\t.if " name " - %c" operand "\n\t.error \"all files must have the same " what "\"\n\t" \
    ".endif\n\t.endif\n\t.globl " name "\n\t.hidden " name "\n\t.set " name ", %c" operand "\n\t"
#define DALLOC_LAYOUT_ATTRIBUTES __attribute__((used, section(".text.dalloc_layout")))
DALLOC_LAYOUT_ATTRIBUTES static void dalloc_layout(void) {
    __asm__(DALLOC_LAYOUT_SYMBOL(ALLOCATION_ALIGNMENT_BYTES, "0")
            DALLOC_LAYOUT_SYMBOL(FILL_FREED_MEMORY_BY_NULLS, "1")
            DALLOC_LAYOUT_SYMBOL(DALLOC_USE_CALL_SITES, "2")
            DALLOC_LAYOUT_SYMBOL(USE_THREAD_SAFETY, "3")
            DALLOC_LAYOUT_SYMBOL(size_of_DALLOC_MUTEX_TYPE, "4")
            DALLOC_LAYOUT_SYMBOL(layout_of_heap_t, "5")
            :
            : "i"(DALLOC_LAYOUT_ALIGNMENT), "i"((FILL_FREED_MEMORY_BY_NULLS) ? 2 : 1), "i"(DALLOC_HAS_CALL_SITES + 1),
              "i"(DALLOC_HAS_MUTEX + 1), "i"(DALLOC_MUTEX_SIZE + 1), "i"(DALLOC_TABLE_OFFSET));
}
#ifndef DALLOC_LIBRARY_BUILD /* which serves tables of all sizes */
DALLOC_LAYOUT_ATTRIBUTES static void dalloc_layout_of_table(void) {
    __asm__(DALLOC_LAYOUT_SYMBOL(MAX_NUM_OF_ALLOCATIONS, "0") : : "i"(MAX_NUM_OF_ALLOCATIONS));
}
#endif
#endif

/** @endcond */

#ifdef __cplusplus
}
#endif

#endif /* DALLOC_TYPES_H */
