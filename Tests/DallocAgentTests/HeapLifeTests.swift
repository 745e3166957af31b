// SPDX-License-Identifier: Apache-2.0
//
// Heaps that come, go and change their place while an agent records them.

import CDalloc
import CDallocAgent
import Dalloc
import DallocAgent
import HeapReplica
import HeapWire
import Testing

struct HeapLifeTests {
    /// Gaps are not in use.
    @Test func theFirstPeakOfALazyHeapThatIsAttachedWithGapsIsWhatIsInUse() {
        let collector = TestCollector()
        let device = WatchedDevice(collector, isLazy: true)
        dalloc_agent_deinit(device.agent)
        for slot in 0..<10 { device.allocate(slot, 100) }
        for slot in stride(from: 0, to: 10, by: 2) { device.free(slot) }
        #expect(device.heap.pointee.offset == 1000 && device.heap.pointee.gap_bytes == 500)
        var config = WatchedDevice.config(collector, device.clock)
        let transmit = UnsafeMutablePointer<UInt8>.allocate(capacity: 1024)
        defer { transmit.deallocate() }
        (config.transmit_buffer, config.transmit_size, config.boot_id) = (transmit, 1024, 78)
        #expect(dalloc_agent_init(device.agent, &config) == DALLOC_AGENT_OK)
        #expect(
            dalloc_agent_attach(device.agent, device.recorder, device.heap, WatchedDevice.heapName) == DALLOC_AGENT_OK)
        device.report()
        device.expectExact(collector)
        #expect(collector.states.first?.used == 500)
        #expect(collector.states.first?.peak == 500)
    }

    /// Another heap for the agent of a device, with a variable of its own.
    private final class ExtraHeap {
        let heap = UnsafeMutablePointer<heap_t>.allocate(capacity: 1)
        let recorder = UnsafeMutablePointer<dalloc_recorder_t>.allocate(capacity: 1)
        let variables = UnsafeMutablePointer<UnsafeMutableRawPointer?>.allocate(capacity: 8)
        private let memory = UnsafeMutableRawPointer.allocate(byteCount: 1024, alignment: 16)

        init() {
            variables.initialize(repeating: nil, count: 8)
            recorder.initialize(to: dalloc_recorder_t())
            heap_init(heap, memory, 1024)
        }

        deinit {
            heap.deallocate()
            recorder.deallocate()
            variables.deallocate()
            memory.deallocate()
        }

        func act() {
            let slot = Int.random(in: 0..<8)
            if variables[slot] == nil {
                dalloc(heap, .random(in: 1...90), variables + slot)
            } else {
                dfree(heap, variables + slot, USING_PTR_ADDRESS)
            }
        }
    }

    @Test func eachOfSeveralHeapsHasItsOwnExactTable() {
        let collector = TestCollector()
        let device = WatchedDevice(collector)
        let extras = (0..<4).map { _ in ExtraHeap() }
        for (round, extra) in extras.enumerated() {
            for _ in 0..<20 { extra.act() }
            // On a line that is in use already: the collector must hear of each new heap.
            #expect(
                dalloc_agent_attach(device.agent, extra.recorder, extra.heap, WatchedDevice.heapName) == DALLOC_AGENT_OK
            )
            for _ in 0..<20 {
                device.act()
                extras[..<round].forEach { $0.act() }
                device.report()
            }
        }
        device.report()
        device.expectExact(collector)
        for (index, extra) in extras.enumerated() {
            WatchedDevice.expect(collector.tables[UInt32(index + 1)], is: extra.heap)
        }
        #expect(collector.verdicts.allSatisfy { $0 == .exact })
        #expect(collector.states.map(\.sequence) == Array(1...UInt32(collector.states.count)), "one series over all")
        #expect(Set(collector.states.map(\.heap)) == [0, 1, 2, 3, 4])
    }

    @Test func aSeventeenthHeapIsRefused() {
        let collector = TestCollector()
        let device = WatchedDevice(collector)
        let extras = (0..<16).map { _ in ExtraHeap() }
        let answers = extras.map {
            dalloc_agent_attach(device.agent, $0.recorder, $0.heap, WatchedDevice.heapName)
        }
        #expect(answers == Array(repeating: DALLOC_AGENT_OK, count: 15) + [DALLOC_AGENT_ERROR_TOO_MANY_HEAPS])
        device.report()
        #expect(collector.tables.count == 16)
    }

    @Test func anEndedHeapIsKnownToBeEmpty() {
        let collector = TestCollector()
        let device = WatchedDevice(collector)
        for _ in 0..<20 { device.act() }
        device.report()
        device.act()
        heap_deinit(device.heap)
        device.report()
        #expect(collector.verdicts.allSatisfy { $0 == .exact })
        #expect(collector.tables[0]?.replica.known == 0)
        #expect(collector.states.last?.totals == HeapTotals())
        #expect(dalloc_agent_counters(device.agent).operations_lost == 0, "the reset tells all")
        heap_init(device.heap, device.memory, 8192)
        device.report()
        device.allocate(0, 10)
        device.report()
        device.expectExact(collector)
    }

    /// Owners far away are sent as addresses, so a digest alone would not show that the heap's base is another one.
    @Test func framesOfAHeapAreNeverReadAsThoseOfItsSuccessor() {
        let collector = TestCollector()
        let device = WatchedDevice(collector)
        device.report()
        collector.isUp = false
        for _ in 0..<5 {
            for _ in 0..<10 { device.act() }
            device.report()
        }
        for slot in 0..<100 { device.variables[slot] = nil }
        heap_init(device.heap, device.memory + 4096, 4096)
        device.report()
        device.allocate(3, 99)
        collector.isUp = true
        for _ in 0..<3 { device.report() }
        device.expectExact(collector)
        let old = UInt64(UInt(bitPattern: device.memory))
        let bases = collector.layouts.map { $0?.baseAddress ?? 0 }
        #expect(bases == bases.sorted() && bases.filter { $0 == old }.count >= 6)
        #expect(zip(bases, collector.verdicts).allSatisfy { $0 > old || $1 == .exact }, "old frames in their own heap")
        let firstOfNew = zip(bases, collector.states).first { $0.0 > old }?.1
        #expect(firstOfNew.map { $0.lost > 0 } == true)
    }

    @Test func anAgentThatIsStartedAgainTakesItsRecordersBack() {
        let collector = TestCollector()
        let device = WatchedDevice(collector)
        for _ in 0..<20 { device.act() }
        device.report()
        var config = device.agent.pointee.config
        config.boot_id += 1
        #expect(dalloc_agent_init(device.agent, &config) == DALLOC_AGENT_OK)
        for _ in 0..<20 { device.act() }
        #expect(
            dalloc_agent_attach(device.agent, device.recorder, device.heap, WatchedDevice.heapName) == DALLOC_AGENT_OK)
        device.act()
        device.report()
        device.report()
        device.expectExact(collector)
    }

    @Test func anAgentThatHasEndedLeavesItsHeapsToAnother() {
        let (first, second) = (TestCollector(), TestCollector())
        let device = WatchedDevice(first)
        let extra = ExtraHeap()
        #expect(
            dalloc_agent_attach(device.agent, extra.recorder, extra.heap, WatchedDevice.heapName) == DALLOC_AGENT_OK)
        for _ in 0..<20 { device.act() }
        device.report()
        let sent = first.states.count
        // Another heap at the same place, whose observer is somebody else's.
        heap_init(extra.heap, UnsafeMutableRawPointer(extra.heap.pointee.mem), 512)
        extra.heap.pointee.observer = { _, _, _, _, _ in }
        dalloc_agent_deinit(device.agent)
        #expect(device.heap.pointee.observer == nil && device.heap.pointee.observer_context == nil)
        #expect(extra.heap.pointee.observer != nil, "not the agent's to end")
        for _ in 0..<20 { device.act() }
        dalloc_agent_flush(device.agent)
        device.report()
        #expect(first.states.count == sent)
        #expect(
            dalloc_agent_attach(device.agent, device.recorder, device.heap, WatchedDevice.heapName)
                == DALLOC_AGENT_ERROR_NOT_STARTED)
        dalloc_agent_deinit(device.agent)
        dalloc_agent_deinit(nil)
        var config = device.agent.pointee.config
        config.link = second.makeLink()
        #expect(dalloc_agent_init(device.agent, &config) == DALLOC_AGENT_OK)
        #expect(
            dalloc_agent_attach(device.agent, device.recorder, device.heap, WatchedDevice.heapName) == DALLOC_AGENT_OK)
        for _ in 0..<20 { device.act() }
        device.report()
        device.report()
        device.expectExact(second)
    }

    @Test func whatIsAttachedOrUnfitIsRefused() {
        let collector = TestCollector()
        let device = WatchedDevice(collector)
        let extra = ExtraHeap()
        let name = WatchedDevice.heapName
        func attach(
            _ recorder: UnsafeMutablePointer<dalloc_recorder_t>, _ heap: UnsafeMutablePointer<heap_t>,
            _ name: UnsafePointer<CChar>?
        ) -> dalloc_agent_error_t {
            dalloc_agent_attach(device.agent, recorder, heap, name)
        }
        #expect(attach(device.recorder, extra.heap, name) == DALLOC_AGENT_ERROR_RECORDER_IN_USE)
        #expect(attach(extra.recorder, device.heap, name) == DALLOC_AGENT_ERROR_HEAP_IS_RECORDED)
        #expect(attach(extra.recorder, extra.heap, nil) == DALLOC_AGENT_ERROR_HEAP_NAME)
        let longName = String(repeating: "n", count: 33)
        #expect(attach(extra.recorder, extra.heap, longName) == DALLOC_AGENT_ERROR_HEAP_NAME)
        let idle = UnsafeMutablePointer<dalloc_agent_t>.allocate(capacity: 1)
        defer { idle.deallocate() }
        idle.initialize(to: dalloc_agent_t())
        #expect(dalloc_agent_attach(idle, extra.recorder, extra.heap, name) == DALLOC_AGENT_ERROR_NOT_STARTED)
        heap_deinit(extra.heap)
        #expect(attach(extra.recorder, extra.heap, name) == DALLOC_AGENT_ERROR_NO_HEAP)
        #expect(device.agent.pointee.recorder_count == 1)
        device.report()
        device.expectExact(collector)
    }
}
