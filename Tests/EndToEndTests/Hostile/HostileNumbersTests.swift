// SPDX-License-Identifier: Apache-2.0
//
// Numbers that the format allows and no heap has, and a database whose files go: the real collector, over a real socket.

import Foundation
import HeapHistory
import HeapWire
import TestSupport
import Testing

@Suite(.serialized) struct HostileNumbersTests {
    private static let most: UInt64 = 1 << 62 - 1

    private func frame(_ sequence: UInt32, _ totals: HeapTotals, lost: UInt32) -> [UInt8] {
        FrameWriter.line { writer in
            HeapState(
                sequence: sequence, heap: 0, tick: 5000 + UInt64(sequence), used: .max, gaps: .max, liveBlocks: 0,
                peak: .max,
                totals: totals, lost: lost, digest: 0
            ).writeKeyframe(layout: WireBytes.layout, to: &writer)
        }
    }

    @Test func totalsAtTheirLimitEndNothing() async throws {
        let collector = try await RunningCollector(Scratch())
        let good = try Socket(connectedTo: collector.port)
        good.send(WireBytes.hello(device: "pump") + WireBytes.keyframe(sequence: 1))
        let evil = try Socket(connectedTo: collector.port)
        evil.send(WireBytes.hello(device: "evil"))
        let all = HeapTotals(
            allocations: Self.most, frees: Self.most, failures: Self.most, moves: Self.most, bytesMoved: Self.most)
        let moves = HeapTotals(moves: Self.most, bytesMoved: Self.most)
        for (index, totals) in [all, HeapTotals(), moves, HeapTotals(), moves, HeapTotals(), all].enumerated() {
            evil.send(frame(UInt32(index + 1), totals, lost: index == 0 ? 0 : .max))
        }
        try await wait(for: "the last of the frames") {
            try await collector.devices().first { $0.id == "evil" }?.heaps.first?.sequence == 7
        }
        // With points that take in several of them, also after a restart.
        for _ in 0..<2 {
            for step in ["1s", "1m", "1h"] {
                let answer = try await collector.ask(["history", "evil", "--since", "30m", "--step", step])
                #expect(answer.status == 0, "\(answer.errors)")
                let usage = try HistoryCoding.decoder().decode(UsageHistory.self, from: Data(answer.output.utf8))
                #expect(usage.points.allSatisfy { $0.moves == 0 && $0.allocated == 0 }, "none of it is believed")
                #expect(usage.gaps.contains { $0.cause == .implausible })
            }
            #expect(try await collector.ask(["snapshot", "evil"]).status == 65)
            #expect(try await collector.ask(["snapshot", "pump"]).status == 0, "others are served")
            #expect(try await collector.metric("dalloc_collector_operations_total") ?? 0 >= 0)
            #expect(try await collector.stop() == 0)
            #expect(try await collector.check().findings == [])
            try await collector.restart()
        }
        #expect(try await collector.stop() == 0)
    }

    @Test func nothingIsAcknowledgedIntoFilesThatAreGone() async throws {
        let collector = try await RunningCollector(Scratch())
        let device = try Socket(connectedTo: collector.port)
        device.send(WireBytes.hello(device: "pump") + WireBytes.keyframe(sequence: 1))
        try await wait(for: "the first frame") { try await !collector.devices().isEmpty }
        let url = URL(fileURLWithPath: collector.database)
        let folder = url.deletingLastPathComponent()
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path)
        where name.hasPrefix(url.lastPathComponent) {
            try FileManager.default.removeItem(at: folder.appendingPathComponent(name))
        }
        _ = device.receive(milliseconds: 100)
        device.send(WireBytes.keyframe(sequence: 2))
        let end = try await collector.program.finish()
        #expect(end.status == 74)
        #expect(end.errors.contains("was removed or replaced"))
        try await collector.restart()
        #expect(try await collector.devices().isEmpty, "a new history")
        #expect(try await collector.stop() == 0)
    }
}
