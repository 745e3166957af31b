/*
 * dalloc_agent_chunk.c - the link of an agent whose frames the program carries.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dalloc_agent_port.h"

static bool is_never_up(void *context) {
    (void)context;
    return false;
}

static int32_t take_nothing(void *context, const uint8_t *bytes, uint32_t count) {
    (void)context, (void)bytes, (void)count;
    return 0;
}

static int32_t give_nothing(void *context, uint8_t *bytes, uint32_t count) {
    (void)context, (void)bytes, (void)count;
    return 0;
}

bool dalloc_agent_port_carries_chunks(const dalloc_link_t *link) { return link->is_up == is_never_up; }

dalloc_link_t dalloc_agent_chunk_link(bool has_replies) {
    dalloc_link_t link = {0};
    link.is_up = is_never_up;
    link.write = take_nothing;
    if (has_replies) link.read = give_nothing;
    return link;
}
