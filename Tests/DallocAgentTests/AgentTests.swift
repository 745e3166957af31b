// SPDX-License-Identifier: Apache-2.0
//
// The agent with the real allocator: what arrives is what happened, whatever the line does.

import CDalloc
import CDallocAgent
import Dalloc
import DallocAgent
import HeapReplica
import HeapWire
import Testing

struct AgentTests {
    @Test(arguments: [false, true]) func everyReportGivesTheExactTable(isLazy: Bool) {
        for _ in 0..<20 {
            let collector = TestCollector()
            let device = WatchedDevice(collector, isLazy: isLazy)
            for _ in 0..<60 {
                for _ in 0..<Int.random(in: 0...20) { device.act() }
                device.report()
                device.expectExact(collector)
            }
            #expect(collector.verdicts.allSatisfy { $0 == .exact })
            #expect(collector.states.map(\.sequence) == Array(1...UInt32(collector.states.count)))
            #expect(collector.duplicates == 0)
            #expect(collector.rejected.isEmpty)
            #expect(dalloc_agent_is_drained(device.agent))
            #expect(collector.states.last?.totals.allocations == device.heap.pointee.alloc_info.total_allocations)
            #expect(collector.states.last?.totals.bytesMoved == device.heap.pointee.alloc_info.total_bytes_moved)
        }
    }

    @Test func aLineThatTakesAByteAtATimeIsEnough() {
        let collector = TestCollector()
        collector.bytesPerWrite = 1
        let device = WatchedDevice(collector)
        for _ in 0..<30 {
            for _ in 0..<10 { device.act() }
            device.report()
        }
        device.poll(2000)
        device.expectExact(collector)
        #expect(collector.rejected.isEmpty)
    }

    @Test func whatHappensWhileTheLineIsDownArrivesLater() {
        let collector = TestCollector()
        let device = WatchedDevice(collector)
        collector.isUp = false
        for _ in 0..<30 {
            for _ in 0..<10 { device.act() }
            device.report()
        }
        #expect(collector.states.isEmpty)
        collector.isUp = true
        device.poll(50)
        device.expectExact(collector)
        #expect(collector.verdicts.allSatisfy { $0 == .exact })
        #expect(dalloc_agent_counters(device.agent).operations_lost == 0)
    }

    @Test func aLineThatBreaksAnywhereLosesNothing() {
        for offset in stride(from: 1, to: 900, by: 7) {
            let collector = TestCollector()
            let device = WatchedDevice(collector)
            collector.bytesUntilLoss = offset
            for _ in 0..<12 {
                for _ in 0..<8 { device.act() }
                device.report()
            }
            device.poll(20)
            device.expectExact(collector, "cut at \(offset)")
            #expect(collector.verdicts.allSatisfy { $0 == .exact }, "cut at \(offset)")
            #expect(collector.states.map(\.sequence) == Array(1...UInt32(collector.states.count)))
        }
    }

    @Test func aFrameThatIsLostOnTheWayIsSentAgain() {
        let collector = TestCollector()
        collector.dropOnce = [2, 5, 6, 9]
        let device = WatchedDevice(collector)
        for _ in 0..<20 {
            for _ in 0..<5 { device.act() }
            device.report()
        }
        device.now &+= 5000
        device.poll(20)
        device.expectExact(collector)
        #expect(collector.dropOnce.isEmpty)
        #expect(collector.states.map(\.sequence) == Array(1...UInt32(collector.states.count)))
        #expect(dalloc_agent_counters(device.agent).frames_resent > 0)
    }

    @Test func silenceIsAnsweredWithAnotherHello() {
        let collector = TestCollector()
        collector.answers = false
        let device = WatchedDevice(collector)
        device.poll(5)
        #expect(collector.hellos == 1)
        device.now &+= 1999
        device.poll(3)
        #expect(collector.hellos == 1)
        device.now &+= 1
        device.poll(3)
        #expect(collector.hellos == 2)
        #expect(collector.states.isEmpty, "no frame before WELCOME")
        collector.answers = true
        collector.acknowledges = false
        device.now &+= 2000
        device.poll(5)
        #expect(collector.hellos == 3)
        #expect(collector.states.count == 1)
        device.now &+= 2000
        device.poll(5)
        #expect(collector.hellos == 4, "frames without an acknowledgement")
        #expect(collector.duplicates == 0, "WELCOME told what is stored")
    }

