// SPDX-License-Identifier: Apache-2.0
//
// The model of the lazy policy, held to the real allocator.

import Testing

@testable import DallocCollector

@Suite(.serialized) struct LazyCompactingHeapTests {
    /// Without a limit, with steps of a few blocks, and of one block. A cramped heap runs out of room, a wide one fills the table.
    @Test(arguments: [
        (seed: UInt64(1), size: UInt32(4096), step: UInt32(0), largest: 100),
        (seed: 2, size: 4096, step: 256, largest: 100),
        (seed: 3, size: 2047, step: 1, largest: 90), (seed: 4, size: 6000, step: 500, largest: 150),
        (seed: 5, size: 1 << 16, step: 64, largest: 400), (seed: 6, size: 1000, step: 40, largest: 24),
    ])
    func itAgreesWithTheAllocatorAfterEveryOperation(seed: UInt64, size: UInt32, step stepBytes: UInt32, largest: Int)
        throws
    {
        let device = DeviceHeap(size: size, stepBytes: stepBytes)
        var model = LazyCompactingHeap(
            size: size, alignment: DeviceHeap.alignment, mostBlocks: DeviceHeap.mostBlocks, stepBytes: stepBytes)
        var program = RandomProgram(seed: seed, largest: largest)
        var blocks: [(model: BlockHandle, device: Int)] = []
        var (failures, hadGaps) = (0, 0)

        for step in 0..<20_000 {
            switch program.next(live: blocks.count) {
            case .allocate(let size):
                let (block, variable) = (model.allocate(size: size), device.allocate(size))
                try #require((block == nil) == (variable == nil), "seed \(seed), step \(step)")
                if let block, let variable { blocks.append((block, variable)) } else { failures += 1 }
            case .free(let index):
                let (block, variable) = blocks.remove(at: index)
                model.free(block)
                device.free(variable)
            case .resize(let index, let size):
                let (block, variable) = blocks[index]
                let isDone = model.resize(block, to: size)
                try #require(isDone == device.resize(variable, to: size), "seed \(seed), step \(step)")
                if !isDone { failures += 1 }
            case .reset: continue
            }
            try #require(model.liveBlocks == device.liveBlocks && model.used == device.used, "step \(step)")
            try #require(model.gapBytes == device.gapBytes, "seed \(seed), step \(step)")
            try #require(model.bytesMoved == device.bytesMoved, "seed \(seed), step \(step)")
            try #require(model.peakUsed == device.peakUsed, "seed \(seed), step \(step)")
            try #require(model.used + model.free + model.fixedOverhead == size)
            let areInPlace = blocks.allSatisfy { model.offset($0.model) == device.offset($0.device) }
            try #require(areInPlace, "seed \(seed), step \(step)")
            if model.gapBytes > 0 { hadGaps += 1 }
        }
        #expect(
            failures > 100 && hadGaps > 8000 && model.bytesMoved > 100_000, "the run would prove little otherwise")
    }

    @Test func itFailsWhereTheEagerPolicyDoesAndMovesOtherBytes() {
        var lazy = LazyCompactingHeap(size: 8192, alignment: 4, mostBlocks: 80, stepBytes: 128)
        var eager = CompactingHeap(size: 8192, alignment: 4, mostBlocks: 80)
        var program = RandomProgram(seed: 9, largest: 300)
        var blocks: [(lazy: BlockHandle, eager: BlockHandle)] = []
        for _ in 0..<20_000 {
            switch program.next(live: blocks.count) {
            case .allocate(let size):
                let new = (lazy.allocate(size: size), eager.allocate(size: size))
                #expect((new.0 == nil) == (new.1 == nil))
                if let one = new.0, let other = new.1 { blocks.append((one, other)) }
            case .free(let index):
                let block = blocks.remove(at: index)
                lazy.free(block.lazy)
                eager.free(block.eager)
            case .resize(let index, let size):
                #expect(lazy.resize(blocks[index].lazy, to: size) == eager.resize(blocks[index].eager, to: size))
            case .reset:
                lazy.reset()
                eager.reset()
                blocks = []
            }
        }
        #expect(lazy.bytesMoved < eager.bytesMoved)
    }

    @Test func aResetForgetsBlocksAndGaps() {
        var model = LazyCompactingHeap(size: 100, alignment: 4, mostBlocks: nil)
        let first = model.allocate(size: 40)
        _ = model.allocate(size: 40)
        if let first { model.free(first) }
        #expect(model.gapBytes == 40 && model.free == 60)
        model.reset()
        #expect(model.gapBytes == 0 && model.used == 0 && model.liveBlocks == 0)
        #expect(model.allocate(size: 100).map(model.offset) == 0)
    }
}
