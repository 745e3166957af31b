// SPDX-License-Identifier: Apache-2.0
//
// Tables that come in parts, while their heap goes on: with pointer variables in blocks that are not known yet.

import HeapReplica
import HeapWire
import TestSupport
import Testing

@testable import DallocCollector
@testable import FuzzModels

struct PartialTableTests {
    private func layout(_ traits: HeapTraits) -> HeapLayout {
        HeapLayout(
            existing: 0x2000_1000, size: 4096, alignment: 4, tableSize: 100, pointerWidth: 4, traits: traits)
    }

    /// What a replica can follow: it names a known block, or moves none.
    private func someOperation(_ heap: ModelHeap, known: Int, _ random: inout SeededRandom) -> HeapWire.Operation {
        let (count, owner) = (heap.blocks.count, heap.layout.baseAddress + UInt64(random.below(max(1, Int(heap.end)))))
        let (index, size) = (random.below(max(known, 1)), UInt32(1 + random.below(90)))
        let depth = UInt32(max(0, count - 1 - index))
        switch random.below(8) {
        case 0: return .alloc(size: size, owner: owner)
        case 1: return .free(depth: depth)
        // The last one is perhaps missing.
        case 2: return .free(depth: 0)
        case 3: return .reown(depth: depth, owner: owner)
        case 4 where heap.layout.isLazy:
            let first = (0..<known).first { heap.gap(before: $0) > 0 } ?? index
            let bytes = first < count ? heap.taken(first...min(first + random.below(3), count - 1)) : nil
            return .compact(depth: UInt32(max(0, count - 1 - first)), bytes: UInt32(bytes ?? 1))
        default: return .resize(depth: depth, size: size)
        }
    }

    /// It can't be told whether the blocks after the last known one move.
    private func isOpen(_ operation: HeapWire.Operation, _ before: ModelHeap, known: Int) -> Bool {
        guard before.layout.isLazy, known < before.blocks.count, case .resize(let depth, let size) = operation,
            let index = before.index(depth), index == known - 1
        else { return false }
        let end = before.layout.baseAddress + before.end(of: before.blocks[index])
        return before.padded(size) > before.padded(before.blocks[index].size)
            && before.blocks[..<known].contains { $0.owner >= end && $0.owner < before.layout.baseAddress + 4096 }
    }

    /// No program has a variable in what it has given back.
    private func disown(_ heap: inout ReportingHeap) {
        let (blocks, end) = (heap.model.blocks, heap.layout.baseAddress + heap.model.end)
        for (depth, block) in blocks.reversed().enumerated() where block.owner >= end {
            _ = heap.perform(.orphan(depth: UInt32(depth)), at: 0)
        }
    }

    @Test(arguments: [HeapTraits.none, .lazy]) func ownersInMissingBlocksMoveWithThem(traits: HeapTraits) throws {
        var (exact, open) = (0, 0)
        for seed in 0..<1000 as Range<UInt64> {
            var random = SeededRandom(seed: seed)
            var heap = ReportingHeap(layout(traits), tick: 0)
            for _ in 0..<14 {
                let owner = heap.layout.baseAddress + UInt64(random.below(600))
                _ = heap.perform(.alloc(size: UInt32(1 + random.below(60)), owner: owner), at: 0)
            }
            for _ in 0..<4 { _ = heap.perform(.free(depth: UInt32(random.below(10))), at: 0) }
            disown(&heap)
            _ = heap.delta(number: 0, sequence: 1, tick: 0)
            let table = ReplicaTable(layout: heap.layout)
            let first = heap.keyframe(number: 0, sequence: 2, tick: 0, most: 5, startsOver: true)
            #expect(try table.apply(first.payload) == .incomplete)
            for _ in 0..<6 where table.replica.standing == .partial {
                let (before, known) = (heap.model, Int(table.replica.known))
                let operation = someOperation(before, known: known, &random)
                guard heap.perform(operation, at: 0) else { continue }
                disown(&heap)
                _ = try table.apply(heap.delta(number: 0, sequence: 2, tick: 0).payload)
                let isOpen = isOpen(operation, before, known: known)
                #expect((table.replica.standing == .unknown) == isOpen, "\(operation), seed \(seed)")
            }
            guard table.replica.standing == .partial else {
                open += 1
                continue
            }
            let last = heap.keyframe(number: 0, sequence: 3, tick: 0, most: 100, startsOver: false)
            #expect(try table.apply(last.payload) == .exact, "seed \(seed)")
            #expect(TableRules.blocks(table.replica) == heap.model.blocks, "seed \(seed)")
            exact += 1
        }
        #expect(exact > 700 && (open > 20) == (traits == .lazy), "\(exact) \(open)")
    }

    @Test(arguments: [4, 8] as [UInt32]) func ownersThatMoveGoAround(width: UInt32) throws {
        let highest: UInt64 = width == 8 ? .max : 0xFFFF_FFFF
        let layout = HeapLayout(
            existing: highest - 4096, size: 4096, alignment: 4, tableSize: 9, pointerWidth: width, traits: .none)
        var heap = ReportingHeap(layout, tick: 0)
        for _ in 0..<3 { _ = heap.perform(.alloc(size: 8, owner: highest - 6), at: 0) }
        let table = ReplicaTable(layout: layout)
        _ = try table.apply(heap.keyframe(number: 0, sequence: 1, tick: 0, most: 1, startsOver: true).payload)
        table.perform(.resize(depth: 2, size: 24), at: 0)
        #expect(table.replica.standing == .partial && table.replica[0].owner == 9)
    }
}
