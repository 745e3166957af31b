// SPDX-License-Identifier: Apache-2.0
//
// Moves frames from the arrivals into chunks and rollups, heap by heap in small transactions, so that the history of a heap stands
// together and ingestion goes on meanwhile. Each step can be the last: what is in both places counts once. The blocks of a heap are
// counted by group before the transaction, as that takes the most time.

internal import GRDB
internal import HeapHistory
internal import Synchronization

struct ChunkWriter: Sendable {
    let store: HistoryStore

    /// Bytes of arrivals that are taken at a time, and that one transaction writes.
    private static let portion = 16_777_216
    private static let step = 1_048_576
    private static let rowsPerDelete: Int64 = 4096

    /// The size and the age from which arrivals are gathered.
    static let mostBytes = 16_777_216
    static let longestWait: Int64 = 600_000_000

    var isDue: Bool {
        let (bytes, oldest) = store.arrivals.extent
        guard let oldest else { return false }
        return bytes >= Self.mostBytes || Timestamp.now.microseconds(since: oldest) >= Self.longestWait
    }

    /// Gathers all frames that are stored now.
    /// - Parameter room: bytes of the disk that it may use for a moment: there are two copies of these frames.
    func gather(room: Int = ChunkWriter.portion) async throws {
        let end = try await store.pool.read { try Int64.fetchOne($0, sql: "SELECT max(id) FROM arrivals") } ?? 0
        while true {
            let next = try await store.pool.read { try Portion($0, through: end, bytes: min(room, Self.portion)) }
            guard let portion = next else { break }
            let seen = store.arrivals.heaps(portion.heaps.keys).mapValues(\.figures.seen)
            var isWhole = true
            for heaps in portion.steps(bytes: Self.step) where isWhole {
                isWhole = try await gather(heaps, of: portion, seen: seen)
            }
            if !isWhole { continue }
            try await delete(through: portion.lastID)
            store.arrivals.drop(through: portion.lastID, at: .now)
            if room < Self.portion { try await store.emptyLog() }
        }
    }

    /// When one heap's frames can't be gathered, the others' are. False when what was read has changed meanwhile.
    private func gather(
        _ heaps: [Int64], of portion: Portion, seen: [Int64: Timestamp]
    ) async throws -> Bool {
        do {
            return try await write(heaps, of: portion, seen: seen)
        } catch let error where Self.isPoison(error) {
            for heap in heaps {
                do {
                    guard try await write([heap], of: portion, seen: seen) else { return false }
                } catch let error where Self.isPoison(error) {
                    try await store.setAside(heap, through: portion.lastID, after: error)
                }
            }
            return true
        }
    }

    private func write(
        _ heaps: [Int64], of portion: Portion, seen: [Int64: Timestamp]
    ) async throws -> Bool {
        let groups = try await countGroups(heaps, of: portion)
        return try await store.pool.write { [store] db in
            // Another heap may have the number of one that was removed; times may have been corrected.
            guard try Ledger.revision(db) == portion.revision else { return false }
            for heap in heaps {
                if store.quarantine.has(heap: heap) {
                    try Quarantine.keep(heap, through: portion.lastID, db)
                    continue
                }
                try store.workInProgress.hold(.gathering, "\(heap)") {
                    try Self.write(portion.heaps[heap] ?? [], of: heap, groups[heap], seen: seen[heap], db)
                }
            }
            return true
        }
    }

    /// True when the frames themselves caused the failure, not the disk or the file: the same would fail again.
    static func isPoison(_ error: any Error) -> Bool {
        if error is CancellationError { return false }
        guard let error = error as? DatabaseError else { return true }
        return !WritePause.isPassing(error) && !Damage.isDamage(error) && error.resultCode != .SQLITE_INTERRUPT
            && error.resultCode != .SQLITE_ABORT
    }

    private func countGroups(_ heaps: [Int64], of portion: Portion) async throws -> [Int64: GatheredGroups] {
        var groups: [Int64: GatheredGroups] = [:]
        for heap in heaps where !store.quarantine.has(heap: heap) {
            let stored = try await store.read { try StoredGroups($0, heap: heap) }
            guard let stored else { continue }
            groups[heap] = store.workInProgress.hold(.gathering, "\(heap)") {
                GatheredGroups(portion.heaps[heap] ?? [], after: stored)
            }
        }
        return groups
    }

