// SPDX-License-Identifier: Apache-2.0
//
// The model of the eager policy, held to the replica.

import HeapReplica
import HeapWire
import Testing

@testable import DallocCollector

@Suite struct CompactingHeapTests {
    /// A cramped heap runs out of room, a wide one fills the table; one ends between two multiples of its alignment, one is larger than
    /// most memories.
    @Test(arguments: [
        (seed: UInt64(1), size: UInt32(4096), alignment: UInt32(4), table: UInt32(64), largest: 100),
        (seed: 2, size: 1 << 16, alignment: 8, table: 200, largest: 60),
        (seed: 3, size: 1023, alignment: 4, table: 100, largest: 40),
        (seed: 4, size: 1 << 16, alignment: 1, table: 5000, largest: 400),
        (seed: 5, size: UInt32.max, alignment: 16, table: 300, largest: 1 << 26),
    ])
    func itAgreesWithTheReplicaAfterEveryOperation(
        seed: UInt64, size: UInt32, alignment: UInt32, table: UInt32, largest: Int
    ) throws {
        let entries = UnsafeMutablePointer<ReplicaEntry>.allocate(capacity: Int(table))
        entries.initialize(repeating: ReplicaEntry(size: 0, offset: 0, owner: 0), count: Int(table))
        defer { entries.deallocate() }
        let layout = try #require(
            HeapLayout(baseAddress: 0, size: size, alignment: alignment, tableSize: table, pointerWidth: 8))
        var replica = HeapReplica(layout: layout, entries: entries, capacity: Int(table))
        _ = replica.perform(.reset, at: 0)
        var model = CompactingHeap(size: size, alignment: alignment, mostBlocks: table)
        var program = RandomProgram(seed: seed, largest: largest)
        // In the order of the table.
        var blocks: [BlockHandle] = []
        var (movedBeforeReset, peak, failures) = (0, 0, 0)

        for step in 0..<20_000 {
            let isDone: (model: Bool, replica: Bool)
            switch program.next(live: blocks.count) {
            case .allocate(let size):
                let block = model.allocate(size: size)
                isDone = (block != nil, replica.perform(.alloc(size: size, owner: 0), at: 0))
                if let block { blocks.append(block) }
            case .free(let index):
                model.free(blocks.remove(at: index))
                isDone = (true, replica.perform(.free(depth: UInt32(blocks.count - index)), at: 0))
            case .resize(let index, let size):
                let operation = Operation.resize(depth: UInt32(blocks.count - 1 - index), size: size)
                isDone = (model.resize(blocks[index], to: size), replica.perform(operation, at: 0))
            case .reset:
                movedBeforeReset += Int(replica.totals.bytesMoved)
                model.reset()
                blocks = []
                isDone = (true, replica.perform(.reset, at: 0))
            }
            try #require(isDone.model == isDone.replica, "seed \(seed), step \(step)")
            if !isDone.model { failures += 1 }
            peak = max(peak, Int(replica.used))
            try #require(model.liveBlocks == replica.known && model.used == replica.used, "step \(step)")
            try #require(model.bytesMoved == movedBeforeReset + Int(replica.totals.bytesMoved), "step \(step)")
            try #require(model.peakUsed == peak, "step \(step)")
            try #require(model.used + model.free + model.fixedOverhead == size)
            if step % 16 == 0 || blocks.count < 40 {
                let misplaced = blocks.indices.first { model.offset(blocks[$0]) != replica[$0].offset }
                try #require(misplaced == nil, "step \(step)")
            }
        }
        #expect(failures > 100 && model.bytesMoved > 100_000, "the run would prove little otherwise")
    }

    @Test func whatWouldBeGrantedIsGrantedAndNoMore() {
        var model = CompactingHeap(size: 1023, alignment: 4, mostBlocks: nil)
        #expect(model.fixedOverhead == 3 && model.largestAllocation == 1020)
        #expect(model.allocate(size: 1021) == nil)
        let block = model.allocate(size: 1017)
        #expect(block != nil && model.free == 0 && model.largestAllocation == 0)
        #expect(model.exceedsFree(1, resizing: nil) && !model.exceedsFree(1020, resizing: block))
        #expect(model.exceedsFree(1021, resizing: block))
    }
}
