/* SPDX-License-Identifier: Apache-2.0 */
/* The allocator and the agent of c-sensor-node: one heap, and what fits into 16 KB of RAM. */
#define USE_SINGLE_HEAP_MEMORY
#define MAX_NUM_OF_ALLOCATIONS 40
#define DALLOC_RECORDER_BYTES 192
