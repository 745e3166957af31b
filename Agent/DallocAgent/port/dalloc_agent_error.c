/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dalloc_agent_error.c - the sentences of dalloc_agent_error_text.
 */
#include "dalloc_agent_port.h"

/* One after the other, in the order of their values. Not an array of pointers: that takes 4 bytes more for each, and all texts of
 * a library share one section, so that a firmware that asks for none of these would carry them. */
static const char texts[] =
    "no error\0"
    "an argument is NULL: pass the address of the agent, and of its config, or of a recorder and a heap\0"
    "config.device_id must have 1 to 64 bytes: set it to a name that no other device of the fleet has\0"
    "config.build has more than 64 bytes: shorten it\0"
    "config has no usable clock: set exactly one of now and now64, and ticks_per_second to 1 to 1000000000\0"
    "config.link.write is NULL: set it to the function that writes to the line\0"
    "config.transmit_buffer is NULL, or config.transmit_size is not 2^30 at most, and DALLOC_AGENT_TRANSMIT_BYTES_MIN at least (for a "
    "recorder's buffer of n bytes: n * 3 / 2 + 224): declare it with DALLOC_AGENT_TRANSMIT_BUFFER; config.longest_frame, or half of "
    "spool.part_bytes, must not be less either, or 0\0"
    "the agent is not started: call dalloc_agent_init first\0"
    "the heap has no memory: call heap_init first\0"
    "the heap's name is NULL or has more than 32 bytes: give it a shorter one\0"
    "the heap has an observer already: attach each heap once, to one agent\0"
    "the recorder records a heap already: give each heap a recorder of its own\0"
    "the agent records 16 heaps already: attach this one to another agent\0"
    "the watched heap's alignment is no power of two up to 65536, its blocks are more than 1048576, its memory ends beyond all "
    "addresses, or it has one of lock and unlock alone: mend its config\0"
    "the agent can't use this spool: set all functions and part_bytes as dalloc_agent_spool.h says, before the first heap is "
    "attached, with a link that has read and carries no chunks\0"
    "the recorder can't be summarized: attach it to this agent first, give it one summary, and 0 to 16 sums\0"
    "the recorder's buffer is NULL, or has not 64 to 2560 bytes: give it another one\0"
    "unknown error: pass what dalloc_agent_init, dalloc_agent_attach or another function returned";

const char *dalloc_agent_error_text(dalloc_agent_error_t error) {
    const char *text = texts;
    unsigned int left = (unsigned int)error;
    if (left > DALLOC_AGENT_ERROR_RECORDER_BUFFER) left = DALLOC_AGENT_ERROR_RECORDER_BUFFER + 1;
    for (; left > 0; left--) {
        while (*text != 0) text++;
        text++;
    }
    return text;
}
