// SPDX-License-Identifier: Apache-2.0
//
// An agent with a spool: every frame arrives once and in order, however long the collector was away, and whatever a reset interrupts.

import CDalloc
import CDallocAgent
import Dalloc
import DallocAgent
import HeapReplica
import HeapWire
import TestSupport
import Testing

struct SpoolTests {
    /// Lets things happen, with reports in between.
    static func work(_ device: WatchedDevice, reports: Int = 60, _ random: inout SeededRandom) {
        for _ in 0..<reports {
            for _ in 0..<10 { device.act(&random) }
            device.report()
        }
    }

    /// Polls until all is acknowledged.
    static func drain(_ device: WatchedDevice, polls: Int = 3000, _ comment: Comment? = nil) {
        for _ in 0..<polls where !dalloc_agent_is_drained(device.agent) {
            device.poll()
            // Lines that swallow frames are noticed after a while.
            device.now &+= 10
        }
        #expect(dalloc_agent_is_drained(device.agent), comment)
    }

    /// What is stored of a boot has no gap, and each frame once.
    static func expectWhole(_ collector: TestCollector, boot: UInt32 = 77, _ comment: Comment? = nil) {
        let numbers = collector.sequences(of: boot)
        #expect(!numbers.isEmpty && numbers == Array(1...UInt32(numbers.count)), comment)
        #expect(collector.verdicts.allSatisfy { $0 == .exact }, comment)
        #expect(collector.runs == 0, comment)
        #expect(collector.gaps == 0, comment)
    }

    @Test(arguments: [600, 2048, 16_384]) func anOutageFarBeyondTheTransmitBufferLosesNothing(transmit: Int) {
        var random = SeededRandom(seed: UInt64(transmit))
        let (collector, spool) = (TestCollector(), MemorySpool())
        let device = WatchedDevice(collector, transmit: transmit, spool: spool)
        Self.work(device, reports: 5, &random)
        #expect(spool.isEmpty)
        for _ in 0..<2 {
            collector.isUp = false
            Self.work(device, reports: 600, &random)
            #expect(spool.bytes.count > 12_000 && !dalloc_agent_is_drained(device.agent))
            collector.isUp = true
            Self.drain(device)
            Self.expectWhole(collector)
            device.expectExact(collector)
            #expect(spool.isEmpty)
        }
        let counters = dalloc_agent_counters(device.agent)
        #expect(counters.operations_lost == 0 && counters.frames_spool_lost == 0 && counters.frames_unsent == 0)
        #expect(counters.frames_sent == UInt32(collector.states.count))
        #expect(collector.rejected.isEmpty && collector.duplicates == 0)
        Self.work(device, reports: 20, &random)
        device.expectExact(collector)
    }

    @Test func aResetLosesNothingThatWasSpooled() {
        var random = SeededRandom(seed: 1)
        let (collector, spool) = (TestCollector(), MemorySpool())
        var lasts: [UInt32] = []
        for boot in 1...3 as ClosedRange<UInt32> {
            // The first boot is known, the second one is not; the third is there when the collector is.
            collector.isUp = boot == 1
            let device = WatchedDevice(collector, transmit: 600, startsAt: 5000 / boot, boot: boot, spool: spool)
            Self.work(device, reports: 10, &random)
            collector.isUp = false
            Self.work(device, reports: 100, &random)
            lasts.append(device.agent.pointee.oldest_sequence - 1)
            if boot < 3 { continue }
            collector.isUp = true
            Self.drain(device)
            device.expectExact(collector)
        }
        #expect(collector.boots == collector.boots.sorted())
        for boot in 1...3 as ClosedRange<UInt32> { Self.expectWhole(collector, boot: boot) }
        #expect(collector.sequences(of: 1).last == lasts[0])
        #expect(collector.sequences(of: 2).last == lasts[1])
        #expect(collector.rejected.isEmpty && collector.duplicates == 0)
        #expect(spool.isEmpty)
    }

