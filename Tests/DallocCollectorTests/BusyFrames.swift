// SPDX-License-Identifier: Apache-2.0
//
// Frames that are short, and much work: resizes of the first of many blocks.

import HeapWire

struct BusyFrames {
    static let blocks = 8000
    /// Each resize looks at the owner of every block, and moves all but one.
    static let resizes = 300
    static let steps = UInt64(resizes * (2 * blocks - 1))

    private let layout = HeapLayout(
        existing: 0x1000_0000, size: 1 << 20, alignment: 8, tableSize: 65_535, pointerWidth: 4, traits: .none)
    private var sequence: UInt32 = 0

    var greeting: OwnedHello {
        OwnedHello(device: "hog", build: "1.0", boot: 1, tick: 0, oldest: 1, heaps: [OwnedHello.Heap(layout: layout)])
    }
    var hello: [UInt8] { FrameWriter.line { greeting.write(to: &$0) } }

    /// Makes the table, from nothing.
    mutating func table() -> [UInt8] {
        var (line, made) = ([UInt8](), 0)
        while made < Self.blocks {
            var operations = OperationBytes(layout: layout)
            if made == 0 { operations.append(.reset) }
            for _ in 0..<2000 { operations.append(.alloc(size: 8, owner: 0)) }
            made += 2000
            line += frame(operations, blocks: made)
        }
        return line
    }

    /// Changes the first block's size there and back.
    mutating func frame() -> [UInt8] {
        var operations = OperationBytes(layout: layout)
        for number in 0..<Self.resizes {
            operations.append(.resize(depth: UInt32(Self.blocks - 1), size: number % 2 == 0 ? 16 : 8))
        }
        return frame(operations, blocks: Self.blocks)
    }

    private mutating func frame(_ operations: OperationBytes, blocks: Int) -> [UInt8] {
        sequence += 1
        var digest = TableDigest()
        for _ in 0..<blocks { digest.add(size: 8, owner: 0) }
        var state = HeapState(
            sequence: sequence, heap: 0, tick: UInt64(sequence), used: 0, liveBlocks: 0, peak: 0, totals: HeapTotals(),
            lost: 0, digest: digest.value)
        state.hasFigures = false
        return FrameWriter.line { operations.write(state, to: &$0) }
    }
}
