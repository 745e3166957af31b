// What a broken or hostile peer sends is counted, logged with its address, harms no other device, and is followed by
// normal service.

import Foundation
import HeapHistory
import HeapWire
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
        ("an oversized frame", "oversized frame", [UInt8](repeating: 0xFF, count: 20_000) + [0]),
        ("an unknown version", "unknown format version", WireBytes.hello(device: "future", version: 99)),
        ("a frame before HELLO", "a frame before HELLO", WireBytes.keyframe(sequence: 1)),
        ("an unknown frame type", "unknown frame type", WireBytes.frame { $0.byte(0x7E) }),
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
            #expect(try await reply(socket) == .welcome(Welcome(boot: 1, lastStored: 0)), "after \(name)")
            socket.close()
        }
        let half = try Socket(connectedTo: collector.port)
        half.send(Array(WireBytes.hello(device: "half").prefix(9)))
        half.close()
        let abrupt = try Socket(connectedTo: collector.port)
        abrupt.send(WireBytes.hello(device: "abrupt") + WireBytes.keyframe(sequence: 1))
        #expect(try await reply(abrupt) == .welcome(Welcome(boot: 1, lastStored: 0)))
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

    @Test func aSecondConnectionUnderTheSameIdTakesOverWithoutLoss() async throws {
        let collector = try await RunningCollector(Scratch())
        let first = try Socket(connectedTo: collector.port)
        first.send(WireBytes.hello(device: "twin") + WireBytes.keyframe(sequence: 1))
        #expect(try await reply(first) == .welcome(Welcome(boot: 1, lastStored: 0)))
        #expect(try await reply(first) == .ack(Ack(boot: 1, sequence: 1)))
        let second = try Socket(connectedTo: collector.port)
        second.send(WireBytes.hello(device: "twin"))
        #expect(
            try await reply(second) == .welcome(Welcome(boot: 1, lastStored: 1)), "what the first one stored counts")
        try await wait(for: "the first connection to be closed") { first.receive(milliseconds: 50) == [] }
        second.send(WireBytes.keyframe(sequence: 1) + WireBytes.keyframe(sequence: 2))
        #expect(try await reply(second) == .ack(Ack(boot: 1, sequence: 2)))
        #expect(collector.program.errors.contains("connected again"))
        #expect(try await collector.devices().map(\.id) == ["twin"])
        #expect(try await collector.stop() == 0)
    }

    @Test func aGapOnATwoWayLineIsAskedForOnce() async throws {
        let collector = try await RunningCollector(Scratch())
        let socket = try Socket(connectedTo: collector.port)
        socket.send(WireBytes.hello(device: "gappy") + WireBytes.keyframe(sequence: 1))
        #expect(try await reply(socket) == .welcome(Welcome(boot: 1, lastStored: 0)))
        #expect(try await reply(socket) == .ack(Ack(boot: 1, sequence: 1)))
        socket.send(WireBytes.keyframe(sequence: 3) + WireBytes.keyframe(sequence: 4))
        #expect(try await reply(socket) == .ack(Ack(boot: 1, sequence: 1)), "frame 2 is missing")
        socket.send(WireBytes.keyframe(sequence: 2) + WireBytes.keyframe(sequence: 3))
        #expect(try await reply(socket) == .ack(Ack(boot: 1, sequence: 3)))
        #expect(try await collector.stop() == 0)
    }

    /// The next reply; nil when the collector hangs up.
    private func reply(_ socket: Socket) async throws -> Reply? {
        var payload = [UInt8](repeating: 0, count: 64)
        var found: Reply?
        try await wait(for: "a reply") {
            if let frame = socket.nextFrame() {
                found = try payload.withUnsafeMutableBufferPointer { buffer -> Reply? in
                    guard let base = buffer.baseAddress else { return nil }
                    var reader = FrameReader(buffer: base, capacity: buffer.count)
                    for byte in frame {
                        if let length = try reader.feed(byte) { return try Reply(payload: base, count: length) }
                    }
                    return nil
                }
                return true
            }
            return socket.isClosed
        }
        return found
    }
}
