// SPDX-License-Identifier: Apache-2.0
//
// A device with one or more model heaps, whose life the input tells: operations, and frames about them that are true. Frames are true in
// every byte; what happens to them on the way is the target's business.

import HeapWire

struct ModelDevice {
    struct Frame {
        var payload: [UInt8]
        var sequence: UInt32
        /// Number of the heap.
        var heap: Int
        /// The heap as it was.
        var truth: [ModelHeap.Block]
        var lost: UInt32
        /// It tells of operations.
        var hasOperations: Bool
    }

    private(set) var heaps: [ReportingHeap]
    private(set) var tick: UInt64
    private(set) var sequence: UInt32 = 0

    init(layouts: [HeapLayout], tick: UInt64) {
        heaps = layouts.map { ReportingHeap($0, tick: tick) }
        self.tick = tick
    }

    /// Kinds of steps that ``step(_:heap:_:)`` knows.
    static let kinds = 13

    mutating func pass(_ ticks: UInt64) {
        tick = min(tick + min(ticks, 1 << 48), 1 << 61)
    }

    /// Something happens to a heap. What it can't do fails.
    mutating func step(_ kind: Int, heap: Int, _ input: inout FuzzInput) {
        if kind == 11 { return pass(input.number()) }
        if kind == 12 {
            let (isPinned, depth) = (input.byte() & 1 == 0, input.number32() % UInt32(WireLimits.table))
            return heaps[heap].pin(PinChange(depth: depth, isPinned: isPinned, tick: tick, place: 0))
        }
        let operation = heaps[heap].someOperation(kind, &input)
        if !heaps[heap].perform(operation, at: tick) {
            _ = heaps[heap].perform(.failed(size: 1, why: 0), at: tick)
        }
    }

    /// The operations since the heap's last frame.
    mutating func delta(heap: Int) -> Frame {
        frame(heap) { $0.delta(number: heap, sequence: $1, tick: $2) }
    }

    /// The next `most` entries of the heap's table: from the first on, or from where the last part ended. Nil where
    /// operations must be told of first.
    mutating func keyframe(heap: Int, most: Int, startsOver: Bool) -> Frame? {
        guard !heaps[heap].hasNews else { return nil }
        return frame(heap) {
            $0.keyframe(number: heap, sequence: $1, tick: $2, most: most, startsOver: startsOver)
        }
    }

    /// The recorder of the heap overflows: what it held is lost.
    mutating func overflow(heap: Int) { heaps[heap].loseOperations() }

    private mutating func frame(
        _ heap: Int, _ make: (inout ReportingHeap, UInt32, UInt64) -> (payload: [UInt8], lost: UInt32)
    ) -> Frame {
        sequence += 1
        let hasOperations = heaps[heap].hasOperations
        let made = make(&heaps[heap], sequence, tick)
        return Frame(
            payload: made.payload, sequence: sequence, heap: heap, truth: heaps[heap].model.blocks, lost: made.lost,
            hasOperations: hasOperations)
    }
}
