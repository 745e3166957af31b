// SPDX-License-Identifier: Apache-2.0
//
// `gaps`: what is known to be missing in a heap's history.

internal import GRDB
public import HeapHistory

extension HistoryQuery {
    /// - Throws: ``Problem`` when there is no such device or heap, or the range is empty.
    public func gaps(device: String, heap: String?, since: Timestamp, until: Timestamp) async throws -> GapList {
        try Self.check(since: since, until: until)
        return try await read(device, heap) { db, selection in
            GapList(
                device: device, heap: selection.current.number, name: selection.current.name, since: since,
                until: until, knownSince: selection.knownSince, knownUntil: selection.knownUntil,
                gaps: try Self.gaps(db, selection, since: since, until: until))
        }
    }

    /// The gaps that touch the range, in order of time; the silence that lasts is the last of them.
    static func gaps(
        _ db: Database, _ selection: HeapSelection, since: Timestamp, until: Timestamp
    ) throws -> [Gap] {
        let heaps = selection.rows
        var gaps: [Gap] = []
        for heap in heaps {
            let rows = try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT * FROM gaps WHERE heap_id = ? AND (start_time IS NULL OR start_time <= ?)
                            AND (end_time IS NULL OR end_time >= ?)
                        """), arguments: [heap.id, until.microseconds, since.microseconds])
            for row in rows {
                let record = GapRecord(row)
                gaps.append(
                    Gap(
                        start: record.startTime, end: record.endTime, cause: record.cause,
                        operations: record.operations.map { Int($0) }, frames: record.frames.map { Int($0) }))
            }
        }
        for off in offTimes(heaps) where off.start <= until && off.end >= since {
            gaps.append(Gap(start: off.start, end: off.end, cause: off.cause, operations: nil, frames: nil))
        }
        for doubt in try selection.doubtfulTimes(from: since, through: until, db) {
            gaps.append(Gap(start: doubt.start, end: doubt.end, cause: .clockStep, operations: nil, frames: nil))
        }
        if let silence = selection.silence(before: min(until, .now)) { gaps.append(silence) }
        let beginning = Timestamp(microseconds: Int64.min)
        return gaps.sorted { ($0.start ?? beginning) < ($1.start ?? beginning) }
    }

    /// What lies between the last report of a boot and the first of the one that came next.
    static func offTimes(_ heaps: [HeapRow]) -> [(start: Timestamp, end: Timestamp, cause: Gap.Cause)] {
        var boots: [(boot: Int64, number: UInt32, isClosed: Bool, first: Timestamp, last: Timestamp)] = []
        for heap in heaps {
            guard let last = heap.lastTime, let start = heap.firstTime else { continue }
            if let index = boots.firstIndex(where: { $0.boot == heap.bootRowID }) {
                boots[index].first = min(boots[index].first, start)
                boots[index].last = max(boots[index].last, last)
            } else {
                boots.append((heap.bootRowID, heap.boot, heap.isClosed, start, last))
            }
        }
        boots.sort { $0.boot < $1.boot }
        return zip(boots, boots.dropFirst()).filter { before, after in
            // A boot that a wrong clock has dated says nothing about when others ran.
            before.last < after.first && !boots.contains { $0.boot > after.boot && $0.first < after.first }
        }.map { before, after in
            // The device may have gone on: only the collector started anew.
            let isOneRun = before.isClosed && before.number == after.number
            return (before.last, after.first, isOneRun ? .clockStep : .powerOff)
        }
    }
}

extension GapRecord {
    /// The gap that a frame lies in; the exact frames that a gap lies between are known.
    static func fetch(_ db: Database, _ heap: HeapRow, around sequence: UInt32) throws -> GapRecord? {
        try fetch(db, heap, "start_sequence < ?2 AND (end_sequence IS NULL OR end_sequence > ?2)", Int64(sequence))
    }

    static func fetch(_ db: Database, _ heap: HeapRow, around time: Timestamp) throws -> GapRecord? {
        try fetch(
            db, heap, "(start_time IS NULL OR start_time < ?2) AND (end_time IS NULL OR end_time > ?2)",
            time.microseconds)
    }

    private static func fetch(
        _ db: Database, _ heap: HeapRow, _ condition: String, _ moment: Int64
    ) throws -> GapRecord? {
        let query = "SELECT * FROM gaps WHERE heap_id = ?1 AND \(condition) LIMIT 1"
        return try Row.fetchOne(db.cachedStatement(sql: query), arguments: [heap.id, moment]).map { GapRecord($0) }
    }
}
