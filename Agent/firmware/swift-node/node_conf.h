/* SPDX-License-Identifier: Apache-2.0 */
/* The allocator and the agent of swift-node. */
#define MAX_NUM_OF_ALLOCATIONS 40
#define DALLOC_RECORDER_BYTES 192