    @Test func aLineThatBreaksAnywhereLosesNothing() {
        for offset in stride(from: 1, to: 6000, by: 53) {
            var random = SeededRandom(seed: UInt64(offset))
            let (collector, spool) = (TestCollector(), MemorySpool())
            (spool.pageBytes, collector.isUp) = (1024, false)
            var device = WatchedDevice(collector, transmit: 600, boot: 76, spool: spool)
            Self.work(device, reports: 20, &random)
            let last = device.agent.pointee.oldest_sequence - 1
            spool.reset()
            device = WatchedDevice(collector, transmit: 600, spool: spool)
            Self.work(device, reports: 20, &random)
            (collector.isUp, collector.bytesUntilLoss) = (true, offset)
            Self.drain(device, "cut at \(offset)")
            device.expectExact(collector, "cut at \(offset)")
            for boot in [76, 77] as [UInt32] { Self.expectWhole(collector, boot: boot, "cut at \(offset)") }
            #expect(collector.sequences(of: 76).last == last, "cut at \(offset)")
        }
    }

    @Test func aResetAnywhereInTheDeliveryLosesNothing() {
        for polls in 1..<60 {
            var random = SeededRandom(seed: UInt64(polls))
            let (collector, spool) = (TestCollector(), MemorySpool())
            (spool.pageBytes, collector.isUp, collector.bytesPerWrite) = (2048, false, 100)
            var device = WatchedDevice(collector, transmit: 600, boot: 1, spool: spool)
            Self.work(device, reports: 30, &random)
            let last = device.agent.pointee.oldest_sequence - 1
            for boot in 2...9 as ClosedRange<UInt32> {
                spool.reset()
                device = WatchedDevice(collector, transmit: 600, boot: boot, spool: spool)
                // A connection begins anew with its agent.
                collector.isUp = false
                Self.work(device, reports: 3, &random)
                collector.isUp = true
                device.poll(polls)
                // Between the collector's first look at a boot and WELCOME, nobody knows what it has seen.
                let awaitingWelcome: UInt8 = 2
                while device.agent.pointee.state == awaitingWelcome { device.poll() }
                device.poll()
            }
            Self.drain(device, "\(polls) polls")
            device.expectExact(collector)
            for boot in 1...9 as ClosedRange<UInt32> where !collector.sequences(of: boot).isEmpty {
                Self.expectWhole(collector, boot: boot, "\(polls) polls")
            }
            #expect(collector.sequences(of: 1).last == last, "\(polls) polls")
        }
    }

    @Test func aSlowLineSpoolsInsteadOfLosing() {
        var random = SeededRandom(seed: 5)
        let (collector, spool) = (TestCollector(), MemorySpool())
        let device = WatchedDevice(collector, transmit: 600, spool: spool)
        collector.bytesPerWrite = 5
        for _ in 0..<300 {
            for _ in 0..<20 { device.act(&random) }
            device.now &+= 500
            collector.bytesUntilLoss = nil
            device.poll(2)
            collector.isUp = Bool.random(using: &random)
        }
        #expect(spool.parts > 0)
        (collector.isUp, collector.bytesPerWrite) = (true, .max)
        Self.drain(device)
        Self.expectWhole(collector)
        device.expectExact(collector)
        #expect(dalloc_agent_counters(device.agent).operations_lost == 0)
    }

    @Test func aShortPauseOfTheLineWritesNothing() {
        var random = SeededRandom(seed: 6)
        let (collector, spool) = (TestCollector(), MemorySpool())
        let device = WatchedDevice(collector, transmit: 600, spool: spool)
        device.report()
        collector.bytesPerWrite = 0
        for _ in 0..<6 {
            for _ in 0..<15 { device.act(&random) }
            device.report()
            if spool.parts > 0 || device.agent.pointee.length > 450 { break }
        }
        #expect(dalloc_agent_counters(device.agent).frames_unsent > 0 || device.agent.pointee.length > 0)
        #expect(spool.parts == 0, "acknowledgements may still make room")
    }

