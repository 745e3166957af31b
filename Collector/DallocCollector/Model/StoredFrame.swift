// SPDX-License-Identifier: Apache-2.0
//
// A frame as it is stored: where it stands, and what it carries.

internal import HeapHistory
internal import HeapWire

struct StoredFrame: Equatable, Sendable {
    var sequence: UInt32
    var time: Timestamp
    /// The replay of this frame had the device's digest.
    var isExact: Bool
    var payload: [UInt8]
    /// The replayed table behind it, now and then: see ``Checkpoint``.
    var state: [UInt8]?

    /// Its fields before the operations or entries; nil when what is stored can't be read.
    var fields: HeapState? {
        payload.withUnsafeBufferPointer { bytes in
            guard let base = bytes.baseAddress else { return nil }
            return try? StateFrame(payload: base, count: bytes.count).state
        }
    }
}
