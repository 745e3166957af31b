// SPDX-License-Identifier: Apache-2.0
//
// What a broken or hostile peer sends is counted, logged with its address, harms no other device, and is followed by
// normal service.

import Foundation
import HeapHistory
import HeapWire
import TestSupport
import Testing

@Suite(.serialized)
struct BadInputTests {
    private static let broken: [(name: String, reason: String, bytes: [UInt8])] = [
        ("garbage", "broken byte stuffing", [0xFF, 0x13, 0x37, 0x42, 0]),
        (
            "a bad checksum", "checksum mismatch",
            {
                var bytes = WireBytes.hello(device: "bad-crc"); bytes[5] ^= 0x20; return bytes
            }()
        ),
        (
            "an older version", "device.id=past", WireBytes.hello(device: "past", version: 1)
        ),
        (
            "an older version, in words",
            "HELLO of an older HeapWire, and this collector speaks HeapWire 2: build the device with its agent",
            WireBytes.hello(device: "past", version: 1)
        ),
        (
            "a newer version", "HELLO of a newer HeapWire, and this collector speaks HeapWire 2",
            WireBytes.hello(device: "future", version: 99)
        ),
        ("a frame before HELLO", "a frame before HELLO", WireBytes.keyframe(sequence: 1)),
        ("an unknown frame type", "unknown frame type", FrameWriter.line { $0.byte(0x5E) }),
        ("a control character in the id", "value out of range", WireBytes.hello(device: "a\u{1B}[2J")),
    ]

    @Test func brokenPeersAreLoggedAndHarmNobody() async throws {
        let scratch = try Scratch()
        let collector = try await RunningCollector(scratch)
        let honest = try Program(
            "dalloc-simulator",
            [
                "--collector", "127.0.0.1:\(collector.port)", "--devices", "2", "--rate", "200", "--duration", "6s",
                "--frame-interval", "100", "--seed", "3", "--truth", scratch["truth"],
            ], in: scratch)
        for (name, reason, bytes) in Self.broken {
            let socket = try Socket(connectedTo: collector.port)
            let peer = "tcp 127.0.0.1:\(socket.localPort)"
            socket.send(bytes)
            try await wait(for: "the log to name \(name)") {
                collector.program.errors.split(separator: "\n").contains { $0.contains(peer) && $0.contains(reason) }
            }
            // The same connection is served normally afterwards.
            socket.send(WireBytes.hello(device: "after \(name)"))
            #expect(try await nextReply(socket) == .welcome(Welcome(boot: 1, lastStored: 0)), "after \(name)")
            socket.close()
        }
        let half = try Socket(connectedTo: collector.port)
        half.send(Array(WireBytes.hello(device: "half").prefix(9)))
        half.close()
        let abrupt = try Socket(connectedTo: collector.port)
        abrupt.send(WireBytes.hello(device: "abrupt") + WireBytes.keyframe(sequence: 1))
        #expect(try await nextReply(abrupt) == .welcome(Welcome(boot: 1, lastStored: 0)))
        abrupt.abort()
        let end = try await honest.finish()
        #expect(end.status == 0, "\(end.errors)")
        for record in try TruthRecord.read(scratch["truth"]).suffix(20) {
            record.expectEqual(try await collector.snapshot(record.device, at: "#\(record.sequence)"))
        }
        #expect(try await collector.stop() == 0)
    }

    @Test func aPeerThatSendsOnlyGarbageIsHungUpOn() async throws {
        let collector = try await RunningCollector(Scratch())
        let socket = try Socket(connectedTo: collector.port)
        for _ in 0..<200 { socket.send([0x05, 0x01, 0]) }
        try await wait(for: "the collector to hang up") { socket.receive(milliseconds: 50) == [] }
        let warnings = collector.program.errors.split(separator: "\n").filter { $0.contains("\(socket.localPort)") }
        #expect(warnings.count <= 4, "a burst is logged once, not line by line")
        #expect(warnings.contains { $0.contains("count") }, "and its size is counted")
        #expect(try await collector.stop() == 0)
    }

    @Test func bytesWithoutAFrameEndTheConnectionAtOnce() async throws {
        let collector = try await RunningCollector(Scratch())
        let socket = try Socket(connectedTo: collector.port)
        socket.send(WireBytes.hello(device: "endless"))
        #expect(try await nextReply(socket) == .welcome(Welcome(boot: 1, lastStored: 0)))
        // A greeted device is no exception.
        socket.send([UInt8](repeating: 0xFF, count: 20_000))
        try await wait(for: "the collector to hang up") { socket.receive(milliseconds: 50) == [] }
        #expect(collector.program.errors.contains("oversized frame"))
        #expect(try await collector.metric("dalloc_collector_connections_closed_total{reason=\"malformed\"}") == 1)
        #expect(try await collector.stop() == 0)
    }

    @Test func wrongDigestsThatComeAtOnceAreFollowedByOneRequest() async throws {
        let collector = try await RunningCollector(Scratch())
        let socket = try Socket(connectedTo: collector.port)
        socket.send(WireBytes.hello(device: "wrong") + WireBytes.keyframe(sequence: 1))
        #expect(try await nextReply(socket) == .welcome(Welcome(boot: 1, lastStored: 0)))
        #expect(try await nextReply(socket) == .ack(Ack(boot: 1, sequence: 1)))
        socket.send((2...20).flatMap { WireBytes.wrongDelta(sequence: $0) })
        var replies: [Reply] = []
        try await wait(for: "a request") {
            if let reply = try await nextReply(socket) { replies.append(reply) }
            return replies.contains(.request(Request(boot: 1, keyframe: true)))
        }
        #expect(try await collector.stop() == 0)
    }

