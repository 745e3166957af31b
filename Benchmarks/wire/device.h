/*
 * device.h - the device under measurement: the workload's heap, an agent that records it, a clock of milliseconds, and a link
 * that ends in collector.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DEVICE_H
#define DEVICE_H

#include "dalloc_agent.h"
#include "workload.h"

extern dalloc_agent_t device_agent;

/* Starts workload, agent and collector. The agent is polled every `poll_milliseconds` and keeps frames in `transmit_bytes`. With
 * `records` false it is not attached to the heap, and not polled. */
void device_start(bool records, uint32_t poll_milliseconds, uint32_t transmit_bytes);

/* Lets time go by until the workload's next operation, polling, and runs it. */
workload_operation_t device_step(void);

/* Polls, as time goes by, until the collector has everything. */
void device_drain(void);

/* The clock, as the agent sees it; and sets it. */
uint32_t device_now(void *context);
void device_set_clock(uint64_t microseconds);

#endif
