// SPDX-License-Identifier: Apache-2.0
//
// Frames as bytes on the line, made with the real codec: for devices that send what no agent would.

import HeapWire

enum WireBytes {
    /// A heap of 4 KB without a name.
    static let layout: HeapLayout = layout(size: 4096, tableSize: 100)

    static func layout(size: UInt32, tableSize: UInt32) -> HeapLayout {
        HeapLayout(
            existing: 0x2000_0000, size: size, alignment: 4, tableSize: tableSize, pointerWidth: 4, traits: .none)
    }

    static func hello(
        device: String, boot: UInt32 = 1, tick: UInt64 = 5000, oldest: UInt32 = 1, version: UInt32 = WireLimits.version,
        capabilities: Capabilities = .none, isOneWay: Bool = false
    ) -> [UInt8] {
        var hello = OwnedHello(
            device: device, build: "1.0", boot: boot, tick: tick, oldest: oldest,
            heaps: [OwnedHello.Heap(layout: layout)])
        (hello.capabilities, hello.isOneWay) = (capabilities, isOneWay)
        return FrameWriter.line { hello.write(to: &$0, version: version) }
    }

    /// A KEYFRAME of an empty heap, a millisecond after the one before unless told otherwise.
    /// - Parameter operations: so many allocations and as many frees until then.
    static func keyframe(
        sequence: UInt32, heap: UInt32 = 0, tick: UInt64? = nil, operations: UInt64 = 0
    ) -> [UInt8] {
        FrameWriter.line { writer in
            HeapState(
                sequence: sequence, heap: heap, tick: tick ?? 5000 + UInt64(sequence), used: 0, liveBlocks: 0, peak: 0,
                totals: HeapTotals(allocations: operations, frees: operations), lost: 0, digest: TableDigest().value
            ).writeKeyframe(layout: layout, to: &writer)
        }
    }

    /// A DELTA without operations whose digest is not that of an empty heap.
    static func wrongDelta(sequence: UInt32) -> [UInt8] {
        let state = HeapState(
            sequence: sequence, heap: 0, tick: 5000 + UInt64(sequence), used: 0, liveBlocks: 0, peak: 0,
            totals: HeapTotals(), lost: 0, digest: 12345)
        return FrameWriter.line { OperationBytes(layout: layout).write(state, to: &$0) }
    }
}
