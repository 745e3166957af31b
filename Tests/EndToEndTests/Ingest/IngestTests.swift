// SPDX-License-Identifier: Apache-2.0
//
// Frames in the body of a request: stored before the answer, once, and without harm to a device that is connected as well.

import Foundation
import HeapHistory
import HeapWire
import TestSupport
import Testing

@Suite(.serialized) struct IngestTests {
    private func collector(_ options: [String] = []) async throws -> RunningCollector {
        try await RunningCollector(Scratch(), options: ["--api-ingest"] + options)
    }

    /// HELLO, and KEYFRAMEs with these numbers.
    private func body(_ sequences: ClosedRange<UInt32>, of device: String = "pump", boot: UInt32 = 1) -> [UInt8] {
        WireBytes.hello(device: device, boot: boot) + sequences.flatMap { WireBytes.keyframe(sequence: $0) }
    }

    private func replies(_ answer: RawAnswer?) throws -> [Reply] {
        let bytes = try #require(answer).bodyBytes
        return try bytes.split(separator: 0).map { try #require(try reply(in: $0 + [0])) }
    }

    private func welcome(_ last: UInt32, boot: UInt32 = 1) -> Reply { .welcome(Welcome(boot: boot, lastStored: last)) }
    private func ack(_ sequence: UInt32, boot: UInt32 = 1) -> Reply { .ack(Ack(boot: boot, sequence: sequence)) }

    private func last(_ device: String, of collector: RunningCollector) async throws -> Int? {
        try await collector.devices().first { $0.id == device }?.heaps.first?.sequence
    }

    @Test func whatIsAcknowledgedIsOnDisk() async throws {
        let collector = try await collector()
        let answer = try await collector.post(body(1...3))
        #expect(answer?.status == 200 && answer?.headers["content-type"] == "application/octet-stream")
        #expect(try replies(answer) == [welcome(0), ack(3)])
        try await collector.kill()
        try await collector.restart()
        #expect(try await last("pump", of: collector) == 3)
        #expect(try await collector.stop() == 0)
    }

    @Test func aBodyThatComesTwiceIsStoredOnce() async throws {
        let collector = try await collector()
        #expect(try await collector.post(body(1...3))?.status == 200)
        #expect(try await replies(collector.post(body(1...4))) == [welcome(3), ack(4)])
        let answer = try #require(try await collector.post(body(1...4), accept: "application/json"))
        let report = try HistoryCoding.decoder().decode(IngestReport.self, from: Data(answer.body.utf8))
        #expect((report.devices, report.frames, report.repeated, report.gaps) == (1, 0, 4, 0))
        #expect(try await collector.metric("dalloc_collector_frames_total") == 4)
        #expect(try await collector.stop() == 0)
    }

    @Test func theBodyOfADeviceThatHasStartedOverUnderItsBootIDIsAnotherRun() async throws {
        let collector = try await collector()
        #expect(try await collector.post(body(1...3))?.status == 200)
        // It was welcomed with the number of the earlier run, and goes on after it, with a clock that has begun anew.
        let hello = WireBytes.hello(device: "pump", tick: 7, oldest: 4)
        let answer = try await collector.post(hello + WireBytes.keyframe(sequence: 4, tick: 9))
        #expect(try replies(answer).last == ack(4))
        let list = Data(try await collector.ask(["boots", "pump"]).output.utf8)
        #expect(try HistoryCoding.decoder().decode(BootList.self, from: list).boots.count == 2)
        #expect(try await collector.stop() == 0)
    }

    @Test func aBodyThatEndsWithinAFrameIsTakenAsFarAsItIsWhole() async throws {
        let collector = try await collector()
        #expect(try await replies(collector.post(body(1...3).dropLast(4) + [])) == [welcome(0), ack(2)])
        #expect(try await replies(collector.post(body(3...3))) == [welcome(2), ack(3)])
        #expect(try await collector.stop() == 0)
    }

    @Test func aHoleIsWaitedForAsOnALine() async throws {
        let collector = try await collector()
        let frames = body(1...2) + WireBytes.keyframe(sequence: 4)
        #expect(try await replies(collector.post(frames)) == [welcome(0), ack(2)])
        #expect(try await replies(collector.post(body(3...4))) == [welcome(2), ack(4)])
        #expect(try await collector.stop() == 0)
    }

    @Test func aTableThatIsNotKnownIsAskedForInEachAnswer() async throws {
        let collector = try await collector()
        let request = Reply.request(Request(boot: 1, keyframe: true))
        let first = body(1...1) + WireBytes.wrongDelta(sequence: 2)
        #expect(try await replies(collector.post(first)) == [welcome(0), ack(2), request])
        let second = WireBytes.hello(device: "pump") + WireBytes.wrongDelta(sequence: 3)
        #expect(try await replies(collector.post(second)) == [welcome(2), ack(3), request])
        #expect(try await replies(collector.post(body(4...4))) == [welcome(3), ack(4)])
        #expect(try await collector.stop() == 0)
    }

    @Test func severalDevicesFollowEachOther() async throws {
        let collector = try await collector()
        let frames = body(1...2, of: "a", boot: 7) + body(1...3, of: "b", boot: 8) + body(3...3, of: "a", boot: 7)
        let expected = [
            welcome(0, boot: 7), ack(2, boot: 7), welcome(0, boot: 8), ack(3, boot: 8), welcome(2, boot: 7),
            ack(3, boot: 7),
        ]
        #expect(try await replies(collector.post(frames)) == expected)
        #expect(try await last("a", of: collector) == 3)
        #expect(try await last("b", of: collector) == 3)
        #expect(try await collector.stop() == 0)
    }

    @Test func nobodyRepliesToAOneWayStream() async throws {
        let collector = try await collector()
        var hello = OwnedHello(
            device: "mute", build: "1.0", boot: 1, tick: 5000, oldest: 1,
            heaps: [OwnedHello.Heap(layout: WireBytes.layout)])
        hello.isOneWay = true
        let frames = FrameWriter.line { hello.write(to: &$0) } + WireBytes.keyframe(sequence: 9)
        let answer = try await collector.post(frames)
        #expect(answer?.status == 200 && answer?.bodyBytes == [])
        #expect(try await last("mute", of: collector) == 9)
        #expect(try await collector.stop() == 0)
    }

    @Test func aDeviceThatIsConnectedIsNotDisturbed() async throws {
        let collector = try await collector()
        let device = try Socket(connectedTo: collector.port)
        device.send(body(1...2))
        #expect(try await nextReply(device) == welcome(0))
        try await wait(for: "two frames") { try await nextReply(device) == ack(2) }
        let answer = try await collector.post(body(1...5))
        #expect(answer?.status == 409 && answer?.body.contains("\"code\":\"connected\"") == true)
        device.send(WireBytes.keyframe(sequence: 3))
        #expect(try await nextReply(device) == ack(3))
        device.close()
        try await wait(for: "the device to be gone") { try await collector.post(body(1...5))?.status == 200 }
        #expect(try await last("pump", of: collector) == 5)
        #expect(try await collector.stop() == 0)
    }

    @Test func aDeviceThatConnectsDisplacesItsBody() async throws {
        let collector = try await collector()
        let slow = try Socket(connectedTo: collector.apiPort)
        slow.beginPost("Content-Length: 100000")
        slow.send(body(1...2))
        try await wait(for: "what came of the body") { try await last("pump", of: collector) == 2 }
        let device = try Socket(connectedTo: collector.port)
        device.send(WireBytes.hello(device: "pump", tick: 6000) + WireBytes.keyframe(sequence: 3))
        #expect(try await nextReply(device) == welcome(2))
        #expect(try await slow.answer()?.status == 409)
        try await wait(for: "the device's frame") { try await nextReply(device) == ack(3) }
        for socket in [slow, device] { socket.close() }
        #expect(try await collector.stop() == 0)
    }

    @Test func aBodyInPiecesIsTheSame() async throws {
        let collector = try await collector()
        let socket = try Socket(connectedTo: collector.apiPort)
        socket.beginPost("Transfer-Encoding: chunked")
        for byte in body(1...3) { socket.send(Array("1\r\n".utf8) + [byte] + Array("\r\n".utf8)) }
        socket.send(Array("0\r\n\r\n".utf8))
        #expect(try await replies(socket.answer()) == [welcome(0), ack(3)])
        // The connection can be used again.
        socket.ask("/healthz")
        #expect(try await socket.answer()?.status == 200)
        socket.close()
        #expect(try await collector.stop() == 0)
    }
}
