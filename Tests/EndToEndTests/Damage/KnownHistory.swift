// SPDX-License-Identifier: Apache-2.0
//
// A closed database of devices whose tables are known, and the answers that a sound collector gives from it: to be
// copied, and then spoiled.

import Foundation
import GRDB
import HeapHistory
import TestSupport
import Testing

@testable import DallocCollector

struct KnownHistory {
    /// What is asked, and what of the answer must not differ. Another answer than 200 is no wrong one.
    private enum Known {
        case snapshot(TruthRecord)
        case points([UsagePoint])
        case moves([Move])
    }

    let scratch: Scratch
    private let path: String
    /// `bytes` is the answer that `known` was read from: the same again needs no decoding, which takes the most time.
    private var questions: [(path: String, known: Known, bytes: Data?)] = []

    /// Three devices work for some seconds; what they reported is in chunks then.
    init() async throws {
        scratch = try Scratch()
        let collector = try await RunningCollector(scratch)
        path = collector.database
        let fleet = try await Program.run(
            "dalloc-simulator",
            [
                "--collector", "127.0.0.1:\(collector.port)", "--name", "old", "--devices", "3", "--workload",
                "steady,churn,burst", "--rate", "1500", "--frame-interval", "20", "--heap-size", "8192", "--duration",
                "4s", "--truth", scratch["old.truth"],
            ], in: scratch)
        #expect(fleet.errors.contains(" 0 frames not acknowledged"), "\(fleet.errors)")
        #expect(try await collector.stop() == 0)
        let store = try HistoryStore(path: path)
        try await ChunkWriter(store: store).gather()
        try store.close()
        try await collector.restart()
        for (device, records) in Dictionary(grouping: try TruthRecord.read(scratch["old.truth"]), by: \.device) {
            for record in records.enumerated().filter({ $0.offset % 23 == 0 }).map(\.element) {
                questions.append(("v1/devices/\(device)/snapshot?sequence=\(record.sequence)", .snapshot(record), nil))
            }
            let known = try #require(try await collector.summary(of: device)).lastSeen
            let span =
                "since=\(Timestamp(microseconds: known.microseconds - 3_600_000_000))"
                + "&until=\(Timestamp(microseconds: known.microseconds - 100_000))"
            for step in [1_000_000, 60_000_000] {
                let question = "v1/devices/\(device)/history?\(span)&step=\(step)"
                let (data, status) = try await collector.get(question)
                try #require(status == 200, "\(String(decoding: data, as: UTF8.self))")
                let points = try HistoryCoding.decoder().decode(UsageHistory.self, from: data).points
                questions.append((question, .points(points), data))
            }
            let question = "v1/devices/\(device)/moves?\(span)&limit=100000"
            let (data, status) = try await collector.get(question)
            try #require(status == 200, "\(String(decoding: data, as: UTF8.self))")
            let moves = try HistoryCoding.decoder().decode(MoveList.self, from: data)
            try #require(moves.moves.count > 100)
            questions.append((question, .moves(moves.moves), data))
        }
        #expect(try await wrongAnswers(of: collector).refused == 0)
        #expect(try await collector.stop() == 0)
    }

    /// Where a table or an index of the database begins, in bytes.
    func root(of object: String) throws -> Int {
        let queue = try HistoryStore.openReadOnly(path)
        defer { try? queue.close() }
        let page = try queue.read {
            try Int.fetchOne($0, sql: "SELECT rootpage FROM sqlite_schema WHERE name = ?", arguments: [object])
        }
        return (try #require(page) - 1) * 4096
    }

    /// A collector on a copy of its own.
    func collector(options: [String] = []) async throws -> RunningCollector {
        let copy = try Scratch()
        try FileManager.default.copyItem(atPath: path, toPath: copy["history.sqlite"])
        // As it is beside every database of ours.
        try FileManager.default.copyItem(atPath: path + "-inhand", toPath: copy["history.sqlite-inhand"])
        return try await RunningCollector(copy, options: options)
    }

    /// Asks everything; a collector that ends meanwhile answers nothing.
    func wrongAnswers(of collector: RunningCollector) async throws -> (wrong: [String], refused: Int) {
        var (wrong, refused): ([String], Int) = ([], 0)
        let decoder = HistoryCoding.decoder()
        for (question, known, bytes) in questions {
            guard let (data, status) = try? await collector.get(question), status == 200 else {
                refused += 1
                continue
            }
            if data == bytes { continue }
            let isTrue =
                switch known {
                case .snapshot(let record): record.equals(try decoder.decode(Snapshot.self, from: data))
                case .points(let points): try decoder.decode(UsageHistory.self, from: data).points == points
                case .moves(let moves): try decoder.decode(MoveList.self, from: data).moves == moves
                }
            if !isTrue { wrong.append(question) }
        }
        return (wrong, refused)
    }
}
