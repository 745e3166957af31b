// SPDX-License-Identifier: Apache-2.0
//
// Holds what a collector has stored of a device against what the device really was, and what the collector has promised.

import Foundation
import GRDB
import HeapHistory
import Testing

@testable import DallocCollector

struct HistoryAudit {
    private(set) var figures = LossFigures()

    private let collector: RunningCollector
    private let queue: DatabaseQueue

    init(_ collector: RunningCollector) throws {
        self.collector = collector
        queue = try DatabaseQueue(path: collector.database)
    }

    struct Frame {
        var sequence: Int
        var time: Timestamp
        var isExact: Bool
    }

    struct MissingStretch {
        /// The exact frames around it; 0 and nil where there is none.
        var start: Int
        var end: Int?
        var startTime: Timestamp?
        var endTime: Timestamp?

        func contains(_ sequence: Int) -> Bool { sequence > start && sequence < end ?? Int.max }
    }

    /// One boot of a device, as it is in the database.
    struct Boot {
        var number: UInt32
        var lastSequence: Int
        var frames: [Frame]
        var gaps: [MissingStretch]
    }

    /// The boots of a device, the latest last.
    func boots(of device: String) throws -> [Boot] {
        try queue.read { db in
            let stored = try StoredFrames(db)
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT boots.* FROM boots JOIN devices ON devices.id = device_id WHERE name = ? ORDER BY boots.id
                    """, arguments: [device])
            return try rows.map { row in
                let heaps = try Int64.fetchAll(
                    db, sql: "SELECT id FROM heaps WHERE boot_id = ?", arguments: [row["id"] as Int64])
                let frames = heaps.flatMap { stored.heaps[$0] ?? [] }.sorted { $0.sequence < $1.sequence }
                let gaps = try Row.fetchAll(
                    db,
                    sql: """
                        SELECT gaps.* FROM gaps JOIN heaps ON heaps.id = heap_id WHERE boot_id = ? ORDER BY start_sequence
                        """, arguments: [row["id"] as Int64])
                return Boot(
                    number: row["boot"], lastSequence: max(row["last_sequence"], Int(frames.last?.sequence ?? 0)),
                    frames: frames.map {
                        Frame(sequence: Int($0.sequence), time: $0.time, isExact: $0.isExact)
                    },
                    gaps: gaps.map {
                        MissingStretch(
                            start: $0["start_sequence"], end: $0["end_sequence"],
                            startTime: ($0["start_time"] as Int64?).map { Timestamp(microseconds: $0) },
                            endTime: ($0["end_time"] as Int64?).map { Timestamp(microseconds: $0) })
                    })
            }
        }
    }

    /// Every frame that was acknowledged is there, and what is missing or unknown is declared.
    mutating func expectComplete(_ device: String, _ boot: Boot, acknowledged: Int) {
        let name = "\(device) boot \(boot.number)"
        let last = boot.frames.last?.sequence ?? 0
        #expect(last == boot.lastSequence, "\(name)")
        let exact = Dictionary(uniqueKeysWithValues: boot.frames.map { ($0.sequence, $0.isExact) })
        // A gap is no excuse here: an acknowledged frame is one that the collector had.
        let missing = (0..<acknowledged).filter { exact[$0 + 1] == nil }
        figures.missing += missing.count
        if let first = missing.first {
            Issue.record("\(name): #\(first + 1) and \(missing.count - 1) more were acknowledged, and are not stored")
        }
        var gaps = boot.gaps[...]
        for sequence in stride(from: 1, through: last, by: 1) {
            while let gap = gaps.first, let end = gap.end, end <= sequence { gaps.removeFirst() }
            let isInGap = gaps.first?.contains(sequence) ?? false
            let isKnown = exact[sequence] ?? false
            if isKnown == isInGap {
                if figures.undeclared == 0 {
                    Issue.record("\(name) #\(sequence): in a gap \(isInGap), stored and exact \(isKnown)")
                }
                figures.undeclared += 1
            }
        }
    }

    /// Compares every `step`th frame that is outside gaps with the table that the device had.
    mutating func compare(
        _ device: String, _ boot: Boot, isCurrent: Bool, every step: Int, _ truth: (Int) throws -> TruthRecord?
    ) async throws {
        let frames = boot.frames.filter(\.isExact)
        for index in stride(from: frames.count - 1, through: 0, by: -step) {
            let frame = frames[index]
            guard let record = try truth(frame.sequence) else { continue }
            let answer =
                isCurrent
                ? try await collector.answer(device, sequence: frame.sequence)
                : try await collector.answer(device, time: frame.time)
            switch answer {
            // Several frames can be of one moment, and boots close one after the other; then the question is another one.
            case .table(let table) where !isCurrent && (table.boot != boot.number || table.sequence != frame.sequence):
                continue
            case .table(let table):
                figures.tables += 1
                if table.sequence != frame.sequence || !record.equals(table) {
                    figures.wrong += 1
                    Issue.record("\(device) boot \(boot.number) #\(frame.sequence) is not what the device was")
                }
            case .problem(let problem):
                figures.wrong += 1
                Issue.record("\(device) boot \(boot.number) #\(frame.sequence): \(problem.message)")
            }
        }
    }

    /// Nothing inside a gap is answered as if it were known. Times of a device whose clock started anew in one boot mean nothing.
    mutating func expectUnknown(_ device: String, _ boot: Boot, withTimes: Bool) async throws {
        figures.gaps += boot.gaps.count
        for gap in boot.gaps {
            let end = gap.end ?? boot.lastSequence + 1
            for sequence in stride(from: gap.start + 1, to: end, by: max(1, (end - gap.start) / 10)) {
                expectUnknown(try await collector.answer(device, sequence: sequence), "\(device) #\(sequence)")
            }
            guard withTimes, let start = gap.startTime?.microseconds, let end = gap.endTime?.microseconds else {
                continue
            }
            for time in Set([start + 1, (start + end) / 2, end - 1]) where time > start && time < end {
                let moment = Timestamp(microseconds: time)
                expectUnknown(try await collector.answer(device, time: moment), "\(device) \(moment)")
            }
        }
    }

    private mutating func expectUnknown(_ answer: RunningCollector.Answer, _ moment: String) {
        figures.asked += 1
        switch answer {
        case .table(let table):
            figures.answeredInGaps += 1
            Issue.record("\(moment) is in a gap, and answered with #\(table.sequence)")
        case .problem(let problem): #expect(problem.code == .unknownInGap, "\(moment)")
        }
    }
}

extension TruthRecord {
    func equals(_ snapshot: Snapshot) -> Bool {
        snapshot.used == offset && snapshot.entries.count == table.count
            && zip(snapshot.entries, table).enumerated().allSatisfy { index, pair in
                let (entry, block) = pair
                return entry.index == index && entry.offset == block.offset && entry.address == block.address
                    && entry.size == block.size && entry.owner == block.owner
            }
    }
}
