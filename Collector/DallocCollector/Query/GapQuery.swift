// What of a heap's history is known to be missing.

internal import GRDB
internal import HeapHistory

extension HistoryQuery {
    /// The gaps that touch the range, in order of time.
    static func gaps(_ db: Database, _ heaps: [HeapRow], since: Timestamp, until: Timestamp) throws -> [Gap] {
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
        let beginning = Timestamp(microseconds: Int64.min)
        return gaps.sorted { ($0.start ?? beginning) < ($1.start ?? beginning) }
    }
}
