// SPDX-License-Identifier: Apache-2.0
//
// A period's row in the table group_periods.

internal import GRDB
internal import HeapHistory

extension GroupPeriod {
    func write(_ db: Database, heapID: Int64) throws {
        // Two periods of one heap may begin in the same hour when its clock was corrected: the later one counts.
        try db.cachedStatement(
            sql: """
                INSERT OR REPLACE INTO group_periods (heap_id, time, hours, point_hours, known, group_count, largest_other, body)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            heapID, time, hours, pointHours, knownSeconds, groupCount, largestOther.map { Int64(clamping: $0) }, body,
        ])
    }

    /// Nil when the row can't be read.
    init?(_ row: Row) {
        guard let groups = Self.groups(row["body"]) else { return nil }
        self.init(
            time: row["time"], hours: max(1, min(row.narrow("hours"), 24)),
            pointHours: max(1, min(row.narrow("point_hours"), 24)),
            knownSeconds: row["known"], groups: groups, groupCount: row.narrow("group_count"),
            largestOther: (row["largest_other"] as Int64?).map { UInt64(clamping: $0) })
    }

    /// The periods of a heap that end after one moment and begin before another, in order.
    static func fetchAll(_ db: Database, heap: Int64, after since: Int64 = .min, before until: Int64 = .max) throws
        -> [GroupPeriod]
    {
        let rows = try Row.fetchCursor(
            db.cachedStatement(
                sql: "SELECT * FROM group_periods WHERE heap_id = ? AND time > ? AND time < ? ORDER BY time"),
            arguments: [heap, since.subtractingClamped(day), until])
        var periods: [GroupPeriod] = []
        while let row = try rows.next() {
            if let period = GroupPeriod(row), period.end > since { periods.append(period) }
        }
        return periods
    }
}
