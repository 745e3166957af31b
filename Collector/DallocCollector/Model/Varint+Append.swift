// SPDX-License-Identifier: Apache-2.0
//
// Appends varints to an array.

internal import HeapWire

extension Varint {
    static func append(_ value: UInt64, to bytes: inout [UInt8]) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Varint.longest) { buffer in
            guard let base = buffer.baseAddress else { return }
            bytes.append(contentsOf: buffer.prefix(Varint.write(value, to: base)))
        }
    }
}