    @Test func aFullRecorderIsCountedAndFollowedByTheTable() {
        let collector = TestCollector()
        let device = WatchedDevice(collector)
        device.report()
        for _ in 0..<300 {
            device.allocate(0, 10)
            device.free(0)
        }
        device.allocate(1, 50)
        device.report()
        device.expectExact(collector)
        let lossy = collector.states.filter { $0.lost > 0 }
        #expect(lossy.map(\.lost) == [601], "every operation since the last frame")
        #expect(dalloc_agent_counters(device.agent).operations_lost == 601)
        #expect(collector.tables[0]?.replica[0].allocation == 0, "when it came is not known")
    }

    @Test func howFullAPollFoundARecorderIsKnown() {
        let collector = TestCollector()
        let device = WatchedDevice(collector)
        device.report()
        for slot in 0..<10 { device.allocate(slot, 10) }
        let used = UInt32(device.recorder.pointee.used)
        #expect(used > 10 && dalloc_agent_counters(device.agent).recorder_most < used)
        device.report()
        #expect(dalloc_agent_counters(device.agent).recorder_most == used)
        device.free(3)
        device.report()
        #expect(dalloc_agent_counters(device.agent).recorder_most == used, "the fullest")
    }

    @Test func aFullTransmitBufferLosesOperationsButNotTheTruth() {
        let collector = TestCollector()
        let device = WatchedDevice(collector, transmit: 600)
        collector.isUp = false
        for _ in 0..<50 {
            for _ in 0..<20 { device.act() }
            device.report()
        }
        collector.isUp = true
        device.poll(100)
        device.report()
        device.report()
        device.expectExact(collector)
        #expect(dalloc_agent_counters(device.agent).operations_lost > 0)
        #expect(collector.states.contains { $0.lost > 0 })
        #expect(!collector.verdicts.contains(.diverged))
    }

    @Test func aTableBeyondTheTransmitBufferComesInParts() {
        let collector = TestCollector()
        let device = WatchedDevice(collector, transmit: 512)
        // Neighbours in the table whose owners are far apart.
        let variables = UnsafeMutablePointer<UnsafeMutableRawPointer?>.allocate(capacity: 10_000)
        defer { variables.deallocate() }
        variables.initialize(repeating: nil, count: 10_000)
        for slot in 0..<100 { dalloc(device.heap, 20, variables + (slot % 2 == 0 ? slot : 9999 - slot)) }
        for _ in 0..<80 {
            device.report()
            if Bool.random() { device.act() }
        }
        device.report()
        device.expectExact(collector)
        let firsts = collector.bodies.compactMap { body -> UInt32? in
            if case .keyframe(let first) = body { first } else { nil }
        }
        #expect(firsts.contains { $0 > 0 })
        #expect(!collector.verdicts.contains(.diverged))
    }

    @Test func aOneWayLineRepeatsWhatAReaderNeeds() {
        let collector = TestCollector()
        collector.isOneWay = true
        let device = WatchedDevice(collector)
        for _ in 0..<130 {
            device.act()
            device.report()
        }
        device.expectExact(collector)
        #expect(collector.hellos == 3, "at the start and every minute")
        let keyframes = collector.bodies.filter { if case .keyframe = $0 { true } else { false } }
        #expect(keyframes.count == 3)
        #expect(dalloc_agent_is_drained(device.agent))
    }

    @Test func anIdleHeapGivesASignOfLife() {
        let collector = TestCollector()
        let device = WatchedDevice(collector)
        device.report()
        let before = collector.states.count
        for _ in 0..<30 { device.report() }
        #expect(collector.states.count == before + 3, "every ten seconds")
        device.expectExact(collector)
    }

