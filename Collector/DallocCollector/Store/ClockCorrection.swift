// SPDX-License-Identifier: Apache-2.0
//
// Corrects the store after a step of the collector's clock. Boots that were anchored by a wrong clock are moved as a whole, so
// the order in them stays. When a clock that had proven itself is set far, the open boots end: their times can't go back,
// and what the new clock dates can still be moved if the new clock was wrong.

internal import GRDB
internal import HeapHistory
internal import Logging

enum ClockCorrection {
    /// Moves all that boots after a row have stored. Returns their devices and heaps.
    static func move(bootsAfter row: Int64, by distance: Int64, _ db: Database) throws -> (
        devices: [Int64], heaps: [Int64]
    ) {
        let boots = "SELECT id FROM boots WHERE id > ?2"
        let heaps = "SELECT id FROM heaps WHERE boot_id > ?2"
        let moved = try (
            devices: Int64.fetchAll(
                db, sql: "SELECT DISTINCT device_id FROM boots WHERE id > ?", arguments: [row]),
            heaps: Int64.fetchAll(db, sql: "SELECT id FROM heaps WHERE boot_id > ?", arguments: [row])
        )
        let hours = rounded(distance, to: GroupPeriod.hour)
        for change in [
            "boots SET anchor_time = anchor_time + ?1, last_seen = last_seen + ?1 WHERE id IN (\(boots))",
            "heaps SET first_time = first_time + ?1, last_time = last_time + ?1 WHERE id IN (\(heaps))",
            "gaps SET start_time = start_time + ?1, end_time = end_time + ?1 WHERE heap_id IN (\(heaps))",
            "doubtful_times SET start_time = start_time + ?1, end_time = end_time + ?1 WHERE heap_id IN (\(heaps))",
            "arrivals SET time = time + ?1 WHERE heap_id IN (\(heaps))",
            // The body of a chunk has times since the first.
            "chunks SET first_time = first_time + ?1, last_time = last_time + ?1 WHERE heap_id IN (\(heaps))",
            "open_groups SET time = time + \(hours) WHERE heap_id IN (\(heaps))",
            "kept_frames SET time = time + ?1 WHERE heap_id IN (\(heaps))",
            // A device that was there before was not seen later than now; a new one is as old as its boot.
            "devices SET last_seen = last_seen + ?1 WHERE id IN (SELECT device_id FROM boots WHERE id > ?2)",
            """
            devices SET first_seen = first_seen + ?1 WHERE id IN (SELECT device_id FROM boots WHERE id > ?2)
                AND NOT EXISTS (SELECT 1 FROM boots WHERE device_id = devices.id AND id <= ?2)
            """,
        ] {
            try db.execute(sql: "UPDATE " + change, arguments: [distance, row])
        }
        try moveKeys(
            "clocks", key: "boot_id", columns: "boot_id, tick, time + \(distance), drift", in: boots, row, db)
        for level in Rollup.Level.allCases {
            let columns = """
                heap_id, time + \(rounded(distance, to: level.length)), used, live_blocks, peak, allocated, freed, failures, moves,
                bytes_moved, lost, frames
                """
            try moveKeys(level.rawValue, key: "heap_id", columns: columns, in: heaps, row, db)
        }
        let columns = """
            time + \(rounded(distance, to: GroupPeriod.day)), heap_id, used, live_blocks, peak, peak_blocks, allocated, freed, failures,
            moves, bytes_moved, lost, known
            """
        try moveKeys("days", key: "heap_id", columns: columns, in: heaps, row, db)
        let period = "id, heap_id, time + \(hours), hours, point_hours, known, group_count, largest_other, body"
        try moveKeys("group_periods", key: "heap_id", columns: period, in: heaps, row, db)
        return moved
    }

    /// Whole minutes, hours or days, so that rows stay apart; the nearest, so that the way back leads home.
    private static func rounded(_ distance: Int64, to length: Int64) -> Int64 {
        let middle = distance.addingClamped(length / 2)
        return middle.subtractingClamped(middle.flooredRemainder(length))
    }

    /// Rows whose time is a part of their key.
    private static func moveKeys(
        _ table: String, key: String, columns: String, in rows: String, _ row: Int64, _ db: Database
    ) throws {
        let condition = "\(key) IN (\(rows.replacing("?2", with: "?1")))"
        try db.execute(
            sql: "CREATE TEMP TABLE moved AS SELECT \(columns) FROM \(table) WHERE \(condition)", arguments: [row])
        try db.execute(sql: "DELETE FROM \(table) WHERE \(condition)", arguments: [row])
        try db.execute(sql: "INSERT INTO \(table) SELECT * FROM moved; DROP TABLE moved")
    }

