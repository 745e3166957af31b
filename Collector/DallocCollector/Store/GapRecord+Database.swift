// SPDX-License-Identifier: Apache-2.0
//
// A gap's row.

internal import GRDB
internal import HeapHistory

extension GapRecord {
    func write(_ db: Database) throws {
        let statement = try db.cachedStatement(
            sql: """
                INSERT OR REPLACE INTO gaps
                    (heap_id, start_sequence, start_time, end_sequence, end_time, cause, operations, frames)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """)
        try statement.execute(arguments: [
            heapID, Int64(startSequence), startTime?.microseconds, endSequence.map { Int64($0) },
            endTime?.microseconds, cause.rawValue, operations, frames,
        ])
    }
}

extension GapRecord {
    /// The gap that has not ended yet.
    static func fetchOpen(_ db: Database, heapID: Int64) throws -> GapRecord? {
        let row = try Row.fetchOne(
            db, sql: "SELECT * FROM gaps WHERE heap_id = ? AND end_sequence IS NULL", arguments: [heapID])
        return row.map { GapRecord($0) }
    }

    init(_ row: Row) {
        self.init(
            heapID: row["heap_id"], startSequence: row.narrow("start_sequence"),
            startTime: (row["start_time"] as Int64?).map { Timestamp(microseconds: $0) },
            endSequence: (row["end_sequence"] as Int64?).map { UInt32(clamping: $0) },
            endTime: (row["end_time"] as Int64?).map { Timestamp(microseconds: $0) },
            cause: Gap.Cause(rawValue: row["cause"]) ?? .noKeyframe, operations: row["operations"],
            frames: row["frames"])
    }
}
