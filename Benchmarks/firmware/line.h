/*
 * line.h - the other end of the agent's line, inside the firmware that is measured: takes frames, and answers as a collector does that has
 * each on disk at once (schema/wire.md, 4). It trusts the agent.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef LINE_H
#define LINE_H

#include <stdbool.h>
#include <stdint.h>

/* For dalloc_link_t. They do next to nothing: what they take is counted with a poll. */
int32_t line_write(void *context, const uint8_t *bytes, uint32_t count);
int32_t line_read(void *context, uint8_t *bytes, uint32_t count);

/* Answers what was written since: call it between two polls. With `keyframe`, asks for the whole table, too. */
void line_answer(uint32_t boot, bool keyframe);

/* Bytes that the agent has written. */
extern uint32_t line_bytes;

#endif
