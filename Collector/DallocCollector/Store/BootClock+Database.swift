// SPDX-License-Identifier: Apache-2.0
//
// How a device's clock runs, in the database.

internal import GRDB
internal import HeapHistory

extension ClockSegment {
    func insert(_ db: Database, boot: Int64) throws {
        try db.cachedStatement(sql: "INSERT OR IGNORE INTO clocks (boot_id, tick, time, drift) VALUES (?, ?, ?, ?)")
            .execute(arguments: [boot, Int64(clamping: tick), time.microseconds, drift])
    }
}

extension BootClock {
    /// - Parameter row: of the table `boots`, with its id as `boot_id`.
    init(_ db: Database, _ row: Row) throws {
        self.init(
            ticksPerSecond: max(1, row.narrow("ticks_per_second")), anchorTick: row.narrow("anchor_tick"),
            anchorTime: Timestamp(microseconds: row["anchor_time"]))
        let rows = try Row.fetchAll(
            db.cachedStatement(sql: "SELECT tick, time, drift FROM clocks WHERE boot_id = ? ORDER BY tick"),
            arguments: [row["boot_id"] as Int64])
        for row in rows {
            append(
                ClockSegment(
                    tick: row.narrow("tick"), time: Timestamp(microseconds: row["time"]),
                    drift: row["drift"]))
        }
    }
}
