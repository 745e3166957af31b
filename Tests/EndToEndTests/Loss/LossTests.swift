// SPDX-License-Identifier: Apache-2.0
//
// Bytes get lost, doubled, mixed up and turned over on the way; lines break, collectors are killed, devices reset. What the collector
// says afterwards is what the heaps were, or that it does not know.

import Foundation
import HeapHistory
import TestSupport
import Testing

@Suite(.serialized) struct LossTests {
    @Test(arguments: [1e-4, 1e-3, 1e-2])
    func aBadLineDelaysHistoryAndLosesNothing(rate: Double) async throws {
        let figures = try await LossRun.figures(
            LossRun.Plan(rate: rate, operations: 14_000, seed: 1, tables: 100))
        #expect(figures.tables > 100)
        #expect(figures.violations == 0)
        #expect(figures.rejected > 0, "the line must be bad")
        print(rate, try figures.json)
    }

    @Test func aBadLineThatOnlySendsLosesWhatItSaysThatItLoses() async throws {
        // At 3e-4 a frame in twenty is lost, and the table after it unknown until the next whole keyframe, some fifteen frames
        // later: about half of all frames are known then, in dozens of stretches. At 3e-3 it would be one frame in fifty.
        let run = try await WatchedRun(isOneWay: true, transmit: 16_384, rate: 3e-4, seed: 4)
        try await run.work(400)
        try await run.collector.kill()
        try await run.collector.restart()
        try await run.work(400)
        run.line.cut()
        try await run.work(400)
        let figures = try await run.end()
        #expect(figures.violations == 0)
        #expect(figures.tables > 100)
        #expect(figures.gaps > 5)
        print(try figures.json)
    }

    @Test func buffersThatAreTooSmallAndAnAgentThatStartsAgainLeaveDeclaredGaps() async throws {
        let run = try await WatchedRun(isOneWay: false, transmit: 1024, rate: 1e-3, seed: 4)
        try await run.work(200)
        try await run.device.restartAgent()
        try await run.work(200)
        try await run.collector.kill()
        // Nobody acknowledges anything now: the buffers are full soon, and no frame can be cut.
        for _ in 0..<500 { run.device.work() }
        #expect(run.device.lost > 0)
        try await run.collector.restart()
        try await run.work(200)
        let figures = try await run.end()
        #expect(figures.violations == 0)
        #expect(figures.tables > 100)
        #expect(figures.gaps > 1)
        print(try figures.json)
    }

    @Test func aCollectorWithoutItsDatabaseIsGivenTheTableByADeviceThatEnds() async throws {
        let scratch = try Scratch()
        let collector = try await RunningCollector(scratch)
        let truth = scratch["truth"]
        let device = try Program(
            "dalloc-simulator",
            [
                "--collector", "127.0.0.1:\(collector.port)", "--name", "left", "--rate", "500", "--frame-interval",
                "20",
                "--boot", "3", "--truth", truth,
            ], in: scratch)
        try await wait(for: "frames") {
            try await collector.summary(of: "left-01")?.heaps.first?.sequence ?? 0 > 20
        }
        try await collector.kill()
        let stored = try TruthIndex.last(truth)
        for ending in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: collector.database + ending) }
        try await wait(for: "frames that nobody takes") { try TruthIndex.last(truth) > stored + 2 }
        // Its next keyframe would come after a minute, and it waits ten seconds.
        device.signal(SIGTERM)
        try await collector.restart()
        let end = try await device.finish()
        #expect(end.errors.hasSuffix(" 0 frames not acknowledged\n"), "\(end.errors)")
        let last = try TruthIndex.last(truth)
        let record = try #require(try TruthIndex(truth)[last])
        record.expectEqual(try await collector.snapshot("left-01", at: "#\(last)"))
        #expect(try await collector.stop() == 0)
    }
}
