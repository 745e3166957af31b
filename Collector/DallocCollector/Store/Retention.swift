// SPDX-License-Identifier: Apache-2.0
//
// Removes what is older than the retention policy allows, and returns its space, in steps of some milliseconds: ingestion waits for one at
// most.

internal import GRDB
internal import HeapHistory
internal import Logging

struct Retention: Sendable {
    let store: HistoryStore
    let policy: RetentionPolicy

    /// What one transaction takes: chunks of 64 KB, heaps whose rows are looked through, pages that are given back.
    private static let chunks = 32
    private static let heaps = 200
    private static let pages = 512
    /// By how much a boot is later than its times say, as far as retention knows: the clock was slow then, and what it dated is younger.
    private static let lag = "max(0, boots.entered - boots.anchor_time)"
    /// A boot that has reported within a day may be going on, whatever the policy.
    private static let shortestBoot: Int64 = 86_400_000_000

    /// Everything that is due now.
    /// - Parameter rest: called between two steps.
    func sweep(at now: Timestamp, rest: @Sendable () async throws -> Void) async throws {
        var steps = try await mostSteps(before: now.microseconds &- policy.detail)
        while steps > 0, try await removeChunks(before: now.microseconds &- policy.detail) {
            steps -= 1
            try await rest()
        }
        var heap: Int64 = 0
        while let last = try await removeRows(of: heap, at: now) {
            heap = last
            try await rest()
        }
        while try await removeBoots(before: now.microseconds &- max(policy.hours, Self.shortestBoot)) {
            try await rest()
        }
        while try await giveBack(all: store.pause.cause != nil) { try await rest() }
    }

    /// The most that one sweep may remove, so that a mistake shows before all is gone: a tenth of all chunks, or a thousand. A
    /// full disk has no such time. What is due is logged first.
    private func mostSteps(before time: Int64) async throws -> Int {
        let (due, all) = try await store.read { db in
            let due = try Int.fetchOne(
                db.cachedStatement(
                    sql: "SELECT count(*) FROM (SELECT 1 FROM chunks WHERE last_time < ? LIMIT 1000000)"),
                arguments: [time])
            // Near enough: rows are numbered in the order in which they came.
            let all = try Int.fetchOne(db, sql: "SELECT coalesce(max(id) - min(id) + 1, 0) FROM chunks")
            return (due ?? 0, all ?? 0)
        }
        guard due > 0 else { return 1 }
        let most = store.pause.cause == nil ? max(all / 10, 1000) : Int.max
        if due > all / 10, all > 1000 {
            store.logger.notice(
                "a large part of the history is older than it is to be kept: it is removed bit by bit",
                metadata: [
                    "chunks": "\(due)", "all": "\(all)", "before": "\(Timestamp(microseconds: time))",
                    "clock": "\(Timestamp.now)",
                ])
        }
        return most / Self.chunks + 1
    }

    /// True when there are more.
    private func removeChunks(before time: Int64) async throws -> Bool {
        try await store.pool.write { db in
            try db.cachedStatement(
                sql: """
                    DELETE FROM chunks WHERE id IN (
                        SELECT chunks.id FROM chunks JOIN heaps ON heaps.id = heap_id JOIN boots ON boots.id = boot_id
                        WHERE chunks.last_time < ?1 AND chunks.last_time + \(Self.lag) < ?1
                        ORDER BY chunks.last_time LIMIT \(Self.chunks))
                    """
            ).execute(arguments: [time])
            let removed = db.changesCount
            try db.cachedStatement(
                sql: """
                    DELETE FROM kept_frames WHERE id IN (
                        SELECT id FROM kept_frames WHERE time < ? ORDER BY id LIMIT \(Self.chunks))
                    """
            ).execute(arguments: [time])
            return max(removed, db.changesCount) == Self.chunks
        }
    }