    private static func write(
        _ records: [FrameRecord], of heapID: Int64, _ groups: GatheredGroups?, seen: Timestamp?, _ db: Database
    ) throws {
        let heap = try Row.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT boot_id, device_id, heaps.last_sequence FROM heaps JOIN boots ON boots.id = boot_id
                    WHERE heaps.id = ?
                    """), arguments: [heapID])
        guard let heap else { return }
        let (boot, device): (Int64, Int64) = (heap["boot_id"], heap["device_id"])
        let gathered: UInt32 = heap.narrow("last_sequence")
        let new = records.filter { $0.frame.sequence > gathered }
        guard let last = new.last else { return }
        try Chunk.store(new.map(\.frame), of: heapID, db)
        for level in Rollup.Level.allCases {
            for row in Rollup.rows(new, level) { try row.write(db, heapID: heapID, level) }
        }
        if let groups, groups.after == gathered { try groups.write(db, heapID: heapID) }
        if gathered == 0 { try StoredGroups.close(before: boot, of: device, db) }
        let (known, peak) = (new.last { $0.figures != nil }?.figures, new.compactMap(\.figures?.peak).max())
        try db.cachedStatement(
            sql: """
                UPDATE heaps SET last_sequence = ?, last_time = ?, used = coalesce(?, used),
                    live_blocks = coalesce(?, live_blocks), peak = max(peak, coalesce(?, 0))
                WHERE id = ?
                """
        ).execute(arguments: [
            Int64(last.frame.sequence), last.frame.time.microseconds, known?.used, known?.liveBlocks, peak, heapID,
        ])
        let time = (seen ?? last.frame.time).microseconds
        try db.cachedStatement(
            sql: "UPDATE boots SET last_sequence = max(last_sequence, ?), last_seen = max(last_seen, ?) WHERE id = ?"
        ).execute(arguments: [Int64(last.frame.sequence), time, boot])
        try db.cachedStatement(
            sql: "UPDATE devices SET last_seen = max(last_seen, ?) WHERE id = ?"
        ).execute(arguments: [time, device])
    }

    private func delete(through last: Int64) async throws {
        let first = try await store.pool.read { try Int64.fetchOne($0, sql: "SELECT min(id) FROM arrivals") }
        var id = (first ?? last).subtractingClamped(1)
        while id < last {
            id = min(id.addingClamped(Self.rowsPerDelete), last)
            let through = id
            try await store.pool.write { db in
                try db.cachedStatement(sql: "DELETE FROM arrivals WHERE id <= ?").execute(arguments: [through])
                try Ledger.noteGathered(through: through, db)
            }
        }
    }
}

/// Arrivals from the oldest on, sorted by heap.
private struct Portion: Sendable {
    private(set) var heaps: [Int64: [FrameRecord]] = [:]
    private(set) var lastID: Int64 = 0
    /// Of the database that they were read from.
    let revision: [Int64]

    /// Nil when there are none up to `end`.
    init?(_ db: Database, through end: Int64, bytes: Int) throws {
        revision = try Ledger.revision(db)
        let rows = try Row.fetchCursor(
            db.cachedStatement(sql: "SELECT * FROM arrivals WHERE id <= ? ORDER BY id"), arguments: [end])
        var size = 0
        while size < bytes, let row = try rows.next() {
            let record = FrameRecord(row)
            lastID = row["id"]
            size += record.frame.payload.count + 64
            heaps[record.heapID, default: []].append(record)
        }
        if lastID == 0 { return nil }
    }

    /// The heaps, in groups whose frames take about `bytes` bytes.
    func steps(bytes: Int) -> [[Int64]] {
        var steps: [[Int64]] = []
        var size = bytes
        for heap in heaps.keys.sorted() {
            if size >= bytes {
                steps.append([])
                size = 0
            }
            steps[steps.count - 1].append(heap)
            size += heaps[heap]?.reduce(0) { $0 + $1.frame.payload.count + 64 } ?? 0
        }
        return steps
    }
}
