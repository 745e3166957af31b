// SPDX-License-Identifier: Apache-2.0
//
// Peers that take too much: they cost themselves, and the collector tells of it.

import Foundation
import HeapHistory
import TestSupport
import Testing

@Suite(.serialized) struct AbuseTests {
    @Test func whoDoesNotGreetIsSentAway() async throws {
        let collector = try await RunningCollector(Scratch(), options: ["--greeting-timeout", "1s"])
        let socket = try Socket(connectedTo: collector.port)
        socket.send([1, 2, 3])
        try await wait(for: "the connection to be closed") { socket.receive(milliseconds: 20) == [] }
        let reason = "dalloc_collector_connections_closed_total{reason=\"no_greeting\"}"
        try await wait(for: "the reason") { try await collector.metric(reason) == 1 }
        #expect(try await collector.stop() == 0)
    }

    @Test func connectionsBeyondTheLimitAreTurnedAwayAndOthersStay() async throws {
        let collector = try await RunningCollector(Scratch(), options: ["--max-connections", "3"])
        let load = try Load(collector, connections: 2, rate: 1000)
        try await wait(for: "two devices") { try await collector.metric("dalloc_collector_devices") == 2 }
        let third = try Socket(connectedTo: collector.port)
        try await wait(for: "three connections") { try await collector.metric("dalloc_collector_connections") == 3 }
        let fourth = try Socket(connectedTo: collector.port)
        try await wait(for: "the fourth to be closed") { fourth.receive(milliseconds: 20) == [] }
        let refused = "dalloc_collector_connections_refused_total{limit=\"connections\"}"
        #expect(try await collector.metric(refused) == 1)
        #expect(third.receive(milliseconds: 20) == nil, "who was there stays")
        third.close()
        try await wait(for: "room") { try await collector.metric("dalloc_collector_connections") == 2 }
        let fifth = try Socket(connectedTo: collector.port)
        try await wait(for: "three connections") { try await collector.metric("dalloc_collector_connections") == 3 }
        fifth.close()
        let result = try await load.stop()
        #expect((result.reconnects, result.lostFrames) == (0, 0))
        #expect(try await collector.stop() == 0)
    }

    @Test func whoSendsTooMuchWaitsAndLosesNothingWhileOthersAreServed() async throws {
        let scratch = try Scratch()
        let collector = try await RunningCollector(scratch, options: ["--device-rate", "4K"])
        // Ten times as much as it may.
        let greedy = try Load(collector, connections: 1, rate: 15_000, name: "greedy")
        try await wait(for: "a pause") { try await collector.metric("dalloc_collector_throttled_total") ?? 0 > 2 }
        let modest = try await Program.run(
            "dalloc-simulator",
            [
                "--collector", "127.0.0.1:\(collector.port)", "--name", "modest", "--rate", "100", "--duration", "2s",
                "--frame-interval", "50",
            ], in: scratch)
        #expect(modest.errors.contains(" 0 frames not acknowledged"), "\(modest.errors)")
        #expect(try await greedy.stop().lostFrames == 0)
        #expect(try await collector.stop() == 0)
        let check = try await collector.check()
        #expect(check.findings == [])
        #expect(check.gaps == 0)
    }

    @Test func figuresAreThoseOfTheDatabaseAndInPrometheusFormat() async throws {
        let scratch = try Scratch()
        let collector = try await RunningCollector(scratch)
        let device = try await Program.run(
            "dalloc-simulator",
            [
                "--collector", "127.0.0.1:\(collector.port)", "--name", "counted", "--rate", "500", "--duration", "2s",
                "--frame-interval", "50",
            ], in: scratch)
        #expect(device.status == 0)
        let (data, status) = try await collector.get("metrics")
        #expect(status == 200)
        var announced: Set<Substring> = []
        for line in String(decoding: data, as: UTF8.self).split(separator: "\n") {
            let words = line.split(separator: " ")
            if line.hasPrefix("# TYPE ") {
                announced.insert(words[2])
            } else if !line.hasPrefix("#") {
                let name = words[0].prefix { $0 != "{" }
                let family = ["_bucket", "_sum", "_count"].reduce(name) {
                    $1.isSuffix(of: $0) ? $0.dropLast($1.count) : $0
                }
                #expect(announced.contains(name) || announced.contains(family), "\(line)")
                #expect(words.count == 2 && Double(words[1]) != nil, "\(line)")
            }
        }
        let frames = try await collector.metric("dalloc_collector_frames_total")
        #expect(try await collector.stop() == 0)
        #expect(try await Double(collector.check().frames) == frames)
    }
}

extension String {
    fileprivate func isSuffix(of text: Substring) -> Bool { text.hasSuffix(self) }
}