    @Test func theClockMayWrapAround() {
        let collector = TestCollector()
        let device = WatchedDevice(collector, startsAt: UInt32.max - 20_000)
        for _ in 0..<60 {
            for _ in 0..<5 { device.act() }
            device.report()
        }
        device.expectExact(collector)
        let ticks = collector.states.map(\.tick)
        #expect(ticks == ticks.sorted())
        #expect(ticks.last.map { $0 > UInt64(UInt32.max) } == true)
    }

    @Test func aHeapThatIsMadeAnewIsAnotherHeap() {
        let collector = TestCollector()
        let device = WatchedDevice(collector)
        for _ in 0..<50 { device.act() }
        device.report()
        for slot in 0..<100 { device.variables[slot] = nil }
        heap_init(device.heap, device.memory + 4096, 4096)
        device.allocate(3, 99)
        device.report()
        device.report()
        device.expectExact(collector)
        #expect(collector.tables[0]?.replica.layout.size == 4096)
        #expect(collector.states.last { $0.lost > 0 } != nil, "what happened in between is missing")
    }

    @Test func aCollectorThatIsAheadIsFollowed() {
        let collector = TestCollector()
        collector.lastStored = 500
        let device = WatchedDevice(collector)
        for _ in 0..<20 { device.act() }
        device.report()
        device.report()
        device.expectExact(collector)
        #expect(collector.states.first?.sequence == 501)
        #expect(collector.states.first.map { $0.lost > 0 } == true)
    }

    @Test func repliesThatMakeNoSenseAreCountedAndHarmless() {
        let collector = TestCollector()
        let device = WatchedDevice(collector)
        device.report()
        for _ in 0..<40 {
            collector.send((0..<60).map { _ in .random(in: 0...255) } + [0])
            collector.send { Ack(boot: 76, sequence: 1000).write(to: &$0) }
            collector.send { Welcome(boot: 76, lastStored: 1000).write(to: &$0) }
            collector.send { Ack(boot: 77, sequence: 1_000_000).write(to: &$0) }
            for _ in 0..<5 { device.act() }
            device.report()
        }
        device.report()
        device.expectExact(collector)
        #expect(dalloc_agent_counters(device.agent).replies_malformed >= 40)
        #expect(collector.states.map(\.sequence) == Array(1...UInt32(collector.states.count)))
    }

    @Test func framesThatOnlyLaterAgentsKnowAreSkipped() {
        let collector = TestCollector()
        let device = WatchedDevice(collector)
        device.report()
        for type: UInt8 in [0x61, 0x7F] {
            collector.send { writer in
                writer.byte(type)
                writer.varint(UInt32(1))
            }
        }
        device.report()
        #expect(dalloc_agent_counters(device.agent).replies_malformed == 0)
        collector.send { $0.byte(0x44) }
        device.report()
        #expect(dalloc_agent_counters(device.agent).replies_malformed == 1, "this type is none to be skipped")
        device.expectExact(collector)
    }

    @Test func extensionFieldsThatTheAgentDoesNotKnowChangeNothing() {
        let collector = TestCollector()
        collector.isConnection = true
        let device = WatchedDevice(collector)
        collector.answers = false
        device.poll()
        var payload = FrameWriter.payload {
            Welcome(boot: 77, lastStored: 0, capabilities: .longReplies).write(to: &$0)
        }
        let field = [UInt8](repeating: 7, count: WireLimits.reply - payload.count - 3)
        field.withUnsafeBufferPointer { bytes in
            payload += FrameWriter.payload { ExtensionField(tag: 300, bytes: bytes).write(to: &$0) }
        }
        #expect(payload.count == WireLimits.reply, "the longest reply")
        let line = FrameWriter.line { writer in payload.forEach { writer.byte($0) } }
        // Not all of it at once, and it is no noise all the same.
        collector.send(Array(line.dropLast()))
        device.poll()
        collector.send([0])
        device.poll()
        #expect(collector.resets == 0)
        device.report()
        device.report()
        device.expectExact(collector)
        #expect(dalloc_agent_counters(device.agent).replies_malformed == 0)
        #expect(!collector.states.isEmpty)
    }

