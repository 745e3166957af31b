// SPDX-License-Identifier: Apache-2.0
//
// The fields of a payload, written as schema/wire.md says.

import HeapWire

struct PayloadBytes {
    private(set) var bytes: [UInt8] = []

    mutating func byte(_ value: UInt8) { bytes.append(value) }

    mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    mutating func varint(_ value: UInt32) { varint(UInt64(value)) }

    mutating func text(_ text: String) {
        varint(UInt64(text.utf8.count))
        bytes += text.utf8
    }

    mutating func append(_ more: [UInt8]) { bytes += more }
}
