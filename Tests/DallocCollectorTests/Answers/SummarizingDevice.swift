// SPDX-License-Identifier: Apache-2.0
//
// A device that tells of its heap in summaries, as a test writes them: it has no blocks, but what its frames say of them.

import HeapHistory
import HeapWire

@testable import DallocCollector

struct SummarizingDevice {
    static let layout = HeapLayout(
        existing: 0x2000_0000, size: 4096, alignment: 4, tableSize: 100, pointerWidth: 4, traits: .callSites)
    let layout: HeapLayout
    var tick: UInt64 = 1000
    var totals = HeapTotals()
    var (used, liveBlocks): (UInt32, UInt32) = (0, 0)
    private(set) var sequence: UInt32 = 0

    init(layout: HeapLayout = SummarizingDevice.layout) { self.layout = layout }

    func hello(boot: UInt32 = 1, build: String = "1.0", oldest: UInt32 = 1) throws -> DeviceHello {
        let hello = OwnedHello(
            device: "pump", build: build, boot: boot, tick: tick, oldest: oldest,
            heaps: [OwnedHello.Heap(name: "main", layout: layout)]
        )
        let bytes = FrameWriter.payload { hello.write(to: &$0) }
        return try bytes.withUnsafeBufferPointer { try DeviceHello(payload: $0) }
    }

    /// Of an empty heap.
    mutating func keyframe() -> [UInt8] {
        let state = state(lost: 0)
        return FrameWriter.payload { state.writeKeyframe(layout: layout, to: &$0) }
    }

    /// A minute later, `allocations` more, and as many frees but what makes `liveBlocks`.
    mutating func summary(
        _ sums: AllocationSums, allocations: UInt64, failures: UInt64 = 0, lost: UInt32 = 100,
        last operations: [HeapWire.Operation] = []
    ) -> [UInt8] {
        tick += 60_000
        totals.allocations += allocations
        totals.frees = totals.allocations - UInt64(liveBlocks)
        totals.failures += failures
        var bytes = OperationBytes(layout: layout)
        bytes.sums = sums
        for operation in operations { bytes.append(operation, elapsed: 3) }
        let state = state(lost: lost)
        return FrameWriter.payload { bytes.write(state, span: UInt32(operations.count * 3), to: &$0) }
    }

    mutating func loseFrame() { sequence += 1 }

    private mutating func state(lost: UInt32) -> HeapState {
        sequence += 1
        return HeapState(
            sequence: sequence, heap: 0, tick: tick, used: used, liveBlocks: liveBlocks, peak: max(used, 2000),
            totals: totals, lost: lost, digest: liveBlocks == 0 ? 0 : 0x1234)
    }
}
