// SPDX-License-Identifier: Apache-2.0
//
// Heaps with pinned blocks while an agent records them: it tells pins, and the replica needs to know nothing of them.

import CDalloc
import CDallocAgent
import Dalloc
import DallocAgent
import HeapReplica
import HeapWire
import TestSupport
import Testing

struct PinnedHeapTests {
    @Test(arguments: [true, false], 1...6)
    func theReplicaOfAHeapWithPinnedBlocksStaysExact(isLazy: Bool, seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let collector = TestCollector()
        let device = WatchedDevice(collector, isLazy: isLazy, isPinning: !isLazy)
        var pinned = 0
        var gaps = 0
        for _ in 0..<300 {
            for _ in 0..<10 {
                device.act(&random)
                device.changePins(&random)
                device.poll()
            }
            pinned += Int(device.heap.pointee.pinned_blocks)
            gaps += device.heap.pointee.gap_bytes > 0 ? 1 : 0
            device.report()
            device.expectExact(collector)
        }
        #expect(pinned > 100 && gaps > 50, "pinned \(pinned), gaps \(gaps)")
        #expect(dalloc_heap_check(device.heap, nil) == nil)
        #expect(collector.verdicts.allSatisfy { $0 == .exact })
        // One allocation of a lazy heap can compact in more steps than a recorder has room for.
        #expect(isLazy || dalloc_agent_counters(device.agent).operations_lost == 0)
        #expect(collector.layouts.allSatisfy { ($0?.traits.rawValue ?? 0) & HeapTraits.lazy.rawValue != 0 })
    }

    /// Bytes on the line for a thousand frees and allocations among sixty blocks.
    private func bytes(isPinning: Bool) -> Int {
        var random = SeededRandom(seed: 5)
        let collector = TestCollector()
        let device = WatchedDevice(collector, isPinning: isPinning, variablesAreBehindMemory: true)
        for slot in 0..<60 { device.allocate(slot, .random(in: 1...128, using: &random)) }
        device.report()
        let before = collector.received
        for _ in 0..<1000 {
            let slot = Int.random(in: 0..<60, using: &random)
            device.free(slot)
            device.allocate(slot, .random(in: 1...128, using: &random))
            device.now &+= .random(in: 0...20, using: &random)
            device.poll()
        }
        device.report()
        device.expectExact(collector)
        return collector.received - before
    }

    @Test func aFreeThatMovesBlocksTellsItInFourBytesMore() {
        let (eager, pinning) = (bytes(isPinning: false), bytes(isPinning: true))
        #expect(eager < pinning && pinning < eager + 4000, "\(eager) and \(pinning) bytes")
    }

    @Test func pinsAreToldWhereTheyHappen() {
        let collector = TestCollector()
        let device = WatchedDevice(collector, isPinning: true)
        for slot in 0..<4 { device.allocate(slot, 40) }
        device.report()
        let start = UInt64(device.now)
        #expect(dalloc_pin(device.heap, device.variables + 1) && dalloc_pin(device.heap, device.variables + 1))
        device.now &+= 7
        device.free(0)
        device.free(3)
        #expect(dalloc_unpin(device.heap, device.variables + 1) && dalloc_unpin(device.heap, device.variables + 1))
        device.report()
        device.expectExact(collector)
        #expect(
            collector.pins == [
                PinChange(depth: 2, isPinned: true, tick: start, place: 0),
                PinChange(depth: 1, isPinned: false, tick: start + 7, place: 2),
            ])
        #expect(collector.told.last?.operations.count == 3, "two frees, and the block that was pinned moves")
    }
}
