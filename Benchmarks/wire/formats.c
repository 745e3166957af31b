/*
 * formats.c - encodes an operation in JSON, CBOR and Protocol Buffers, and computes its events in the formats of two tracers.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "formats.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Where a firmware's variables and heap could be. */
static const uint32_t owners_base = 0x20000100, heap_base = 0x20001000, ram_base = 0x20000000;

static uint32_t owner_address(const workload_operation_t *operation) { return owners_base + operation->owner * 4; }

/* An object on a line of its own: op is the kind, s the size, i the depth, o the owner. */
static uint32_t json_bytes(const workload_operation_t *operation, uint32_t elapsed) {
    char text[100];
    int length = snprintf(text, sizeof text, "{\"t\":%" PRIu32 ",\"op\":%d", elapsed, (int)operation->kind);
    if (operation->kind != WORKLOAD_ALLOC)
        length += snprintf(text + length, sizeof text - (size_t)length, ",\"i\":%" PRIu32, operation->depth);
    if (operation->kind != WORKLOAD_FREE)
        length += snprintf(text + length, sizeof text - (size_t)length, ",\"s\":%" PRIu32, operation->size);
    if (operation->kind == WORKLOAD_ALLOC)
        length += snprintf(text + length, sizeof text - (size_t)length, ",\"o\":%" PRIu32, owner_address(operation));
    length += snprintf(text + length, sizeof text - (size_t)length, "}\n");
    return (uint32_t)length;
}

/* RFC 8949, 3: the head of an item says its type, and its value if that is below 24; 1, 2 or 4 bytes with it follow otherwise. */
static uint8_t *cbor_head(uint8_t *bytes, uint8_t type, uint32_t value) {
    uint32_t follow = value < 24 ? 0 : value < 0x100 ? 1 : value < 0x10000 ? 2 : 4;
    *bytes++ = (uint8_t)(type << 5 | (follow == 0 ? value : follow == 1 ? 24 : follow == 2 ? 25 : 26));
    while (follow-- > 0) *bytes++ = (uint8_t)(value >> follow * 8);
    return bytes;
}

static uint8_t *cbor_pair(uint8_t *bytes, const char *key, uint32_t value) {
    size_t length = strlen(key);
    bytes = cbor_head(bytes, 3, (uint32_t)length);
    memcpy(bytes, key, length);
    return cbor_head(bytes + length, 0, value);
}

/* The object of JSON as a map. */
static uint32_t cbor_bytes(const workload_operation_t *operation, uint32_t elapsed) {
    uint8_t bytes[64];
    uint8_t *end = cbor_head(bytes, 5, operation->kind == WORKLOAD_FREE ? 3 : 4);
    end = cbor_pair(end, "t", elapsed);
    end = cbor_pair(end, "op", operation->kind);
    if (operation->kind != WORKLOAD_ALLOC) end = cbor_pair(end, "i", operation->depth);
    if (operation->kind != WORKLOAD_FREE) end = cbor_pair(end, "s", operation->size);
    if (operation->kind == WORKLOAD_ALLOC) end = cbor_pair(end, "o", owner_address(operation));
    return (uint32_t)(end - bytes);
}

static uint8_t *varint(uint8_t *bytes, uint32_t value) {
    for (; value > 127; value >>= 7) *bytes++ = (uint8_t)(value | 0x80);
    *bytes++ = (uint8_t)value;
    return bytes;
}

/* A field of type 0, varint; proto3 omits one that is 0. */
static uint8_t *protobuf_field(uint8_t *bytes, uint32_t number, uint32_t value) {
    return value == 0 ? bytes : varint(varint(bytes, number << 3), value);
}

/* message Operation { uint32 t = 1; Kind op = 2; uint32 depth = 3; uint32 size = 4; fixed32 owner = 5; }, after its length. */
static uint32_t protobuf_bytes(const workload_operation_t *operation, uint32_t elapsed) {
    uint8_t bytes[64], prefix[5];
    uint8_t *end = protobuf_field(bytes, 1, elapsed);
    end = protobuf_field(end, 2, operation->kind);
    if (operation->kind != WORKLOAD_ALLOC) end = protobuf_field(end, 3, operation->depth);
    if (operation->kind != WORKLOAD_FREE) end = protobuf_field(end, 4, operation->size);
    if (operation->kind == WORKLOAD_ALLOC) {
        uint32_t owner = owner_address(operation);
        *end++ = 5 << 3 | 5;
        for (int shift = 0; shift < 32; shift += 8) *end++ = (uint8_t)(owner >> shift);
    }
    uint32_t length = (uint32_t)(end - bytes);
    return length + (uint32_t)(varint(prefix, length) - prefix);
}

static uint32_t varint_bytes(uint32_t value) {
    uint8_t bytes[5];
    return (uint32_t)(varint(bytes, value) - bytes);
}

/* Computed, not measured. SEGGER_SYSVIEW.c and the SystemView user guide, UM08027: a packet is an id, for ids from 24 on the
 * number of bytes that follow, the parameters, and the time since the packet before; all of them varints of 7 bits a byte.
 * SEGGER_SYSVIEW_HeapAlloc and _HeapFree have the id 31, and as parameters their own number (3, 5), the heap, the block, and the
 * size of an allocation; addresses are distances from the start of RAM, divided by 4. There is no resize: it is a free and an
 * allocation. There are no owners, and a block that moves would be a free and an allocation again, which is not counted here.
 * Time is counted in milliseconds, as in the other formats; with the usual cycle counter it would be 2 bytes more. */
static uint32_t systemview_bytes(const workload_operation_t *operation, uint32_t elapsed) {
    uint32_t heap = varint_bytes((heap_base - ram_base) / 4);
    uint32_t block = varint_bytes((heap_base - ram_base + operation->offset) / 4);
    uint32_t released = 1 + 1 + 1 + heap + block, allocated = released + varint_bytes(operation->size);
    if (operation->kind == WORKLOAD_ALLOC) return allocated + varint_bytes(elapsed);
    if (operation->kind == WORKLOAD_FREE) return released + varint_bytes(elapsed);
    return released + varint_bytes(elapsed) + allocated + varint_bytes(0);
}

/* Computed, not measured. Percepio TraceRecorder 4.x in streaming mode (trcStreamingRecorder.h, trcKernelPort.h): an event is
 * 2 bytes with its id and number of parameters, a counter of 2, the time in 4, then 4 bytes for each parameter; traceMALLOC and
 * traceFREE have two, address and size. A resize is a free and an allocation; owners and moves as above. */
static uint32_t tracealyzer_bytes(const workload_operation_t *operation) {
    uint32_t event = 2 + 2 + 4 + 2 * 4;
    return operation->kind == WORKLOAD_RESIZE ? 2 * event : event;
}

void formats_add(format_bytes_t *bytes, const workload_operation_t *operation, uint32_t elapsed) {
    bytes->json += json_bytes(operation, elapsed);
    bytes->cbor += cbor_bytes(operation, elapsed);
    bytes->protobuf += protobuf_bytes(operation, elapsed);
    bytes->systemview += systemview_bytes(operation, elapsed);
    bytes->tracealyzer += tracealyzer_bytes(operation);
}
