// SPDX-License-Identifier: Apache-2.0
//
// The models of allocators that don't move blocks, held to the plain heap after every operation, and to what must hold of any of them.

import Testing

@testable import DallocCollector

@Suite struct PlacementTests {
    private static let seeds: [(seed: UInt64, size: UInt32, largest: Int)] = [
        (1, 4096, 100), (2, 10_000, 150), (3, 30_001, 1000), (4, 600, 30), (5, 1 << 20, 40_000),
    ]

    @Test(arguments: seeds)
    func firstFitTakesTheLowestThatFits(seed: UInt64, size: UInt32, largest: Int) throws {
        let rules = boundaryTags(header: 8, alignment: 4) { free, wanted in free.first { $0.size >= wanted } }
        try hold(
            FirstFitHeap(size: size, alignment: 4), to: PlainHeap(room: Int(size) / 4 * 4, rules), header: 8,
            alignment: 4, seed, largest)
    }

    @Test(arguments: seeds)
    func bestFitTakesTheSmallestThatFits(seed: UInt64, size: UInt32, largest: Int) throws {
        let rules = boundaryTags(header: 16, alignment: 8) { free, wanted in
            free.filter { $0.size >= wanted }.min { ($0.size, $0.start) < ($1.size, $1.start) }
        }
        try hold(
            BestFitHeap(size: size, alignment: 8, header: 16), to: PlainHeap(room: Int(size) / 8 * 8, rules),
            header: 16, alignment: 8, seed, largest)
    }

    @Test(arguments: seeds, [4, 8])
    func heap4TakesTheLowestThatFits(run: (seed: UInt64, size: UInt32, largest: Int), width: Int) throws {
        let rules = PlainHeap.Rules(
            bytes: { ($0 + 2 * width + 7) / 8 * 8 }, leastRest: 4 * width + 1,
            choose: { free, wanted in free.first { $0.size >= wanted } },
            copied: { old, _, new in min(old, new) }, growsInPlace: false)
        try hold(
            FreeRTOSHeap4(size: run.size, pointerWidth: UInt32(width)),
            to: PlainHeap(room: (Int(run.size) - 2 * width) / 8 * 8, rules), header: 2 * width, alignment: 8, run.seed,
            run.largest)
    }

    @Test(arguments: seeds, [4, 8])
    func tlsfTakesTheNewestOfTheFirstListThatFits(run: (seed: UInt64, size: UInt32, largest: Int), width: Int) throws {
        let rules = PlainHeap.Rules(
            bytes: { max(($0 + width - 1) / width * width, 3 * width) + width }, leastRest: 4 * width,
            choose: { free, wanted in
                let least = Self.list(Self.roundedUp(wanted - width, width), width)
                let fitting = free.filter { Self.list($0.size - width, width) >= least }
                let first = fitting.map { Self.list($0.size - width, width) }.min() ?? 0
                return fitting.filter { Self.list($0.size - width, width) == first }.max { $0.stamp < $1.stamp }
            },
            copied: { _, range, new in min(range - width, new) })
        let room = (Int(run.size) - 2 * width) / width * width + width
        try hold(
            TwoLevelSegregatedFitHeap(size: run.size, pointerWidth: UInt32(width), controlBytes: 0),
            to: PlainHeap(room: room, rules), header: width, alignment: width, run.seed, run.largest)
    }

    // MARK: - Rules

    private func boundaryTags(
        header: Int, alignment: Int, choose: @escaping ([PlainHeap.Range], Int) -> PlainHeap.Range?
    ) -> PlainHeap.Rules {
        PlainHeap.Rules(
            bytes: { max(($0 + header + alignment - 1) / alignment * alignment, 2 * header) }, leastRest: 2 * header,
            choose: choose, copied: { old, _, new in min(old, new) })
    }

    /// TLSF's lists in one row: how many there are below that of `size`.
    private static func list(_ size: Int, _ width: Int) -> Int {
        var (power, lists) = (32 * width, 32)
        guard size >= power else { return size / width }
        while size >= 2 * power { (power, lists) = (2 * power, lists + 32) }
        return lists + (size - power) / (power / 32)
    }

    /// The least size of a list that has none below `size`.
    private static func roundedUp(_ size: Int, _ width: Int) -> Int {
        var power = 32 * width
        guard size >= power else { return size }
        while size >= 2 * power { power *= 2 }
        return (size + power / 32 - 1) / (power / 32) * (power / 32)
    }

    // MARK: - The run

    private func hold(
        _ empty: some PlacingModel, to plainHeap: PlainHeap, header: Int, alignment: Int, _ seed: UInt64, _ largest: Int
    ) throws {
        var (model, plain) = (empty, plainHeap)
        var program = RandomProgram(seed: seed, largest: largest)
        var blocks: [(handle: BlockHandle, start: Int, size: Int)] = []
        var (failures, pastFailures, copiedBefore, peakBefore, mostFree) = (0, 0, 0, 0, 0)
        for step in 0..<4000 {
            switch program.next(live: blocks.count) {
            case .allocate(let size):
                let (free, grants) = (model.free, Int(size) <= model.largestAllocation && size > 0)
                let (handle, start) = (model.allocate(size: size), plain.allocate(Int(size)))
                try #require((handle == nil) == (start == nil), "step \(step)")
                try #require((handle != nil) == grants, "step \(step): the largest that would be granted")
                if let handle, let start {
                    blocks.append((handle, start, Int(size)))
                } else {
                    failures += 1
                    if Int(size) + header <= free { pastFailures += 1 }
                }
            case .free(let index):
                let block = blocks.remove(at: index)
                model.free(block.handle)
                plain.free(block.start)
            case .resize(let index, let size):
                let isDone = model.resize(blocks[index].handle, to: size)
                let start = plain.resize(blocks[index].start, from: blocks[index].size, to: Int(size))
                try #require(isDone == (start != nil), "step \(step)")
                if let start { (blocks[index].start, blocks[index].size) = (start, Int(size)) }
            case .reset:
                (copiedBefore, peakBefore) = (copiedBefore + plain.bytesCopied, max(peakBefore, plain.peakUsed))
                model.reset()
                (plain, blocks) = (plainHeap, [])
            }
            let pieces = model.allPieces
            let areTheSame =
                pieces.count == plain.ranges.count
                && zip(pieces, plain.ranges).allSatisfy {
                    $0.offset == $1.start && $0.size == $1.size && $0.isFree == $1.isFree
                }
            try #require(areTheSame, "step \(step)")
            let areInPlace = blocks.allSatisfy { block in
                let piece = model.place(block.handle)
                return piece.offset == block.start && !piece.isFree && piece.size >= block.size + header
                    && block.start % alignment == 0
            }
            try #require(areInPlace, "step \(step)")
            try #require(blocks.count == pieces.count { !$0.isFree } && model.liveBlocks == blocks.count)
            try #require(zip(pieces, pieces.dropFirst()).allSatisfy { !$0.isFree || !$1.isFree }, "step \(step)")
            try #require(model.used == plain.used && model.largestFreeBlock == plain.largestFree, "step \(step)")
            try #require(model.used + model.free + model.fixedOverhead == model.size)
            try #require(model.bytesMoved == copiedBefore + plain.bytesCopied, "step \(step)")
            try #require(model.peakUsed == max(peakBefore, plain.peakUsed), "step \(step)")
            mostFree = max(mostFree, pieces.count { $0.isFree })
        }
        #expect(failures > 60 && pastFailures > 10 && mostFree > 4, "the run would prove little otherwise")
    }
}
