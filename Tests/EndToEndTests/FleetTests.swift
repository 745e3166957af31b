// SPDX-License-Identifier: Apache-2.0
//
// The main job with the real binaries: what the devices' heaps were is what the collector answers.

import Foundation
import GRDB
import HeapHistory
import TestSupport
import Testing

@testable import DallocCollector

@Suite(.serialized)
struct FleetTests {
    /// Nine devices over TCP and one over a pty, as two programs that run until each device has told much; what `body` does to the
    /// collector happens in the middle of it.
    private func runFleet(
        frames: Int, _ scratch: Scratch, _ body: (RunningCollector) async throws -> Void
    ) async throws -> (RunningCollector, [TruthRecord]) {
        let line = scratch["tty"]
        let common = ["--rate", "300", "--frame-interval", "100", "--heap-size", "16384"]
        let serial = try Program(
            "dalloc-simulator",
            ["--pty", line, "--name", "tty", "--workload", "churn", "--seed", "5", "--truth", scratch["tty.truth"]]
                + common, in: scratch)
        try await wait(for: "the pty") {
            guard serial.isRunning else { throw TimedOut(description: "the simulator ended: \(serial.errors)") }
            return FileManager.default.fileExists(atPath: line)
        }
        let collector = try await RunningCollector(scratch, serial: [line])
        let network = try Program(
            "dalloc-simulator",
            [
                "--collector", "127.0.0.1:\(collector.port)", "--devices", "9", "--seed", "7",
                "--workload", "steady,churn,burst,leak", "--truth", scratch["tcp.truth"],
            ] + common, in: scratch)
        try await wait(for: "every device") { try await collector.isEveryDevice(beyond: 10) }
        try await body(collector)
        try await wait(for: "\(frames) frames of every device") {
            try await collector.isEveryDevice(beyond: frames)
        }
        for program in [serial, network] {
            program.signal(SIGTERM)
            let end = try await program.finish()
            #expect(end.status == 0, "\(end.errors)")
        }
        let truth = try TruthRecord.read(scratch["tcp.truth"]) + TruthRecord.read(scratch["tty.truth"])
        return (collector, truth)
    }

    private func expectExact(
        _ collector: RunningCollector, _ truth: [TruthRecord], moments: Int, followMoves: Bool
    ) async throws {
        let devices = Dictionary(grouping: truth, by: \.device)
        #expect(devices.count == 10)
        var checked = 0
        for (device, records) in devices.sorted(by: { $0.key < $1.key }) {
            let perDevice = moments / devices.count
            try #require(records.count >= perDevice, "\(device) has \(records.count) frames")
            var previous: Snapshot?
            for number in 0..<perDevice {
                let record = records[(records.count - 1) * number / (perDevice - 1)]
                let snapshot = try await collector.snapshot(device, at: "#\(record.sequence)")
                record.expectEqual(snapshot)
                checked += 1
                if followMoves, let previous {
                    let moves = try await collector.moves(
                        device, since: "#\(previous.sequence)", until: "#\(snapshot.sequence)")
                    expectMovesTurn(previous, into: snapshot, moves)
                }
                previous = snapshot
            }
        }
        #expect(checked >= moments)
    }

    /// Every frame once: a device has one heap here, so its sequence numbers have no holes.
    private func expectEachFrameOnce(_ collector: RunningCollector) throws {
        let queue = try DatabaseQueue(path: collector.database)
        try queue.read { db in
            let stored = try StoredFrames(db)
            #expect(stored.heaps.count == 10)
            for frames in stored.heaps.values {
                #expect(frames.map { Int($0.sequence) } == Array(1...frames.count))
                #expect(frames.allSatisfy { $0.isExact })
            }
            #expect(try Int.fetchOne(db, sql: "SELECT count(*) FROM gaps") == 0)
        }
        try queue.close()
    }

    @Test func everySnapshotIsTheTruthAndMovesLeadFromOneToTheNext() async throws {
        let (collector, truth) = try await runFleet(frames: 60, Scratch()) { _ in }
        try await expectExact(collector, truth, moments: 100, followMoves: true)
        let moves = try await collector.moves(
            "sim-02", since: "#0", until: "#\(truth.last { $0.device == "sim-02" }?.sequence ?? 0)")
        #expect(moves.moves.count > 100, "churn must move blocks, or this test shows nothing")
        let summaries = try await collector.devices()
        #expect(summaries.count == 10)
        #expect(summaries.contains { $0.link.hasPrefix("serial ") })
        #expect(try await collector.stop() == 0)
        try expectEachFrameOnce(collector)
    }

    @Test func nothingIsLostOrDoubledWhenTheCollectorIsStoppedAndStartedAgain() async throws {
        let (collector, truth) = try await runFleet(frames: 60, Scratch()) { collector in
            #expect(try await collector.stop() == 0)
            try await collector.restart()
        }
        try await expectExact(collector, truth, moments: 50, followMoves: false)
        #expect(try await collector.stop() == 0)
        try expectEachFrameOnce(collector)
    }

    @Test func nothingIsLostOrDoubledWhenTheCollectorIsKilled() async throws {
        let (collector, truth) = try await runFleet(frames: 60, Scratch()) { collector in
            try await collector.kill()
            try await collector.restart()
        }
        try await expectExact(collector, truth, moments: 50, followMoves: false)
        #expect(try await collector.stop() == 0)
        try expectEachFrameOnce(collector)
    }
}