    @Test func aFullSpoolKeepsWhatItHas() {
        var random = SeededRandom(seed: 7)
        let (collector, spool) = (TestCollector(), MemorySpool())
        spool.limit = 10_000
        let device = WatchedDevice(collector, transmit: 600, spool: spool)
        collector.isUp = false
        Self.work(device, reports: 300, &random)
        let kept = device.agent.pointee.next_sequence - 1
        let full = dalloc_agent_counters(device.agent)
        #expect(full.operations_lost > 0)
        #expect(full.frames_spool_lost > 80 && full.frames_spool_lost <= 300, "one for each frame that was due")
        #expect(spool.bytes.count > 9000 && spool.bytes.count <= 10_000)
        collector.isUp = true
        Self.drain(device)
        device.report()
        device.expectExact(collector)
        let numbers = collector.sequences(of: 77)
        #expect(numbers == Array(1...UInt32(numbers.count)) && collector.gaps == 0)
        #expect(collector.states.prefix(Int(kept)).allSatisfy { $0.lost == 0 })
        #expect(collector.states.contains { $0.lost > 0 }, "and the collector is told")
        #expect(!collector.verdicts.contains(.diverged))
    }

    @Test func aTornEndIsPassedOver() {
        var random = SeededRandom(seed: 8)
        let (first, spool) = (TestCollector(), MemorySpool())
        first.isUp = false
        let device = WatchedDevice(first, transmit: 600, boot: 1, spool: spool)
        Self.work(device, reports: 12, &random)
        let whole = spool.bytes
        for length in stride(from: 0, through: whole.count, by: 7) {
            let (collector, torn) = (TestCollector(), MemorySpool())
            torn.bytes = Array(whole.prefix(length))
            let frames = torn.bytes.split(separator: 0, omittingEmptySubsequences: true).count - torn.parts
            let next = WatchedDevice(collector, transmit: 600, boot: 2, spool: torn)
            collector.isUp = false
            Self.work(next, reports: 12, &random)
            collector.isUp = true
            Self.drain(next, "cut at \(length)")
            Self.expectWhole(collector, boot: 2, "cut at \(length)")
            next.expectExact(collector)
            let numbers = collector.sequences(of: 1)
            #expect(numbers == Array((1...UInt32(numbers.count + 1)).dropLast()), "cut at \(length)")
            #expect(numbers.count <= frames && collector.gaps == 0 && collector.rejected.isEmpty)
            #expect(torn.isEmpty)
        }
    }

    @Test func aDamagedFrameIsAGapAndCounted() {
        var random = SeededRandom(seed: 9)
        for offset in stride(from: 0, to: 5000, by: 111) {
            let (collector, spool) = (TestCollector(), MemorySpool())
            collector.isUp = false
            let device = WatchedDevice(collector, transmit: 600, spool: spool)
            Self.work(device, reports: 100, &random)
            let last = device.agent.pointee.next_sequence - 1
            guard offset < spool.bytes.count else { break }
            let was = spool.bytes[offset]
            spool.bytes[offset] = was ^ 0x10
            collector.isUp = true
            Self.drain(device, "byte \(offset)")
            device.report()
            device.expectExact(collector, "byte \(offset)")
            let numbers = collector.sequences(of: 77)
            #expect(numbers == numbers.sorted() && Set(numbers).count == numbers.count)
            #expect(numbers.last ?? 0 >= last, "byte \(offset)")
            #expect(collector.rejected.isEmpty)
            if collector.gaps > 0 { #expect(dalloc_agent_counters(device.agent).frames_spool_lost > 0) }
        }
    }

    @Test func whatTheLineSwallowsIsSentAgain() {
        var random = SeededRandom(seed: 10)
        let (collector, spool) = (TestCollector(), MemorySpool())
        collector.isUp = false
        let device = WatchedDevice(collector, transmit: 600, boot: 1, spool: spool)
        Self.work(device, reports: 40, &random)
        collector.isUp = true
        collector.dropOnce = [1, 2, 9, 17, 18, 30]
        let next = WatchedDevice(collector, transmit: 600, boot: 2, spool: spool)
        Self.drain(next)
        Self.expectWhole(collector, boot: 1)
        #expect(collector.dropOnce.isEmpty)
        next.expectExact(collector)
    }
}