    /// Looks through the next heaps after `heap`. Returns the last of them; nil when there are none.
    private func removeRows(of heap: Int64, at now: Timestamp) async throws -> Int64? {
        let ids = try await store.pool.read { db in
            try Int64.fetchAll(
                db.cachedStatement(sql: "SELECT id FROM heaps WHERE id > ? ORDER BY id LIMIT \(Self.heaps)"),
                arguments: [heap])
        }
        guard let last = ids.last else { return nil }
        let (minutes, hours) = (now.microseconds &- policy.minutes, now.microseconds &- policy.hours)
        do {
            try await removeRows(of: ids, minutes: minutes, hours: hours)
        } catch let error where ChunkWriter.isPoison(error) {
            for id in ids {
                do {
                    try await removeRows(of: [id], minutes: minutes, hours: hours)
                } catch let error where ChunkWriter.isPoison(error) {
                    store.logger.error(
                        "old figures of a heap can't be removed; those of all others are",
                        metadata: ["heap": "\(id)", "error": "\(error)"])
                }
            }
        }
        return last
    }

    private func removeRows(of heaps: [Int64], minutes: Int64, hours: Int64) async throws {
        let workInProgress = store.workInProgress
        try await store.pool.write { db in
            for id in heaps {
                let lag =
                    try Int64.fetchOne(
                        db.cachedStatement(
                            sql: "SELECT \(Self.lag) FROM heaps JOIN boots ON boots.id = boot_id WHERE heaps.id = ?"),
                        arguments: [id]) ?? 0
                try workInProgress.hold(.retention, "\(id)") {
                    try db.cachedStatement(sql: "DELETE FROM minutes WHERE heap_id = ? AND time < ?")
                        .execute(arguments: [id, minutes &- lag])
                    try db.cachedStatement(sql: "DELETE FROM hours WHERE heap_id = ? AND time < ?")
                        .execute(arguments: [id, hours &- lag])
                    try db.cachedStatement(sql: "DELETE FROM days WHERE heap_id = ? AND time < ?")
                        .execute(arguments: [id, hours &- lag &- GroupPeriod.day])
                    try db.cachedStatement(sql: "DELETE FROM group_periods WHERE heap_id = ? AND time < ?")
                        .execute(arguments: [id, hours &- lag &- GroupPeriod.day])
                    try db.cachedStatement(sql: "DELETE FROM open_groups WHERE heap_id = ? AND time < ?")
                        .execute(arguments: [id, hours &- lag &- GroupPeriod.day])
                    try db.cachedStatement(sql: "DELETE FROM gaps WHERE heap_id = ? AND end_time < ?")
                        .execute(arguments: [id, hours &- lag])
                }
            }
        }
    }

    /// Boots of which nothing is left, and devices without a boot. True when there may be more.
    private func removeBoots(before time: Int64) async throws -> Bool {
        let (directory, arrivals) = (store.directory, store.arrivals)
        return try await store.pool.write { db in
            let removed = try Int64.fetchAll(
                db.cachedStatement(
                    sql: """
                        DELETE FROM boots WHERE id IN (
                            SELECT id FROM boots WHERE last_seen + \(Self.lag) < ?1
                                AND NOT EXISTS (
                                    SELECT 1 FROM heaps WHERE boot_id = boots.id AND (
                                        EXISTS (SELECT 1 FROM chunks WHERE heap_id = heaps.id)
                                        OR EXISTS (SELECT 1 FROM hours WHERE heap_id = heaps.id)))
                            LIMIT \(Self.heaps))
                        RETURNING device_id
                        """), arguments: [time])
            try db.cachedStatement(
                sql: """
                    DELETE FROM devices WHERE last_seen < ?
                        AND NOT EXISTS (SELECT 1 FROM boots WHERE device_id = devices.id)
                    """
            ).execute(arguments: [time])
            for device in Set(removed) { try directory.refresh(device, db) { arrivals.figures() } }
            return removed.count == Self.heaps
        }
    }

    /// Makes the file shorter while a twentieth of it is free. True when there is more to give back.
    private func giveBack(all: Bool) async throws -> Bool {
        try await store.pool.write { db in
            let free = try Int.fetchOne(db, sql: "PRAGMA freelist_count") ?? 0
            let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
            // What gathering and the next frames need stays.
            guard free > (all ? 0 : 4096 + pages / 20) else { return false }
            try db.execute(sql: "PRAGMA incremental_vacuum(\(Self.pages))")
            return true
        }
    }
}
