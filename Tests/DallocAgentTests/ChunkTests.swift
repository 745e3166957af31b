// SPDX-License-Identifier: Apache-2.0
//
// Frames that the program carries: chunks are whole, bounded, and lose nothing where answers come back.

import CDalloc
import CDallocAgent
import Dalloc
import DallocAgent
import HeapWire
import TestSupport
import Testing

struct ChunkTests {
    private func makeDevice(
        _ collector: TestCollector, replies: Bool = true, transmit: Int = 16_384, longestFrame: UInt32 = 512
    ) -> WatchedDevice {
        collector.isOneWay = !replies
        return WatchedDevice(collector, transmit: transmit) { config in
            config.link = dalloc_agent_chunk_link(replies)
            config.longest_frame = longestFrame
        }
    }

    private func take(_ device: WatchedDevice, _ size: Int = 1024, greets: Bool = true) -> (result: Int, bytes: [UInt8])
    {
        // What lies after the room must stay as it is.
        var chunk = [UInt8](repeating: 0xEE, count: size + 16)
        let result = Int(dalloc_agent_take_chunk(device.agent, &chunk, UInt32(size), greets))
        #expect(chunk[size...].allSatisfy { $0 == 0xEE })
        return (result, Array(chunk.prefix(max(0, result))))
    }

