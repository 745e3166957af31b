/*
 * dalloc_agent_port.h - what the Swift side of the agent can only reach through C. Not part of the public API.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DALLOC_AGENT_PORT_H
#define DALLOC_AGENT_PORT_H

#include "dalloc_agent.h"

static inline uint8_t *dalloc_agent_port_operations(dalloc_recorder_t *recorder) { return recorder->operations; }

static inline uint32_t dalloc_agent_port_operations_size(void) { return DALLOC_RECORDER_BYTES; }

static inline uint8_t *dalloc_agent_port_reply(dalloc_agent_t *agent) { return agent->reply; }

static inline uint8_t *dalloc_agent_port_received(dalloc_agent_t *agent) { return agent->received; }

static inline uint32_t dalloc_agent_port_reply_size(void) { return sizeof(((dalloc_agent_t *)0)->reply); }

#endif
