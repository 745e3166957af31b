// SPDX-License-Identifier: Apache-2.0
//
// A stored frame: its place in the history, and its payload.

internal import HeapHistory
internal import HeapWire

struct StoredFrame: Equatable, Sendable {
    var sequence: UInt32
    var time: Timestamp
    /// The replay of this frame had the device's digest.
    var isExact: Bool
    var payload: [UInt8]
    /// The replayed table after it, in some frames: see ``Checkpoint``.
    var state: [UInt8]?

    /// Its fields before the operations or entries; nil when what is stored can't be read.
    var fields: HeapState? {
        payload.withUnsafeBufferPointer { bytes in
            guard let base = bytes.baseAddress else { return nil }
            return try? StateFrame(payload: base, count: bytes.count).state
        }
    }

    /// The same; nil also for a frame without figures whose table was not known.
    var reported: HeapState? {
        let fields = fields
        return fields?.hasFigures == true ? fields : nil
    }

    /// It tells of the heap in sums instead of operations.
    func isSummary(in layout: HeapLayout) -> Bool {
        payload.withUnsafeBufferPointer { bytes in
            guard let base = bytes.baseAddress else { return false }
            return (try? StateFrame(payload: base, count: bytes.count))?.sums(in: layout) != nil
        }
    }
}