    /// Carries what there is, as a program does, until nothing is left.
    private func carry(_ device: WatchedDevice, to collector: TestCollector, _ size: Int = 1024) {
        for _ in 0..<1000 {
            let (result, bytes) = take(device, size)
            guard result > 0 else { return #expect(result == 0) }
            let answer = collector.answer(to: bytes)
            dalloc_agent_give_replies(device.agent, answer, UInt32(answer.count))
        }
        Issue.record("it never ends")
    }

    @Test func whatIsAcknowledgedIsNotTakenAgain() {
        let collector = TestCollector()
        let device = makeDevice(collector)
        for _ in 0..<30 {
            for _ in 0..<20 { device.act() }
            device.report()
            carry(device, to: collector)
            device.expectExact(collector)
        }
        #expect(collector.duplicates == 0 && collector.rejected.isEmpty)
        #expect(dalloc_agent_is_drained(device.agent))
        #expect(dalloc_agent_counters(device.agent).frames_resent == 0)
    }

    @Test func aChunkThatIsLostIsTakenAgain() {
        let (collector, device) = (TestCollector(), makeDevice(TestCollector()))
        var random = SeededRandom(seed: 3)
        for _ in 0..<200 {
            device.act()
            device.report()
            let bytes = take(device).bytes
            if random.once(in: 2) { continue }
            let answer = collector.answer(to: bytes)
            // An answer can be lost, come twice, or be torn.
            if random.once(in: 3) { continue }
            if random.once(in: 3) { dalloc_agent_give_replies(device.agent, answer, UInt32(answer.count / 2)) }
            dalloc_agent_give_replies(device.agent, answer, UInt32(answer.count))
        }
        carry(device, to: collector)
        device.expectExact(collector)
        #expect(collector.gaps == 0 && collector.duplicates > 0)
        #expect(collector.states.map(\.sequence) == Array(1...UInt32(collector.states.count)))
    }

    @Test func aChunkHasWholeFramesAndNoMoreThanItHolds() {
        let (collector, device) = (TestCollector(), makeDevice(TestCollector()))
        for _ in 0..<20 {
            for _ in 0..<30 { device.act() }
            device.report()
        }
        let (needed, nothing) = take(device, 40)
        #expect(needed < -40 && nothing.isEmpty, "HELLO and a frame take more than 40 bytes")
        let least = take(device, -needed).bytes
        #expect(least.count == -needed && least.last == 0)
        #expect(take(device, -needed - 1).result == needed)
        for size in [600, 1024, 4096] { #expect(take(device, size).bytes.count <= size) }
        // Without HELLO the same chunk has room for more.
        #expect(take(device, 600, greets: false).bytes.count <= 600)
        carry(device, to: collector, 600)
        device.expectExact(collector)
    }

    @Test func noFrameIsLongerThanTheLongest() {
        let collector = TestCollector()
        let device = makeDevice(collector, longestFrame: UInt32(Int(DALLOC_RECORDER_BYTES) * 3 / 2 + 224))
        // A table that takes several parts: owners far from each other take three bytes each.
        let variables = UnsafeMutablePointer<UnsafeMutableRawPointer?>.allocate(capacity: 10_000)
        defer { variables.deallocate() }
        variables.initialize(repeating: nil, count: 10_000)
        for slot in 0..<100 { dalloc(device.heap, 20, variables + (slot % 2 == 0 ? slot : 9999 - slot)) }
        for _ in 0..<40 {
            device.report()
            guard case let bytes = take(device, 4096, greets: false).bytes, !bytes.isEmpty else { continue }
            let longest = bytes.split(separator: 0).map { $0.count + 1 }.max() ?? 0
            #expect(longest <= Int(DALLOC_RECORDER_BYTES) * 3 / 2 + 224)
            carry(device, to: collector)
        }
        #expect(collector.bodies.contains { if case .keyframe(let first) = $0 { first > 0 } else { false } })
        device.expectExact(collector)
    }

    @Test func aFrameThatCannotHoldARecorderIsRefused() {
        let collector = TestCollector()
        let device = WatchedDevice(collector)
        let least = UInt32(Int(DALLOC_RECORDER_BYTES) * 3 / 2 + 224)
        for (bytes, error) in [
            (least - 1, DALLOC_AGENT_ERROR_TRANSMIT_BUFFER), (least, DALLOC_AGENT_OK), (0, DALLOC_AGENT_OK),
        ] {
            var config = device.agent.pointee.config
            config.longest_frame = bytes
            #expect(dalloc_agent_init(device.agent, &config) == DALLOC_AGENT_OK)
            #expect(dalloc_agent_attach(device.agent, device.recorder, device.heap, WatchedDevice.heapName) == error)
        }
        var config = device.agent.pointee.config
        config.longest_frame = 1
        #expect(dalloc_agent_init(device.agent, &config) == DALLOC_AGENT_ERROR_TRANSMIT_BUFFER)
    }

    @Test func withoutRepliesEachFrameComesOnce() {
        let collector = TestCollector()
        let device = makeDevice(collector, replies: false)
        for turn in 0..<50 {
            device.act()
            device.report()
            while case let bytes = take(device, greets: turn % 10 == 0).bytes, !bytes.isEmpty {
                #expect(collector.answer(to: bytes).isEmpty)
            }
        }
        #expect(dalloc_agent_is_drained(device.agent))
        #expect(collector.states.map(\.sequence) == Array(1...UInt32(collector.states.count)))
        device.expectExact(collector)
    }

    @Test func aCollectorThatKnowsTheBootIsFollowed() {
        let (collector, device) = (TestCollector(), makeDevice(TestCollector()))
        collector.lastStored = 90
        device.act()
        device.report()
        carry(device, to: collector)
        device.report()
        carry(device, to: collector)
        #expect(collector.states.first?.sequence == 91)
        device.expectExact(collector)
    }

    @Test func aCollectorThatForgotIsGivenTheWholeTable() {
        let (collector, device) = (TestCollector(), makeDevice(TestCollector()))
        for _ in 0..<5 {
            device.act()
            device.report()
            carry(device, to: collector)
        }
        collector.lastStored = 0
        for _ in 0..<2 {
            device.act()
            device.report()
            carry(device, to: collector)
        }
        #expect(collector.gaps == 1)
        device.expectExact(collector)
    }

    @Test func aTornAnswerDoesNotSpoilTheNext() {
        let device = makeDevice(TestCollector())
        device.act()
        device.report()
        #expect(take(device, 4096).result > 0)
        let last = device.agent.pointee.furthest_sequence
        let answer = FrameWriter.line { Ack(boot: 77, sequence: last).write(to: &$0) }
        #expect(dalloc_agent_give_replies(device.agent, answer, 3) == 0)
        #expect(!dalloc_agent_is_drained(device.agent))
        #expect(dalloc_agent_give_replies(device.agent, answer, UInt32(answer.count)) == last)
        #expect(dalloc_agent_is_drained(device.agent))
        #expect(dalloc_agent_give_replies(device.agent, answer, UInt32(answer.count)) == 0)
    }

    @Test func strangeRepliesDoNoHarm() {
        let (collector, device) = (TestCollector(), makeDevice(TestCollector()))
        device.act()
        device.report()
        var random = SeededRandom(seed: 5)
        for _ in 0..<300 {
            let noise = (0..<100).map { _ in UInt8(random.below(256)) }
            dalloc_agent_give_replies(device.agent, noise, UInt32(noise.count))
        }
        // Of another boot, of a frame that was never taken, and in a version that this agent does not speak.
        for frame in [
            FrameWriter.line { Ack(boot: 5, sequence: 1).write(to: &$0) },
            FrameWriter.line { Ack(boot: 77, sequence: 900).write(to: &$0) },
            FrameWriter.line { writer in
                writer.byte(FrameType.welcome.rawValue)
                for byte in [99, 77, 0] as [UInt8] { writer.byte(byte) }
            },
        ] { dalloc_agent_give_replies(device.agent, frame, UInt32(frame.count)) }
        #expect(!dalloc_agent_is_drained(device.agent))
        device.report()
        carry(device, to: collector)
        device.expectExact(collector)
        #expect(dalloc_agent_take_chunk(nil, nil, 0, true) == 0)
        dalloc_agent_give_replies(nil, nil, 0)
    }

    /// It asks for nothing, as REQUEST does.
    @Test func aRefusalIsCountedAndChangesNothing() {
        let (collector, device) = (TestCollector(), makeDevice(TestCollector()))
        device.act()
        device.report()
        let interval = device.agent.pointee.config.frame_interval
        let refusal = FrameWriter.line { Refuse(boot: 77, wait: 123_456, reason: .tooManyBoots).write(to: &$0) }
        dalloc_agent_give_replies(device.agent, refusal, UInt32(refusal.count))
        #expect(dalloc_agent_counters(device.agent).refusals == 1)
        #expect(device.agent.pointee.config.frame_interval == interval)
        carry(device, to: collector)
        device.expectExact(collector)
    }

    @Test func aSwiftProgramCarriesFramesToo() throws {
        let collector = TestCollector()
        var heap = try Heap(bytes: 4096)
        var agent = try Agent(device: "carrier", link: .chunks(replies: true))
        try agent.attach(&heap, as: "main")
        let block = try heap.allocate(byteCount: 40)
        agent.flush()
        agent.poll()
        #expect(agent.takeChunk(bytes: 8) == nil)
        while let chunk = agent.takeChunk(bytes: 1024), !chunk.isEmpty {
            agent.giveReplies(collector.answer(to: chunk))
            agent.poll()
        }
        #expect(agent.isDrained && collector.states.last?.liveBlocks == 1)
        try heap.free(block)
    }
}
