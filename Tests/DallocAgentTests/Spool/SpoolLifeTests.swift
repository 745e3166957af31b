// SPDX-License-Identifier: Apache-2.0
//
// How a spool is set, what an agent leaves in it, and what becomes of it when a spool, a collector or a boot id is not as it should be.

import CDalloc
import CDallocAgent
import Dalloc
import DallocAgent
import HeapReplica
import HeapWire
import TestSupport
import Testing

struct SpoolLifeTests {
    @Test func anAgentThatEndsKeepsWhatIsNotAcknowledged() {
        var random = SeededRandom(seed: 20)
        let (collector, spool) = (TestCollector(), MemorySpool())
        let device = WatchedDevice(collector, boot: 1, spool: spool)
        SpoolTests.work(device, reports: 3, &random)
        collector.isUp = false
        SpoolTests.work(device, reports: 3, &random)
        for _ in 0..<10 { device.act(&random) }
        #expect(spool.isEmpty)
        dalloc_agent_deinit(device.agent)
        #expect(!spool.isEmpty)
        let totals = device.heap.pointee.alloc_info
        collector.isUp = true
        let next = WatchedDevice(collector, boot: 2, spool: spool)
        SpoolTests.drain(next)
        SpoolTests.expectWhole(collector, boot: 1)
        #expect(collector.states.contains { $0.totals.allocations == totals.total_allocations })
        next.expectExact(collector)
    }

    @Test func anAgentThatEndsWithNothingToSayWritesNothing() {
        var random = SeededRandom(seed: 21)
        let (collector, spool) = (TestCollector(), MemorySpool())
        let device = WatchedDevice(collector, spool: spool)
        SpoolTests.work(device, reports: 3, &random)
        dalloc_agent_deinit(device.agent)
        #expect(spool.parts == 0 && spool.isEmpty)
    }

    @Test func aSpoolThatFailsIsTriedAgainAndLosesNothing() {
        for left in stride(from: 0, to: 700, by: 31) {
            var random = SeededRandom(seed: UInt64(left))
            let (collector, spool) = (TestCollector(), MemorySpool())
            collector.isUp = false
            let device = WatchedDevice(collector, transmit: 1024, spool: spool) { $0.frame_interval = 20 }
            for turn in 0..<400 {
                device.act(&random)
                device.now &+= 10
                if turn % 40 == 5 { spool.bytesUntilFailure = left }
                spool.endsFail = turn % 50 == 7
                device.poll()
            }
            #expect(dalloc_agent_counters(device.agent).operations_lost == 0)
            #expect(dalloc_agent_counters(device.agent).frames_spool_lost > 0)
            collector.isUp = true
            SpoolTests.drain(device)
            SpoolTests.expectWhole(collector, "\(left)")
            device.expectExact(collector)
        }
    }

    @Test func whatCantBeReadNowIsReadLater() {
        var random = SeededRandom(seed: 22)
        let (collector, spool) = (TestCollector(), MemorySpool())
        collector.isUp = false
        var device = WatchedDevice(collector, transmit: 600, boot: 1, spool: spool)
        SpoolTests.work(device, reports: 40, &random)
        device = WatchedDevice(collector, transmit: 600, boot: 2, spool: spool)
        collector.isUp = true
        for _ in 0..<4000 where !dalloc_agent_is_drained(device.agent) {
            spool.readsFail = Bool.random(using: &random)
            device.poll()
            device.now &+= 10
        }
        SpoolTests.expectWhole(collector, boot: 1)
        SpoolTests.expectWhole(collector, boot: 2)
        device.expectExact(collector)
        #expect(spool.isEmpty)
    }