    @Test func aForgedFrameFarAheadDoesNotBlockTheDevice() async throws {
        let collector = try await RunningCollector(Scratch())
        let device = try Socket(connectedTo: collector.port)
        device.send(WireBytes.hello(device: "pump") + WireBytes.keyframe(sequence: 1))
        #expect(try await nextReply(device) == .welcome(Welcome(boot: 1, lastStored: 0)))
        #expect(try await nextReply(device) == .ack(Ack(boot: 1, sequence: 1)))
        let other = try Socket(connectedTo: collector.port)
        let far: UInt32 = .max - 1
        other.send(
            WireBytes.hello(device: "pump", tick: 5001, oldest: far) + WireBytes.keyframe(sequence: far, tick: 5010))
        #expect(try await nextReply(other) == .welcome(Welcome(boot: 1, lastStored: 1)))
        let rejected = "dalloc_collector_frames_rejected_total{reason=\"implausible_jump\"}"
        try await wait(for: "the frame to be rejected") { try await collector.metric(rejected) == 1 }
        try await wait(for: "the device to be displaced") { device.receive(milliseconds: 50) == [] }
        let again = try Socket(connectedTo: collector.port)
        again.send(WireBytes.hello(device: "pump", tick: 5002, oldest: 2) + WireBytes.keyframe(sequence: 2))
        #expect(try await nextReply(again) == .welcome(Welcome(boot: 1, lastStored: 1)))
        #expect(try await nextReply(again) == .ack(Ack(boot: 1, sequence: 2)))
        #expect(try await collector.stop() == 0)
        #expect(try await collector.check().gaps == 0)
    }

    @Test func aBootIDThatComesAgainAfterAResetIsToldApart() async throws {
        let collector = try await RunningCollector(Scratch())
        for run in 1...3 {
            let socket = try Socket(connectedTo: collector.port)
            let tick = UInt64(100 - run)
            socket.send(WireBytes.hello(device: "constant", tick: tick))
            #expect(try await nextReply(socket) == .welcome(Welcome(boot: 1, lastStored: 0)))
            socket.send(WireBytes.keyframe(sequence: 1, tick: tick) + WireBytes.keyframe(sequence: 2))
            try await wait(for: "frame 2") { try await nextReply(socket) == .ack(Ack(boot: 1, sequence: 2)) }
            // The line stays up; the device alone was reset.
            if run == 2 {
                socket.send(WireBytes.hello(device: "constant", tick: 4) + WireBytes.keyframe(sequence: 1, tick: 9))
                #expect(try await nextReply(socket) == .welcome(Welcome(boot: 1, lastStored: 0)))
                #expect(try await nextReply(socket) == .ack(Ack(boot: 1, sequence: 1)))
                socket.send(WireBytes.keyframe(sequence: 2))
                #expect(try await nextReply(socket) == .ack(Ack(boot: 1, sequence: 2)))
            }
            socket.close()
        }
        #expect(try await collector.devices().flatMap(\.warnings).map(\.code) == [.bootIDReused])
        #expect(collector.program.errors.contains("boot id that it had"))
        #expect(try await collector.stop() == 0)
        let check = try await collector.check()
        #expect(check.findings == [])
        #expect((check.frames, check.gaps) == (8, 0))
    }

    @Test func aSecondConnectionUnderTheSameIdTakesOverWithoutLoss() async throws {
        let collector = try await RunningCollector(Scratch())
        let first = try Socket(connectedTo: collector.port)
        first.send(WireBytes.hello(device: "twin") + WireBytes.keyframe(sequence: 1))
        #expect(try await nextReply(first) == .welcome(Welcome(boot: 1, lastStored: 0)))
        #expect(try await nextReply(first) == .ack(Ack(boot: 1, sequence: 1)))
        let second = try Socket(connectedTo: collector.port)
        second.send(WireBytes.hello(device: "twin", tick: 6000))
        #expect(
            try await nextReply(second) == .welcome(Welcome(boot: 1, lastStored: 1)), "what the first one stored counts"
        )
        try await wait(for: "the first connection to be closed") { first.receive(milliseconds: 50) == [] }
        second.send(WireBytes.keyframe(sequence: 1) + WireBytes.keyframe(sequence: 2))
        #expect(try await nextReply(second) == .ack(Ack(boot: 1, sequence: 2)))
        #expect(collector.program.errors.contains("connected again"))
        #expect(try await collector.devices().map(\.id) == ["twin"])
        #expect(try await collector.stop() == 0)
    }

    @Test func aGapOnATwoWayLineIsAskedForOnce() async throws {
        let collector = try await RunningCollector(Scratch())
        let socket = try Socket(connectedTo: collector.port)
        socket.send(WireBytes.hello(device: "gappy") + WireBytes.keyframe(sequence: 1))
        #expect(try await nextReply(socket) == .welcome(Welcome(boot: 1, lastStored: 0)))
        #expect(try await nextReply(socket) == .ack(Ack(boot: 1, sequence: 1)))
        socket.send(WireBytes.keyframe(sequence: 3) + WireBytes.keyframe(sequence: 4))
        #expect(try await nextReply(socket) == .ack(Ack(boot: 1, sequence: 1)), "frame 2 is missing")
        socket.send(WireBytes.keyframe(sequence: 2) + WireBytes.keyframe(sequence: 3))
        #expect(try await nextReply(socket) == .ack(Ack(boot: 1, sequence: 3)))
        #expect(try await collector.stop() == 0)
    }
}