    @Test func anAgentThatIsTooNewForItsCollectorIsSilentUntilTheLineComesUpAnew() {
        let collector = TestCollector()
        collector.isUp = false
        let device = WatchedDevice(collector)
        collector.isUp = true
        collector.answers = false
        device.poll(3)
        #expect(collector.hellos == 1)
        collector.send {
            $0.byte(FrameType.welcome.rawValue)
            for value: UInt32 in [WireLimits.version + 1, 77, 0] { $0.varint(value) }
        }
        for _ in 0..<20 { device.report() }
        #expect(collector.hellos == 1 && collector.states.isEmpty)
        // A heap that is made anew at the same place must be announced, but not to this collector.
        heap_init(device.heap, device.heap.pointee.mem, device.heap.pointee.total_size)
        device.poll(3)
        #expect(collector.hellos == 1)
        collector.isUp = false
        device.poll()
        (collector.isUp, collector.answers) = (true, true)
        device.report()
        #expect(collector.hellos > 1)
        device.expectExact(collector)
    }

    @Test func aRequestBringsTheTableAndAnotherInterval() {
        let collector = TestCollector()
        let device = WatchedDevice(collector)
        for _ in 0..<20 { device.act() }
        device.report()
        let keyframes = { collector.bodies.filter { if case .keyframe = $0 { true } else { false } }.count }
        let before = keyframes()
        collector.send { Request(boot: 76, keyframe: true).write(to: &$0) }
        device.poll(3)
        #expect(keyframes() == before, "another boot was asked")
        collector.send { Request(boot: 77, keyframe: true, interval: 3000).write(to: &$0) }
        device.poll(3)
        #expect(keyframes() == before + 1)
        let frames = collector.states.count
        device.allocate(99, 8)
        device.now &+= 2900
        device.poll(3)
        #expect(collector.states.count == frames)
        device.now &+= 100
        device.poll(3)
        #expect(collector.states.count == frames + 1)
        device.expectExact(collector)
    }

    @Test func whatIsMissingIsRefused() {
        let collector = TestCollector()
        let device = WatchedDevice(collector)
        let buffer = UnsafeMutablePointer<UInt8>.allocate(capacity: 4096)
        defer { buffer.deallocate() }
        let spoilers: [((inout dalloc_agent_config_t) -> Void, dalloc_agent_error_t)] = [
            ({ $0.device_id = nil }, DALLOC_AGENT_ERROR_DEVICE_ID), ({ $0.now = nil }, DALLOC_AGENT_ERROR_CLOCK),
            ({ $0.ticks_per_second = 0 }, DALLOC_AGENT_ERROR_CLOCK),
            ({ $0.ticks_per_second = 1_000_000_001 }, DALLOC_AGENT_ERROR_CLOCK),
            ({ $0.link.write = nil }, DALLOC_AGENT_ERROR_LINK),
            ({ $0.transmit_buffer = nil }, DALLOC_AGENT_ERROR_TRANSMIT_BUFFER),
            ({ $0.transmit_size = 100 }, DALLOC_AGENT_ERROR_TRANSMIT_BUFFER),
        ]
        let agent = UnsafeMutablePointer<dalloc_agent_t>.allocate(capacity: 1)
        defer { agent.deallocate() }
        for (spoil, error) in spoilers {
            var config = WatchedDevice.config(collector, device.clock)
            config.transmit_buffer = buffer
            config.transmit_size = 4096
            #expect(dalloc_agent_init(agent, &config) == DALLOC_AGENT_OK)
            spoil(&config)
            #expect(dalloc_agent_init(agent, &config) == error)
        }
        #expect(dalloc_agent_init(nil, nil) == DALLOC_AGENT_ERROR_NULL)
        #expect(dalloc_agent_attach(nil, nil, nil, nil) == DALLOC_AGENT_ERROR_NULL)
        #expect(
            dalloc_agent_attach(device.agent, device.recorder, device.heap, "again")
                == DALLOC_AGENT_ERROR_RECORDER_IN_USE)
        dalloc_agent_poll(nil)
        dalloc_agent_flush(nil)
        #expect(dalloc_agent_is_drained(nil))
    }
}
