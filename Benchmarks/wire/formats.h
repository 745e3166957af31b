/*
 * formats.h - what the workload's operations take in other formats: as messages of JSON, CBOR and Protocol Buffers, encoded
 * here, and as events of SEGGER SystemView and Percepio Tracealyzer, computed from their published layouts.
 *
 * All are counted in their favour. They say of an operation what HeapWire says, and as briefly: ticks since the operation
 * before, a depth instead of an address. None pays for frames, checksums, state or a table, which HeapWire's
 * figure includes. Owners are the addresses that they would have on a Cortex-M: 32 bits, from 0x20000000 on.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FORMATS_H
#define FORMATS_H

#include "workload.h"

typedef struct {
    uint64_t json, cbor, protobuf, systemview, tracealyzer; /* bytes */
} format_bytes_t;

/* Adds what an operation takes, `elapsed` ticks after the one before it. */
void formats_add(format_bytes_t *bytes, const workload_operation_t *operation, uint32_t elapsed);

#endif
