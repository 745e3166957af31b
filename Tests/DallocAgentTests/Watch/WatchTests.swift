// SPDX-License-Identifier: Apache-2.0
//
// Heaps of other allocators: what arrives is what happened.

import CDallocAgent
import HeapReplica
import HeapWire
import TestSupport
import Testing

struct WatchTests {
    @Test(arguments: [false, true], [false, true])
    func everyTableIsTheHeaps(walks: Bool, callSites: Bool) {
        let collector = TestCollector()
        let device = PoolDevice(collector, walks: walks, callSites: callSites)
        var random = SystemRandomNumberGenerator()
        for round in 0..<400 {
            for _ in 0..<Int.random(in: 0...12) { device.act(&random) }
            device.report()
            device.expectExact(collector, "round \(round)")
        }
        #expect(collector.verdicts.allSatisfy { $0 == .exact })
        #expect(collector.rejected.isEmpty)
        #expect(device.mostLocks > 0)
    }

    @Test func addressesMayLieAnywhere() {
        let collector = TestCollector()
        let device = PoolDevice(collector, base: 0x10_0000, size: 0, alignment: 16)
        var random = SystemRandomNumberGenerator()
        for round in 0..<200 {
            for _ in 0..<9 { device.act(&random) }
            device.report()
            device.expectExact(collector, "round \(round)")
        }
        #expect(collector.verdicts.allSatisfy { $0 == .exact })
    }

    @Test func blocksFromBeforeAreListed() {
        let collector = TestCollector()
        let device = PoolDevice(collector, earlier: 150)
        device.report()
        device.expectExact(collector)
        #expect(collector.states.last?.totals.allocations == 150)
    }

    /// Small buffers make a list of many parts, and the heap changes between any two.
    @Test(arguments: 0..<20) func aListOfManyPartsFollowsTheHeap(_ run: Int) {
        let collector = TestCollector()
        let device = PoolDevice(collector, transmit: 700, size: 1 << 20, earlier: 400)
        var random = SystemRandomNumberGenerator()
        var parts = 0
        for round in 0..<60 {
            let before = collector.bodies.count
            if round % 10 == 0 { collector.send { Request(boot: 77, keyframe: true).write(to: &$0) } }
            for _ in 0..<6 {
                for _ in 0..<Int.random(in: 0...5) { device.act(&random, most: 450) }
                device.now &+= 100
                device.poll()
            }
            for case .keyframe(1) in collector.bodies[before...] { parts += 1 }
        }
        device.report()
        device.expectExact(collector)
        #expect(parts > 3)
        #expect(!collector.verdicts.contains(.diverged))
    }

    @Test func aStepOfAListCostsNoMoreThanItsBlocks() {
        let collector = TestCollector()
        let device = PoolDevice(collector, transmit: 700, size: 1 << 20, earlier: 400)
        var random = SystemRandomNumberGenerator()
        device.report()
        collector.send { Request(boot: 77, keyframe: true).write(to: &$0) }
        device.poll(2)
        for _ in 0..<300 {
            let before = device.steps
            device.act(&random, most: 450)
            #expect(device.steps - before <= 1, "an operation takes one step at most")
            device.poll()
            #expect(device.steps - before <= 250, "a poll lists what a frame has room for")
        }
    }

    /// A recorder that overflows loses operations. The list that follows makes the table known again.
    @Test(arguments: 0..<20) func aLossIsRepairedByAList(_ run: Int) {
        let collector = TestCollector()
        let device = PoolDevice(collector, transmit: 2000)
        var random = SystemRandomNumberGenerator()
        device.overflow(&random)
        #expect(dalloc_agent_counters(device.agent).operations_lost > 0)
        device.expectExact(collector)
        #expect(collector.states.contains { $0.lost > 0 })
    }

    /// Without a walker nothing can be listed: the table is unknown until the heap is empty.
    @Test func aLossWithoutAWalkerLastsUntilTheHeapIsEmpty() {
        let collector = TestCollector()
        let device = PoolDevice(collector, transmit: 2000, walks: false)
        // One that does not reset the heap meanwhile.
        var random = SeededRandom(seed: 1)
        device.overflow(&random)
        #expect(collector.tables[0]?.replica.standing == .uncertain)
        while !device.blocks.isEmpty {
            device.free(0)
            device.now &+= 100
            device.poll()
        }
        collector.send { Request(boot: 77, keyframe: true).write(to: &$0) }
        device.report()
        device.expectExact(collector)
        device.act(&random)
        device.report()
        device.expectExact(collector)
    }

    /// What is said to be certain is; and when nothing is left from before the loss, the table is exact.
    @Test(arguments: 0..<20) func whatIsCertainAfterALossIsTrue(_ run: Int) {
        let collector = TestCollector()
        let device = PoolDevice(collector, transmit: 2000, walks: false)
        var random = SystemRandomNumberGenerator()
        device.overflow(&random)
        let before = Set(device.blocks.map(\.address))
        var certain = 0
        for _ in 0..<300 {
            for _ in 0..<4 { device.act(&random) }
            device.report()
            certain += device.expectCertain(collector)
        }
        #expect(certain > 100)
        while let index = device.blocks.firstIndex(where: { before.contains($0.address) }) {
            device.free(index)
            device.poll()
            device.now &+= 100
        }
        collector.send { Request(boot: 77, keyframe: true).write(to: &$0) }
        device.report()
        device.expectExact(collector)
    }

    @Test func aResetEmptiesTheTable() {
        let collector = TestCollector()
        let device = PoolDevice(collector)
        var random = SystemRandomNumberGenerator()
        for _ in 0..<20 { device.act(&random) }
        device.reset()
        for _ in 0..<20 { device.act(&random) }
        device.report()
        device.expectExact(collector)
        #expect(collector.verdicts.allSatisfy { $0 == .exact })
    }

    @Test func numbersThatNoHeapHasAreRefused() {
        let collector = TestCollector()
        #expect(PoolDevice(collector) { $0.alignment = 24 }.result == DALLOC_AGENT_ERROR_WATCH)
        #expect(PoolDevice(collector) { $0.alignment = 131_072 }.result == DALLOC_AGENT_ERROR_WATCH)
        #expect(PoolDevice(collector) { $0.blocks = 1_048_577 }.result == DALLOC_AGENT_ERROR_WATCH)
        #expect(PoolDevice(collector) { $0.unlock = nil }.result == DALLOC_AGENT_ERROR_WATCH)
        #expect(PoolDevice(collector) { $0.name = nil }.result == DALLOC_AGENT_ERROR_HEAP_NAME)
        #expect(
            PoolDevice(collector) { $0.memory = UnsafeRawPointer(bitPattern: UInt.max - 7) }.result
                == DALLOC_AGENT_ERROR_WATCH)
        #expect(dalloc_agent_watch(nil, nil, nil) == DALLOC_AGENT_ERROR_NULL)
    }

    @Test func aWatchWithoutAnAgentDoesNothing() {
        let collector = TestCollector()
        let device = PoolDevice(collector)
        dalloc_agent_deinit(device.agent)
        var random = SystemRandomNumberGenerator()
        for _ in 0..<500 { device.act(&random) }
        #expect(device.watch.pointee.recorder.count == 0)
        dalloc_watch_alloc(nil, UnsafeRawPointer(bitPattern: 64), 1)
        dalloc_watch_free(nil, nil)
        dalloc_watch_resize(nil, nil, nil, 1)
        dalloc_watch_lock(nil)
        dalloc_watch_unlock(nil)
    }
}
