// SPDX-License-Identifier: Apache-2.0
//
// How much a device is to tell: what is said of it over the API reaches the device, now and when it connects.

import Foundation
import HeapHistory
import HeapWire
import TestSupport
import Testing

@Suite(.serialized) struct DetailTests {
    private func set(
        _ body: String, of device: String = "pump", in collector: RunningCollector, type: String = "application/json"
    ) async throws -> RawAnswer {
        try #require(
            try await collector.post(
                Array(body.utf8), type: type, path: "/v1/devices/\(device)/detail", method: "PUT"))
    }

    private func detail(_ answer: RawAnswer?) throws -> DeviceDetail {
        let answer = try #require(answer)
        #expect(answer.status == 200, "\(answer.body)")
        return try HistoryCoding.decoder().decode(DeviceDetail.self, from: Data(answer.body.utf8))
    }

    private func detail(in collector: RunningCollector) async throws -> DeviceDetail {
        try detail(try await collector.ask("/v1/devices/pump/detail"))
    }

    /// A device that was welcomed.
    private func connect(
        to collector: RunningCollector, _ capabilities: Capabilities = .summaries, last: UInt32 = 0, tick: UInt64 = 5000
    ) async throws -> Socket {
        let socket = try Socket(connectedTo: collector.port)
        socket.send(WireBytes.hello(device: "pump", tick: tick, capabilities: capabilities))
        let welcome = Welcome(boot: 1, lastStored: last, capabilities: capabilities)
        #expect(try await nextReply(socket) == .welcome(welcome))
        return socket
    }

    private func level(_ level: Request.Level) -> Reply {
        .request(Request(boot: 1, keyframe: false, level: level))
    }

    private func isGone(_ collector: RunningCollector) async throws {
        try await wait(for: "it to be gone") { try await collector.devices().map(\.connected) == [false] }
    }

    @Test func aDeviceIsToldAtOnceAndAfterEachWelcome() async throws {
        let collector = try await RunningCollector(Scratch())
        var socket = try await connect(to: collector)
        socket.send(WireBytes.keyframe(sequence: 1))
        #expect(try await nextReply(socket) == .ack(Ack(boot: 1, sequence: 1)), "nothing is wanted of it")
        let told = DeviceDetail(device: "pump", detail: .summary, connected: true, told: true)
        #expect(try detail(try await set(#"{"detail":"summary"}"#, in: collector)) == told)
        #expect(try await nextReply(socket) == level(.summary))
        #expect(try await detail(in: collector) == told)
        socket.close()
        try await isGone(collector)
        let waiting = DeviceDetail(device: "pump", detail: .summary, connected: false, told: false)
        #expect(try await detail(in: collector) == waiting)
        // It outlives the collector.
        #expect(try await collector.stop() == 0)
        try await collector.restart()
        #expect(try await detail(in: collector) == waiting)
        socket = try await connect(to: collector, last: 1, tick: 6000)
        #expect(try await nextReply(socket) == level(.summary))
        // The same boot greets again on the same line.
        socket.send(WireBytes.hello(device: "pump", tick: 6000, capabilities: .summaries))
        #expect(
            try await nextReply(socket) == .welcome(Welcome(boot: 1, lastStored: 1, capabilities: .summaries)))
        #expect(try await nextReply(socket) == level(.summary))
        #expect(try detail(try await set(#"{"detail":"full"}"#, in: collector)).told)
        #expect(try await nextReply(socket) == level(.full))
        // Nothing is said from here on.
        let any = try detail(try await set(#"{"detail":null}"#, in: collector))
        #expect(any == DeviceDetail(device: "pump", detail: nil, connected: true, told: false))
        socket.send(
            WireBytes.hello(device: "pump", tick: 6000, capabilities: .summaries)
                + WireBytes.keyframe(sequence: 2, tick: 6100))
        #expect(
            try await nextReply(socket) == .welcome(Welcome(boot: 1, lastStored: 1, capabilities: .summaries)))
        #expect(try await nextReply(socket) == .ack(Ack(boot: 1, sequence: 2)))
        socket.close()
        #expect(try await collector.stop() == 0)
        #expect(try await collector.check().findings == [])
    }

    @Test func aDeviceInSummariesIsNotAskedForItsTable() async throws {
        let collector = try await RunningCollector(Scratch())
        let socket = try await connect(to: collector)
        socket.send(WireBytes.keyframe(sequence: 1))
        #expect(try await nextReply(socket) == .ack(Ack(boot: 1, sequence: 1)))
        _ = try await set(#"{"detail":"summary"}"#, in: collector)
        #expect(try await nextReply(socket) == level(.summary))
        for sequence: UInt32 in 2...4 {
            socket.send(WireBytes.wrongDelta(sequence: sequence))
            #expect(try await nextReply(socket) == .ack(Ack(boot: 1, sequence: sequence)))
        }
        _ = try await set(#"{"detail":"full"}"#, in: collector)
        #expect(try await nextReply(socket) == level(.full))
        socket.send(WireBytes.wrongDelta(sequence: 5))
        #expect(try await nextReply(socket) == .ack(Ack(boot: 1, sequence: 5)))
        #expect(try await nextReply(socket) == .request(Request(boot: 1, keyframe: true)))
        socket.close()
        #expect(try await collector.stop() == 0)
    }

    @Test func aDeviceThatCanNotIsNeverTold() async throws {
        let collector = try await RunningCollector(Scratch())
        var socket = try await connect(to: collector, .none)
        for wish in ["summary", "full"] {
            let answer = try await set(#"{"detail":"\#(wish)"}"#, in: collector)
            #expect(answer.status == 409)
            let problem = try HistoryCoding.decoder().decode(Problem.self, from: Data(answer.body.utf8))
            #expect(problem.code == .unsupported)
            #expect(
                problem.message
                    == "The device pump tells every operation and nothing else: its HELLO does not offer summaries.")
        }
        #expect(try await detail(in: collector).detail == nil)
        #expect(try detail(try await set(#"{"detail":null}"#, in: collector)).connected)
        socket.close()
        try await isGone(collector)
        // Nobody knows what the device will offer next time.
        let later = try detail(try await set(#"{"detail":"summary"}"#, in: collector))
        #expect(later == DeviceDetail(device: "pump", detail: .summary, connected: false, told: false))
        socket = try await connect(to: collector, .none)
        socket.send(WireBytes.keyframe(sequence: 1))
        #expect(try await nextReply(socket) == .ack(Ack(boot: 1, sequence: 1)))
        #expect(try await detail(in: collector).told == false)
        socket.close()
        #expect(try await collector.stop() == 0)
    }

    @Test func aBodyIsAnsweredWithWhatIsWanted() async throws {
        let collector = try await RunningCollector(Scratch(), options: ["--api-ingest"])
        let hello = WireBytes.hello(device: "pump", capabilities: .summaries)
        func replies(_ body: [UInt8]) async throws -> [Reply] {
            let answer = try #require(try await collector.post(body))
            return try answer.bodyBytes.split(separator: 0).map { try #require(try reply(in: $0 + [0])) }
        }
        func welcome(_ last: UInt32) -> Reply {
            .welcome(Welcome(boot: 1, lastStored: last, capabilities: .summaries))
        }
        #expect(
            try await replies(hello + WireBytes.keyframe(sequence: 1))
                == [welcome(0), .ack(Ack(boot: 1, sequence: 1))])
        #expect(try detail(try await set(#"{"detail":"summary"}"#, in: collector)).told == false)
        // The table is not known after the second frame, and nobody asks for it.
        #expect(
            try await replies(hello + WireBytes.wrongDelta(sequence: 2))
                == [welcome(1), level(.summary), .ack(Ack(boot: 1, sequence: 2))])
        let oneWay = WireBytes.hello(device: "pump", capabilities: .summaries, isOneWay: true)
        #expect(try await replies(oneWay + WireBytes.keyframe(sequence: 3)) == [])
        #expect(try await collector.stop() == 0)
    }

    @Test func whatIsNoWishIsRefused() async throws {
        let collector = try await RunningCollector(Scratch())
        let socket = try await connect(to: collector)
        for body in ["", "{}", "[]", "null", "summary", #"{"detail":"brief"}"#, #"{"detail":1}"#, #"{"detail""#] {
            let answer = try await set(body, in: collector)
            #expect(answer.status == 400 && answer.body.contains("bad_request"), "\(body): \(answer.body)")
        }
        let long = #"{"detail":"full"}"# + String(repeating: " ", count: 2000)
        #expect(try await set(long, in: collector).status == 413)
        #expect(try await set(#"{"detail":"full"}"#, in: collector, type: "text/plain").status == 415)
        #expect(try await set(#"{"detail":"full"}"#, of: "nobody", in: collector).status == 404)
        #expect(try await set(#"{"detail":"full"}"#, of: "a%00", in: collector).status == 400)
        #expect(try await collector.ask("/v1/devices/nobody/detail")?.status == 404)
        #expect(
            try await collector.ask("/v1/devices/pump/detail", method: "DELETE")?.headers["allow"] == "GET, HEAD, PUT")
        // A body that does not come to its end holds nobody up.
        let slow = try Socket(connectedTo: collector.apiPort)
        slow.beginPost("Content-Length: 20", type: "application/json", path: "/v1/devices/pump/detail", method: "PUT")
        let answer = try #require(try await slow.answer())
        #expect(answer.status == 400 && answer.body.contains("did not come to its end"), "\(answer.body)")
        slow.close()
        #expect(try await detail(in: collector).detail == nil)
        socket.close()
        #expect(try await collector.stop() == 0)
    }

    @Test func theCommandSetsAndShowsIt() async throws {
        let collector = try await RunningCollector(Scratch())
        func run(_ words: String...) async throws -> Program.Finished {
            try await Program.run(
                "dalloc", ["detail"] + words + ["--collector", "127.0.0.1:\(collector.apiPort)"], in: collector.scratch)
        }
        let socket = try await connect(to: collector)
        let none = try await run("pump")
        #expect(none.status == 0, "\(none.errors)")
        #expect(none.output == "Nothing is said to pump of how much to tell: it goes on as it is.\n")
        let set = try await run("pump", "summary")
        #expect(set.output == "pump is to tell of its heaps in summaries, and was told so.\n", "\(set.errors)")
        #expect(try await nextReply(socket) == level(.summary))
        let json = try await run("pump", "--format", "json")
        let answer = try HistoryCoding.decoder().decode(DeviceDetail.self, from: Data(json.output.utf8))
        #expect(answer == DeviceDetail(device: "pump", detail: .summary, connected: true, told: true))
        socket.close()
        try await isGone(collector)
        let full = try await run("pump", "full")
        #expect(full.output == "pump is to tell every operation, and is told so when it connects.\n", "\(full.errors)")
        #expect(
            try await run("pump", "any", "--format", "csv").output
                == "device,detail,connected,told\r\npump,,false,false\r\n")
        #expect(try await run("nobody", "full").status == 66)
        #expect(try await run("pump", "brief").status == 64)
        let old = try await connect(to: collector, .none)
        let refused = try await run("pump", "summary")
        #expect(refused.status == 1 && refused.output.isEmpty)
        #expect(refused.errors.contains("its HELLO does not offer summaries"), "\(refused.errors)")
        old.close()
        #expect(try await collector.stop() == 0)
    }
}
