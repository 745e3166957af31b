// SPDX-License-Identifier: Apache-2.0
//
// Bodies that are not taken, each with a reason.

import Foundation
import HeapHistory
import HeapWire
import TestSupport
import Testing

@Suite(.serialized) struct IngestRefusalTests {
    private static let limit = 8_388_608

    @Test func aCollectorThatWasNotToldToTakesNone() async throws {
        let collector = try await RunningCollector(Scratch())
        let answer = try await collector.post(WireBytes.hello(device: "pump"))
        #expect(answer?.status == 403 && answer?.body.contains("--api-ingest") == true)
        #expect(try await collector.ask("/v1/ingest")?.status == 405)
        #expect(try await collector.devices().isEmpty)
        #expect(try await collector.stop() == 0)
    }

    @Test func whatIsNoBodyOfFramesIsRefused() async throws {
        let collector = try await RunningCollector(Scratch(), options: ["--api-ingest"])
        let hello = WireBytes.hello(device: "pump")
        let frame = WireBytes.keyframe(sequence: 1)
        var noise = SeededRandom(seed: 17)
        for (body, text) in [
            ([], "no whole frame"), (hello.dropLast() + [], "no whole frame"), (frame + hello, "begin with a HELLO"),
            ((0..<2000).map { _ in UInt8(noise.below(256)) }, "The body"),
            (hello + (0..<200).flatMap { _ in [1, 2, 3, 0] as [UInt8] }, "can't be taken: truncated frame"),
            (hello + (1...70).flatMap { _ in WireBytes.keyframe(sequence: 1, heap: 5) }, "HELLO did not announce"),
        ] as [([UInt8], String)] {
            let answer = try await collector.post(body)
            #expect(answer?.status == 422 && answer?.body.contains(text) == true, "\(answer?.body ?? "nothing")")
        }
        #expect(try await collector.post(hello, type: "text/plain")?.status == 415)
        #expect(try await collector.metric("dalloc_collector_frames_rejected_total{reason=\"before_hello\"}") == 1)
        #expect(try await collector.ask("/v1/devices", method: "POST")?.status == 405)
        #expect(try await collector.post(hello, path: "/v1/devices")?.status == 413)
        #expect(try await collector.stop() == 0)
    }

    @Test func aBodyThatALimitKeepsOutMayComeAgain() async throws {
        let collector = try await RunningCollector(Scratch(), options: ["--api-ingest"])
        let boots = (1...61).flatMap { WireBytes.hello(device: "pump", boot: $0) + WireBytes.keyframe(sequence: 1) }
        let fan = WireBytes.hello(device: "fan") + WireBytes.keyframe(sequence: 1)
        let answer = try await collector.post(boots + fan)
        #expect(answer?.status == 503 && answer?.headers["retry-after"] == "10", "\(answer?.body ?? "nothing")")
        #expect(answer?.body.contains("has brought too many of them") == true)
        #expect(try await collector.devices().map(\.id) == ["fan", "pump"])
        try await wait(for: "a place") { try await collector.post(boots + fan)?.status == 200 }
        #expect(try await collector.stop() == 0)
    }

    @Test func aBodyHasAnEnd() async throws {
        let collector = try await RunningCollector(Scratch(), options: ["--api-ingest"])
        let long = try Socket(connectedTo: collector.apiPort)
        long.beginPost("Content-Length: \(Self.limit + 1)")
        #expect(try await long.answer()?.status == 413)
        let endless = try Socket(connectedTo: collector.apiPort)
        endless.beginPost("Transfer-Encoding: chunked")
        let frame = WireBytes.hello(device: "pump")
        let piece = Array(String(frame.count * 1000, radix: 16).utf8) + [13, 10] + (0..<1000).flatMap { _ in frame }
        var answer: RawAnswer?
        for _ in 0..<(2 * Self.limit / piece.count) where answer == nil {
            endless.send(piece + [13, 10])
            if let bytes = endless.receive(milliseconds: 0) { answer = RawAnswer(bytes) }
        }
        #expect(answer?.status == 413)
        for socket in [long, endless] { socket.close() }
        #expect(try await collector.stop() == 0)
    }

    @Test func aBodyThatStandsStillIsGivenUp() async throws {
        let collector = try await RunningCollector(
            Scratch(), options: ["--api-ingest", "--greeting-timeout", "1s", "--idle-timeout", "1s"])
        for part in [[], WireBytes.hello(device: "pump") + WireBytes.keyframe(sequence: 1)] {
            let socket = try Socket(connectedTo: collector.apiPort)
            socket.beginPost("Content-Length: 1000")
            socket.send(part)
            #expect(try await socket.answer()?.status == 408)
            socket.close()
        }
        #expect(try await collector.devices().first?.heaps.first?.sequence == 1)
        #expect(try await collector.stop() == 0)
    }

    @Test func bodiesLeaveConnectionsForQuestions() async throws {
        let collector = try await RunningCollector(Scratch(), options: ["--api-ingest", "--max-api-connections", "4"])
        let slow = try (0..<2).map { _ in try Socket(connectedTo: collector.apiPort) }
        for (index, socket) in slow.enumerated() {
            socket.beginPost("Content-Length: 1000")
            socket.send(WireBytes.hello(device: "slow-\(index)") + WireBytes.keyframe(sequence: 1))
        }
        try await wait(for: "both to be there") { try await collector.devices().count == 2 }
        let answer = try await collector.post(WireBytes.hello(device: "pump"))
        #expect(answer?.status == 503 && answer?.headers["retry-after"] != nil)
        for socket in slow { socket.close() }
        try await wait(for: "a place") { try await collector.post(WireBytes.hello(device: "pump"))?.status == 200 }
        #expect(try await collector.stop() == 0)
    }
}
