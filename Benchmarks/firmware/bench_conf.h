/* SPDX-License-Identifier: Apache-2.0 */
/* The allocator and the agent as operations.c measures them: room for the largest number of blocks, all else as it comes. */
#define MAX_NUM_OF_ALLOCATIONS 128
