/* SPDX-License-Identifier: Apache-2.0 */
/* The allocator and the agent of cpp-gateway: two heaps of up to 48 blocks each. */
#define MAX_NUM_OF_ALLOCATIONS 48
