/* SPDX-License-Identifier: Apache-2.0 */
/*
 * preload_table.h - the blocks that the program holds, in the order of their addresses.
 *
 * A treap in memory of its own, which is mapped once: no function here allocates. The blocks of a table never overlap.
 * Whoever calls holds preload_lock.
 */
#ifndef DALLOC_PRELOAD_TABLE_H
#define DALLOC_PRELOAD_TABLE_H

#include <stdbool.h>
#include <stdint.h>

/* Most blocks at a time: what dalloc_watch_config_t.blocks can say. Those beyond are not watched. */
#define PRELOAD_TABLE_BLOCKS 1048576u

/* Enters a block. False when the table is full; then nothing is entered. The place must be free. */
bool preload_table_insert(uintptr_t address, uint32_t size);

/* Removes the block at an address. False when there is none. */
bool preload_table_remove(uintptr_t address);

bool preload_table_has(uintptr_t address);

/* A block that has bytes in common with the one at `address`; 0 when none has. */
uintptr_t preload_table_overlapped(uintptr_t address, uint32_t size);

/* The block with the lowest address above `after`, and its size; 0 when there is none. */
uintptr_t preload_table_next(uintptr_t after, uint32_t *size);

uint32_t preload_table_count(void);

#endif
