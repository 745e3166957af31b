// SPDX-License-Identifier: Apache-2.0
//
// Reads periods for a search: as little of each row as it needs, in place.

internal import Foundation
internal import GRDB
internal import HeapHistory

extension PeriodPoints {
    static func statement(_ db: Database) throws -> Statement {
        try db.cachedStatement(
            sql: """
                SELECT time, hours, point_hours, known, largest_other IS NOT NULL, body FROM group_periods
                WHERE heap_id = ? AND time > ? AND time < ? ORDER BY time
                """)
    }

    /// Reads the periods of a heap that end after one moment and begin before another into this one, in order, and calls `visit`
    /// after each.
    /// Those that can't be read are left out.
    mutating func read(
        _ statement: Statement, heap: Int64, after since: Int64, before until: Int64, _ visit: (PeriodPoints) -> Void
    ) throws {
        let rows = try Row.fetchCursor(
            statement, arguments: [heap, since.subtractingClamped(GroupPeriod.day), until])
        while let row = try rows.next() {
            func number(_ column: Int) -> Int64 { row[column] }
            func hours(_ column: Int) -> Int { Int(clamping: max(1, min(number(column), 24))) }
            (time, self.hours, pointHours) = (number(0), hours(1), hours(2))
            (knownSeconds, hasOthers) = (number(3), number(4) != 0)
            guard end > since else { continue }
            let isRead = try row.withUnsafeData(atIndex: 5) { body in
                body?.withUnsafeBytes { read($0.bindMemory(to: UInt8.self)) } ?? false
            }
            if isRead { visit(self) }
        }
    }
}