    @Test func aCollectorWithAnotherDiskTakesWhatIsLeft() {
        var random = SeededRandom(seed: 23)
        let (collector, spool) = (TestCollector(), MemorySpool())
        (collector.isUp, collector.bytesPerWrite) = (false, 50)
        var device = WatchedDevice(collector, transmit: 600, boot: 1, spool: spool)
        SpoolTests.work(device, reports: 60, &random)
        device = WatchedDevice(collector, transmit: 600, boot: 2, spool: spool)
        SpoolTests.work(device, reports: 60, &random)
        collector.isUp = true
        let before = spool.content.count
        while spool.content.count > before * 3 / 4 { device.poll() }
        collector.forgetAll()
        collector.isUp = false
        device.poll()
        collector.isUp = true
        SpoolTests.drain(device)
        let numbers = collector.sequences(of: 1)
        #expect(numbers.first ?? 0 > 1 && numbers == Array(numbers[0]..<numbers[0] + UInt32(numbers.count)))
        #expect(collector.gaps == 1)
        let own = collector.sequences(of: 2)
        #expect(own == Array(1...UInt32(own.count)))
        device.expectExact(collector)
    }

    @Test func anAgentThatStartsAgainUnderItsBootGoesOnAfterWhatItHasSpooled() {
        var random = SeededRandom(seed: 24)
        let (collector, spool) = (TestCollector(), MemorySpool())
        collector.isUp = false
        var device = WatchedDevice(collector, transmit: 600, spool: spool)
        SpoolTests.work(device, reports: 60, &random)
        let last = device.agent.pointee.oldest_sequence - 1
        device = WatchedDevice(collector, transmit: 600, startsAt: device.now, spool: spool)
        SpoolTests.work(device, reports: 60, &random)
        #expect(device.agent.pointee.oldest_sequence > last + 20)
        collector.isUp = true
        SpoolTests.drain(device)
        device.report()
        device.expectExact(collector)
        let numbers = collector.sequences(of: 77)
        #expect(numbers == Array(1...UInt32(numbers.count)))
        #expect(collector.states[Int(last)].lost > 0, "what happened between the two is not known, and declared")
        #expect(collector.runs == 0 && !collector.verdicts.contains(.diverged))
    }

    @Test func aBootThatTheCollectorKnowsFurtherGoesOnAfterIt() {
        var random = SeededRandom(seed: 25)
        let (collector, spool) = (TestCollector(), MemorySpool())
        collector.lastStored = 1000
        collector.isUp = false
        let device = WatchedDevice(collector, transmit: 600, spool: spool)
        SpoolTests.work(device, reports: 60, &random)
        collector.isUp = true
        SpoolTests.drain(device)
        device.report()
        device.expectExact(collector)
        #expect(collector.sequences(of: 77).first == 1001 && collector.states[0].lost > 0)
        #expect(spool.isEmpty)
    }

    @Test func aDeadConnectionIsGivenUp() {
        var random = SeededRandom(seed: 26)
        let (collector, spool) = (TestCollector(), MemorySpool())
        (collector.isConnection, collector.healsAtReset) = (true, true)
        let device = WatchedDevice(collector, transmit: 600, spool: spool)
        device.report()
        collector.isHalfOpen = true
        SpoolTests.work(device, reports: 60, &random)
        #expect(spool.parts > 0 && collector.resets > 0)
        SpoolTests.drain(device)
        SpoolTests.expectWhole(collector)
        device.expectExact(collector)
    }

