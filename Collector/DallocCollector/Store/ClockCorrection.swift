// What a step of the collector's clock changes in the store. Boots that were anchored by a clock that was wrong are moved as a whole, so
// nothing in them changes its place; a clock that is set back ends the boots that are open, because their times can't go back.

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
        for change in [
            "boots SET anchor_time = anchor_time + ?1, last_seen = last_seen + ?1 WHERE id IN (\(boots))",
            "heaps SET first_time = first_time + ?1, last_time = last_time + ?1 WHERE id IN (\(heaps))",
            "gaps SET start_time = start_time + ?1, end_time = end_time + ?1 WHERE heap_id IN (\(heaps))",
            "arrivals SET time = time + ?1 WHERE heap_id IN (\(heaps))",
            // The body of a chunk has times since the first.
            "chunks SET first_time = first_time + ?1, last_time = last_time + ?1 WHERE heap_id IN (\(heaps))",
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
            // The first that the minute or hour may be now: rows stay apart.
            let shift = distance - distance.flooredRemainder(level.length)
            let columns = """
                heap_id, time + \(shift), used, allocations, peak, allocated, freed, failures, moves, bytes_moved, lost, frames
                """
            try moveKeys(level.rawValue, key: "heap_id", columns: columns, in: heaps, row, db)
        }
        return moved
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

    /// Says of all that boots after a row have stored that nobody knows when it was.
    static func mark(bootsAfter row: Int64, _ db: Database) throws {
        try db.execute(
            sql: """
                INSERT OR REPLACE INTO gaps (heap_id, start_sequence, start_time, end_sequence, end_time, cause)
                SELECT id, 0, NULL, NULL, NULL, 'clock_step' FROM heaps WHERE boot_id > ?
                """, arguments: [row])
        try db.execute(sql: "UPDATE boots SET is_closed = 1 WHERE id > ?", arguments: [row])
    }

    /// What devices go on to send of their present boots is another run.
    static func closeBoots(_ db: Database) throws {
        try db.execute(sql: "UPDATE boots SET is_closed = 1 WHERE id IN (SELECT max(id) FROM boots GROUP BY device_id)")
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
        if step.correctsBoots {
            let moved = try await commits.commit {
                try ClockCorrection.move(bootsAfter: step.after, by: step.distance, $0)
            }
            tail.move(Set(moved.heaps), by: step.distance)
            let tail = tail
            try await pool.read { [fleet] db in
                for device in moved.devices { try fleet.refresh(device, db) { tail.figures() } }
            }
        } else if step.distance < -WallClock.longestSlew {
            try await commits.commit { try ClockCorrection.closeBoots($0) }
        }
        try await writeLedger()
    }

    /// Writes down what the next process must know of the clock.
    func writeLedger() async throws {
        let clock = clock
        try await commits.commit { try clock.ledger(Ledger($0)).writeClock($0) }
    }
}
