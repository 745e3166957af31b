// SPDX-License-Identifier: Apache-2.0
//
// Bytes read as the operations of a DELTA, up to where they are none.

import HeapWire

struct ReadOperations: Sequence, IteratorProtocol {
    private var operations: [Operation] = []
    private var index = 0

    init(_ bytes: [UInt8], _ layout: HeapLayout) {
        // In the frame of a device that has all the time in the world.
        let state = HeapState(
            sequence: 1, heap: 0, tick: 0, used: 0, liveBlocks: 0, peak: 0, totals: HeapTotals(), lost: 0, digest: 0)
        let payload = FrameWriter.payload { writer in
            HeapState.begin(FrameType.delta.rawValue, sequence: 1, heap: 0, tick: 0, to: &writer)
            for byte in bytes { writer.byte(byte) }
            state.endDelta(span: .max, to: &writer)
        }
        payload.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress, let frame = try? StateFrame(payload: base, count: buffer.count),
                var reader = frame.operations(in: layout)
            else { return }
            while let operation = try? reader.next() { operations.append(operation) }
        }
    }

    mutating func next() -> Operation? {
        guard index < operations.count else { return nil }
        defer { index += 1 }
        return operations[index]
    }
}