    @Test func noiseIsNoSpoolAndDoesNoHarm() {
        var random = SeededRandom(seed: 27)
        for _ in 0..<50 {
            let (collector, spool) = (TestCollector(), MemorySpool())
            spool.bytes = (0..<Int.random(in: 1...20_000, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            if Bool.random(using: &random) { spool.bytes.removeAll { $0 == 0 } }
            let device = WatchedDevice(collector, spool: spool)
            SpoolTests.work(device, reports: 30, &random)
            SpoolTests.drain(device)
            SpoolTests.expectWhole(collector)
            device.expectExact(collector)
            #expect(spool.isEmpty && collector.rejected.isEmpty)
        }
    }

    @Test func aSpoolIsAStreamThatCanBeReadAlone() throws {
        var random = SeededRandom(seed: 28)
        let (collector, spool) = (TestCollector(), MemorySpool())
        collector.isUp = false
        let device = WatchedDevice(collector, transmit: 2048, spool: spool)
        SpoolTests.work(device, reports: 600, &random)
        let reader = TestCollector()
        _ = reader.answer(to: spool.content)
        SpoolTests.expectWhole(reader)
        #expect(reader.hellos == spool.parts && spool.parts > 2)
        #expect(reader.sequences(of: 77).last == device.agent.pointee.oldest_sequence - 1)
    }

    @Test func aPartIsNoLongerThanItMayBe() {
        var random = SeededRandom(seed: 29)
        for bytes in [1024, 2000, 4096] as [UInt32] {
            let (collector, spool) = (TestCollector(), MemorySpool(partBytes: bytes))
            collector.isUp = false
            let device = WatchedDevice(collector, transmit: 10_000, spool: spool)
            SpoolTests.work(device, reports: 900, &random)
            var lengths: [Int] = []
            for frame in spool.content.split(separator: 0) {
                // HELLO, and the zero before it.
                if frame[frame.startIndex + 1] == 1 { lengths.append(1) }
                lengths[lengths.count - 1] += frame.count + 1
            }
            #expect(lengths.count == spool.parts && lengths.max() ?? 0 <= Int(bytes))
            #expect(lengths.max() ?? 0 > Int(bytes) * 3 / 4)
        }
    }

    @Test func whatIsNoSpoolIsRefused() {
        let collector = TestCollector()
        let device = WatchedDevice(collector, spool: MemorySpool())
        let spool = MemorySpool()
        let agent = device.agent
        #expect(dalloc_agent_set_spool(nil, spool.functions) == DALLOC_AGENT_ERROR_NULL)
        #expect(dalloc_agent_set_spool(agent, nil) == DALLOC_AGENT_ERROR_NULL)
        #expect(dalloc_agent_set_spool(agent, spool.functions) == DALLOC_AGENT_ERROR_SPOOL, "a heap is attached")
        dalloc_agent_deinit(agent)
        #expect(dalloc_agent_set_spool(agent, spool.functions) == DALLOC_AGENT_ERROR_NOT_STARTED)
        var config = agent.pointee.config
        func answer(_ change: (inout dalloc_agent_config_t, inout dalloc_spool_t) -> Void) -> dalloc_agent_error_t {
            var changed = config
            changed.link = collector.makeLink()
            let spool = MemorySpool()
            change(&changed, &spool.functions.pointee)
            #expect(dalloc_agent_init(agent, &changed) == DALLOC_AGENT_OK)
            return dalloc_agent_set_spool(agent, spool.functions)
        }
        #expect(answer { _, _ in } == DALLOC_AGENT_OK)
        #expect(answer { config, _ in config.link.read = nil } == DALLOC_AGENT_ERROR_SPOOL)
        #expect(answer { config, _ in config.link = dalloc_agent_chunk_link(true) } == DALLOC_AGENT_ERROR_SPOOL)
        #expect(answer { _, spool in spool.begin = nil } == DALLOC_AGENT_ERROR_SPOOL)
        #expect(answer { _, spool in spool.append = nil } == DALLOC_AGENT_ERROR_SPOOL)
        #expect(answer { _, spool in spool.end = nil } == DALLOC_AGENT_ERROR_SPOOL)
        #expect(answer { _, spool in spool.read = nil } == DALLOC_AGENT_ERROR_SPOOL)
        #expect(answer { _, spool in spool.drop = nil } == DALLOC_AGENT_ERROR_SPOOL)
        #expect(answer { _, spool in spool.part_bytes = 639 } == DALLOC_AGENT_ERROR_SPOOL)
        #expect(answer { _, spool in spool.part_bytes = 65536 } == DALLOC_AGENT_ERROR_SPOOL)
        #expect(answer { _, spool in spool.part_bytes = 65535 } == DALLOC_AGENT_OK)
        config.longest_frame = 600
        #expect(answer { _, _ in } == DALLOC_AGENT_OK && agent.pointee.config.longest_frame == 600)
    }
}
