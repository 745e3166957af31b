/*
 * truth.h - a firmware's own word on what is in its heaps, to hold against what a collector says. No part of an agent needs this.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TRUTH_H
#define TRUTH_H

#include "dalloc_agent.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Answers a question on the board's second line: sends what is recorded, and prints a line of JSON for each heap, with the
 * number of its last frame, which shows the heap as it is now, and the table from heap_t; then `end` and the number of
 * operations that were lost. Call it from the task that polls. */
void truth_tell_if_asked(dalloc_agent_t *agent);

#ifdef __cplusplus
}
#endif

#endif
