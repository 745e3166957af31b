// SPDX-License-Identifier: Apache-2.0
//
// Removes a device and its history from the database, in steps of some milliseconds: ingestion waits for one at most. The
// device itself is removed last: when the collector ends before that, the device can be removed again.

internal import GRDB
internal import Synchronization

extension HistoryStore {
    /// What one transaction takes: chunks of 64 KB, and rows.
    private static let chunks = 32
    private static let rows = 4096

    /// The device must not be connected. False when there is none.
    func remove(_ name: String) async throws -> Bool {
        let found = try await read { db in
            try Int64.fetchOne(db, sql: "SELECT id FROM devices WHERE name = ?", arguments: [name])
        }
        guard let device = found else { return false }
        let heaps = try await read { db in
            try Int64.fetchAll(
                db,
                sql: "SELECT heaps.id FROM heaps JOIN boots ON boots.id = heaps.boot_id WHERE boots.device_id = ?",
                arguments: [device])
        }
        // The chunk writer reads again after this: it must not bring back what is removed here.
        try await removeArrivals(of: heaps)
        for heap in heaps {
            while try await removeRows("chunks", key: "id", of: heap, Self.chunks) {}
            while try await removeRows("kept_frames", key: "id", of: heap, Self.chunks) {}
            while try await removeRows("minutes", key: "time", of: heap, Self.rows) {}
            while try await removeRows("hours", key: "time", of: heap, Self.rows) {}
            while try await removeRows("days", key: "time", of: heap, Self.rows) {}
            while try await removeRows("group_periods", key: "id", of: heap, Self.rows) {}
            while try await removeRows("open_groups", key: "heap_id", of: heap, Self.rows) {}
            while try await removeRows("gaps", key: "start_sequence", of: heap, Self.rows) {}
        }
        try await pool.write { [directory, arrivals] db in
            try db.execute(sql: "DELETE FROM devices WHERE id = ?", arguments: [device])
            try directory.refresh(device, db) { arrivals.figures() }
        }
        return true
    }

    private func removeArrivals(of heaps: [Int64]) async throws {
        let rows = arrivals.heaps(heaps).values.flatMap { $0.entries.map(\.id) }
        for start in stride(from: 0, to: rows.count, by: Self.rows) {
            let some = rows[start..<min(start + Self.rows, rows.count)]
            try await pool.write { db in
                for row in some {
                    try db.cachedStatement(sql: "DELETE FROM arrivals WHERE id = ?").execute(arguments: [row])
                }
            }
        }
        try await pool.write { try Ledger.noteRemoval($0) }
        arrivals.drop(heaps: heaps)
    }

    /// True when there may be more.
    private func removeRows(_ table: String, key: String, of heap: Int64, _ count: Int) async throws -> Bool {
        try await pool.write { db in
            try db.cachedStatement(
                sql: """
                    DELETE FROM \(table) WHERE heap_id = ?1 AND \(key) IN (
                        SELECT \(key) FROM \(table) WHERE heap_id = ?1 LIMIT \(count))
                    """
            ).execute(arguments: [heap])
            return db.changesCount == count
        }
    }
}
