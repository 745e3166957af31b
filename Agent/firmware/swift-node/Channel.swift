// SPDX-License-Identifier: Apache-2.0
//
// One of the node's sensors: its limits, and the readings that were not sent yet.

import Dalloc

struct Channel: ~Copyable {
    struct Limits: BitwiseCopyable {
        var low: UInt16
        var high: UInt16
    }

    private var limits: HeapBox<Limits>?
    private var readings: HeapArray<UInt16>?

    /// Readings that wait.
    var count: Int {
        switch readings {
        case .some(let readings): readings.count
        case .none: 0
        }
    }

    /// Adds a reading, and widens the limits by it.
    mutating func add(_ reading: UInt16, in heap: inout Heap) throws(HeapError) {
        if limits == nil { limits = try HeapBox(Limits(low: reading, high: reading), in: &heap) }
        if readings == nil { readings = try HeapArray(in: &heap) }
        try limits?.update(in: &heap) { limits in
            limits.low = min(limits.low, reading)
            limits.high = max(limits.high, reading)
        }
        try readings?.append(reading, in: &heap)
    }

    /// Gives the readings away; the limits stay.
    mutating func send(in heap: inout Heap) throws(HeapError) {
        try readings.take()?.free(in: &heap)
    }

    /// Nobody listens any more.
    mutating func close(in heap: inout Heap) throws(HeapError) {
        try readings.take()?.free(in: &heap)
        try limits.take()?.free(in: &heap)
    }
}
