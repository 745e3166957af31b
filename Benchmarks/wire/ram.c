/*
 * ram.c - the static memory of an agent with one heap, as sizes of symbols: compiled for a device, never run.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dalloc_agent.h"

char ram_agent[sizeof(dalloc_agent_t)];
char ram_recorder[sizeof(dalloc_recorder_t)];
char ram_heap_table[sizeof(heap_t)];
