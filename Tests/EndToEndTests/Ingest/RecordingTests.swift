// SPDX-License-Identifier: Apache-2.0
//
// `dalloc-collector ingest`: files of frames in a database, or in the hands of a collector, and each frame once.

import Foundation
import GRDB
import HeapHistory
import HeapWire
import TestSupport
import Testing

@testable import DallocCollector

@Suite(.serialized) struct RecordingTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private var database: String { scratch["history.sqlite"] }

    /// Writes a file of these bytes.
    private func file(_ bytes: [UInt8], as name: String = "frames") throws -> String {
        try Data(bytes).write(to: URL(fileURLWithPath: scratch[name]))
        return scratch[name]
    }

    private func frames(_ sequences: ClosedRange<UInt32>, of device: String = "pump") -> [UInt8] {
        WireBytes.hello(device: device) + sequences.flatMap { WireBytes.keyframe(sequence: $0) }
    }

    private func ingest(_ arguments: [String]) async throws -> (end: Program.Finished, report: IngestReport?) {
        let end = try await Program.run(
            "dalloc-collector", ["ingest", "--database", database, "--format", "json"] + arguments, in: scratch)
        return (end, try? HistoryCoding.decoder().decode(IngestReport.self, from: Data(end.output.utf8)))
    }

    private func stored() throws -> (boots: Int, frames: StoredFrames) {
        try DatabaseQueue(path: database).read { db in
            (try Int.fetchOne(db, sql: "SELECT count(*) FROM boots") ?? 0, try StoredFrames(db))
        }
    }

    @Test func aRecordingIsStoredOnce() async throws {
        let path = try file(frames(1...5) + frames(1...3, of: "fan") + frames(6...7))
        let first = try await ingest([path])
        #expect(first.end.status == 0, "\(first.end.errors)")
        #expect(first.report?.devices == 2 && first.report?.frames == 10 && first.report?.repeated == 0)
        let before = try stored()
        #expect(before.boots == 2 && before.frames.heaps.values.map(\.count).sorted() == [3, 7])
        let second = try await ingest([path])
        #expect(second.end.status == 0 && second.report?.frames == 0 && second.report?.repeated == 10)
        let after = try stored()
        #expect(after.boots == 2 && after.frames == before.frames)
        let check = try await Program.run("dalloc-collector", ["check", "--database", database], in: scratch)
        #expect(check.status == 0, "\(check.output)")
    }

    @Test func timesCountFromTheEndOfTheRecording() async throws {
        let ticks: [(UInt32, UInt64)] = [(1, 1000), (2, 31_000), (3, 61_000)]
        let frames = ticks.flatMap { WireBytes.keyframe(sequence: $0, tick: $1) }
        let bytes = WireBytes.hello(device: "pump", tick: 1000) + frames
        let end = try await ingest([file(bytes), "--ended", "2026-01-02T03:04:05Z"]).end
        #expect(end.status == 0, "\(end.errors)")
        let stored = try #require(try stored().frames.heaps.values.first)
        let ended = try #require(Timestamp("2026-01-02T03:04:05Z"))
        for (frame, before) in zip(stored, [60, 30, 0] as [Int64]) {
            let off = frame.time.microseconds - (ended.microseconds - before * 1_000_000)
            #expect(abs(off) < 5_000_000, "\(frame.sequence): \(off)")
        }
    }

    @Test func aHoleIsLeftOpenUnlessItIsFinal() async throws {
        let path = try file(frames(1...2) + WireBytes.keyframe(sequence: 5))
        let first = try await ingest([path])
        #expect(first.end.status == 1 && first.end.errors.contains("--one-way"))
        #expect(first.report?.frames == 2 && first.report?.outOfOrder == 1)
        let second = try await ingest([path, "--one-way"])
        #expect(second.end.status == 0 && second.report?.frames == 1 && second.report?.gaps == 1)
    }

    @Test func noiseAndATornEndHarmOnlyThemselves() async throws {
        let bytes = [7, 7, 7, 0] + frames(1...3) + [3, 1, 0] + WireBytes.keyframe(sequence: 4).dropLast(3)
        let run = try await ingest([file(bytes)])
        #expect(run.end.status == 1 && run.report?.frames == 3 && run.report?.rejected == 2)
    }

    @Test func aLongFileComesInPieces() async throws {
        // More than is read at a time, so that frames lie across two pieces.
        let path = try file(frames(1...45_000))
        let size = try #require(try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int)
        #expect(size > 1_100_000)
        let run = try await ingest([path])
        #expect(run.end.status == 0 && run.report?.frames == 45_000 && run.report?.rejected == 0, "\(run.end.errors)")
    }

    @Test func aCollectorThatRunsIsHandedTheFrames() async throws {
        let collector = try await RunningCollector(scratch, options: ["--api-ingest"])
        let path = try file(frames(1...5) + frames(1...3, of: "fan"))
        let busy = try await ingest([path])
        #expect(busy.end.status == 75 && busy.end.errors.contains("--to http"), "\(busy.end.errors)")
        let api = "http://127.0.0.1:\(collector.apiPort)"
        for expected in [8, 0] {
            let run = try await ingest([path, "--to", api])
            #expect(run.end.status == 0 && run.report?.frames == expected && run.report?.devices == 2, "\(run.end)")
        }
        let devices = try await collector.devices()
        #expect(devices.map { $0.heaps.first?.sequence } == [3, 5])
        #expect(try await collector.stop() == 0)
    }

    @Test func standardInputIsAStream() async throws {
        let path = try file(frames(1...4))
        let program = Program.folder.appendingPathComponent("dalloc-collector").path
        let end = try await Program.run(
            "/bin/sh", ["-c", "(head -c 70 \(path); sleep 0.2; tail -c +71 \(path)) | \(program) ingest -"], in: scratch
        )
        #expect(end.status == 0 && end.output.contains("frames stored"), "\(end.output)\(end.errors)")
        #expect(try await ingest(["--database", scratch["dalloc.sqlite"], path]).report?.repeated == 4)
    }

    @Test func aPipeGoesOnAfterABodyThatIsNotTaken() async throws {
        let collector = try await RunningCollector(scratch, options: ["--api-ingest"])
        let foreign = (1...70).flatMap { _ in WireBytes.keyframe(sequence: 1, heap: 5) }
        let bad = try file(WireBytes.hello(device: "pump") + foreign, as: "bad")
        let good = try file(frames(1...3, of: "fan"), as: "good")
        let program = Program.folder.appendingPathComponent("dalloc-collector").path
        let api = "http://127.0.0.1:\(collector.apiPort)"
        let end = try await Program.run(
            "/bin/sh", ["-c", "(cat \(bad); sleep 1; cat \(good)) | \(program) ingest - --to \(api)"], in: scratch)
        #expect(end.status == 1 && end.errors.contains("HELLO did not announce"), "\(end)")
        #expect(try await collector.devices().first { $0.id == "fan" }?.heaps.first?.sequence == 3)
        #expect(try await collector.stop() == 0)
    }

    @Test func whatIsWrongHasACode() async throws {
        let collector = try await RunningCollector(scratch)
        let path = try file(frames(1...2))
        let empty = try file(WireBytes.keyframe(sequence: 1), as: "empty")
        for (arguments, status, text) in [
            ([empty, "--database", scratch["other.sqlite"]], 65, "no HELLO"), ([scratch["none"]], 66, "can't be read"),
            ([scratch.path], 66, "can't be read"),
            // Its first bytes are nobody's.
            (["/proc/self/mem"], 66, "can't be read"),
            ([path, "--to", "http://127.0.0.1:\(try freePort())"], 69, "can't be reached"),
            ([path, "--to", "http://127.0.0.1:\(collector.apiPort)"], 76, "--api-ingest"),
            ([path, "--to", "fleet"], 64, "is no address"), ([path, "--ended", "soon"], 64, "is no time"),
            ([], 64, "file"),
        ] as [([String], Int32, String)] {
            let end = try await ingest(arguments).end
            #expect(end.status == status && end.errors.contains(text), "\(arguments): \(end)")
        }
        #expect(try await collector.stop() == 0)
    }
}