    /// Marks the times of some boots as doubtful.
    /// - Parameters:
    ///   - boots: a condition on their ids, where ?1 is `row`.
    ///   - start: times before it are right.
    private static func doubt(
        boots: String, _ row: Int64, from start: Timestamp = Timestamp(microseconds: .min), lastBoot: Int64,
        _ db: Database
    ) throws {
        try db.execute(
            sql: """
                INSERT OR REPLACE INTO doubtful_times
                SELECT id, max(first, ?2), last, ?3 FROM (
                    SELECT id, min(coalesce(first_time, earliest), coalesce(earliest, first_time)) AS first,
                        max(coalesce(last_time, latest), coalesce(latest, last_time)) AS last
                    FROM heaps LEFT JOIN (
                        SELECT heap_id, min(time) AS earliest, max(time) AS latest FROM arrivals GROUP BY heap_id
                    ) ON heap_id = id
                    WHERE boot_id \(boots)
                ) WHERE last > ?2
                """, arguments: [row, start.microseconds, lastBoot])
    }

    /// Marks what a clock has dated that was ahead in the last start of the machine, by an unknown time.
    static func mark(bootsAfter row: Int64, _ db: Database) throws {
        try doubt(boots: "> ?1", row, lastBoot: row, db)
        try db.execute(sql: "UPDATE boots SET is_closed = 1 WHERE id > ?", arguments: [row])
    }

    /// Marks what a wrong clock has dated in an earlier start of the machine.
    static func mark(bootsAfter row: Int64, through last: Int64, _ db: Database) throws {
        try doubt(boots: "> ?1 AND boot_id <= \(last)", row, lastBoot: last, db)
    }

    /// Closes the open boots: what their devices send from now on is another run.
    static func closeBoots(_ db: Database) throws {
        try db.execute(sql: "UPDATE boots SET is_closed = 1 WHERE id IN (SELECT max(id) FROM boots GROUP BY device_id)")
    }

    /// Marks what a proven clock has dated after the moment at which it was set, as the clock is now: one of the two was
    /// wrong, and these times are used twice.
    static func doubt(after start: Timestamp, bootsThrough last: Int64, _ db: Database) throws {
        try db.execute(sql: "DELETE FROM doubtful_times WHERE last_boot = ?", arguments: [last])
        let boots = "IN (SELECT max(id) FROM boots WHERE id <= ?1 GROUP BY device_id)"
        try doubt(boots: boots, last, from: start, lastBoot: last, db)
    }
}

extension HistoryStore {
    /// Looks at the clock, and sets right what a step of it made wrong. Connections whose boots are touched end, and come again.
    func lookAtClock() async throws {
        if let passed = clock.believe() {
            try await commits.commit {
                try $0.execute(sql: "UPDATE boots SET entered = entered + ?", arguments: [passed])
            }
        }
        guard let step = clock.look() else { return }
        // From here on nothing is stored by the clock as it was.
        openBoots.removeAll()
        logger.warning(
            "the collector's clock was set",
            metadata: [
                "seconds": "\(Double(step.distance) / 1_000_000)",
                "consequence": step.correctsBoots
                    ? "what was recorded by it since its last step is moved"
                    : "what was recorded before stays as it is",
            ])
        let (moved, corrections) = try await commits.commit { db in
            try Ledger.noteCorrection(db)
            let corrections = try Ledger.corrections(db)
            if let suspects = step.suspects {
                try ClockCorrection.mark(bootsAfter: suspects, through: step.after, db)
            }
            if let start = step.doubtFrom { try ClockCorrection.doubt(after: start, bootsThrough: step.after, db) }
            if step.correctsBoots {
                return (try ClockCorrection.move(bootsAfter: step.after, by: step.distance, db), corrections)
            }
            if step.distance.magnitude > WallClock.longestSlew.magnitude { try ClockCorrection.closeBoots(db) }
            return ((devices: [], heaps: []), corrections)
        }
        arrivals.move(Set(moved.heaps), by: step.distance, corrections: corrections)
        let arrivals = arrivals
        try await pool.read { [directory] db in
            for device in moved.devices { try directory.refresh(device, db) { arrivals.figures() } }
        }
        try await writeLedger()
    }

    /// Writes down what the next process must know of the clock.
    func writeLedger() async throws {
        let clock = clock
        try await commits.commit { try clock.ledger(Ledger($0)).writeClock($0) }
    }
}
