// SPDX-License-Identifier: Apache-2.0
//
// What is too old goes, its space too, and nothing else.

import Foundation
import GRDB
import HeapHistory
import Testing

@testable import DallocCollector

struct RetentionTests {
    private static let minute: Int64 = 60_000_000
    private static let hour: Int64 = 60 * minute

    private func sweep(_ history: RecordedHistory, detail: Int64, minutes: Int64, hours: Int64, at now: Timestamp)
        async throws
    {
        let policy = RetentionPolicy(detail: detail, minutes: minutes, hours: hours)
        try await Retention(store: history.store, policy: policy).sweep(at: now) {}
    }

    /// A frame a minute for ten hours, gathered.
    private func tenHours() async throws -> (RecordedHistory, ScriptedDevice) {
        let history = try RecordedHistory(gatherEvery: 30)
        try await history.greet(ScriptedDevice.hello())
        var device = ScriptedDevice()
        for number in 0..<600 {
            device.tick = 1000 + UInt64(number) * 60_000
            device.allocate(UInt32(number % 50 + 1), owner: 8)
            if device.blocks.count > 20 { device.free(0) }
            try await history.receive(number % 100 == 0 ? device.keyframe() : device.delta())
        }
        return (history, device)
    }

    @Test func eachLevelEndsWhereItIsToldTo() async throws {
        let (history, device) = try await tenHours()
        let end = RecordedHistory.time(1000 + 600 * 60_000)
        try await sweep(history, detail: 2 * Self.hour, minutes: 5 * Self.hour, hours: 8 * Self.hour, at: end)
        let (chunks, minutes, hours) = try await history.store.pool.read { db in
            (
                try Int64.fetchOne(db, sql: "SELECT min(last_time) FROM chunks") ?? 0,
                try Int64.fetchOne(db, sql: "SELECT min(time) FROM minutes") ?? 0,
                try Int64.fetchOne(db, sql: "SELECT min(time) FROM hours") ?? 0
            )
        }
        for (first, kept) in [(chunks, 2 * Self.hour), (minutes, 5 * Self.hour), (hours, 8 * Self.hour)] {
            let oldest = end.microseconds - kept
            #expect(first >= oldest)
            #expect(first < oldest + Self.hour, "no more than that")
        }
        #expect(try await history.snapshot(.sequence(600)).blocks == device.blocks)
        let early = await #expect(throws: Problem.self) { try await history.snapshot(.sequence(10)) }
        #expect(early?.code == .notFound)
        // Fine steps of a time of which only minutes are left.
        let usage = try await history.query.history(
            device: "pump", heap: nil, since: Timestamp(microseconds: end.microseconds - 10 * Self.hour), until: end,
            stepMicroseconds: 5_000_000)
        #expect((290...310).contains(usage.points.count), "five hours of minutes")
        #expect(usage.points.map(\.allocated).reduce(0, +) == usage.points.count)
    }

    @Test func aHistoryThatHasLostItsBeginningSaysSoUntilATableIsThereAgain() async throws {
        let (history, _) = try await tenHours()
        // Only the chunk with the first table goes.
        let first = try await history.store.pool.write { db in
            try db.execute(sql: "DELETE FROM chunks WHERE id = (SELECT min(id) FROM chunks)")
            return try Int.fetchOne(db, sql: "SELECT min(first_sequence) FROM chunks") ?? 0
        }
        try #require(first % 100 != 1 && first < 500, "it begins between two tables")
        let problem = await #expect(throws: Problem.self) { try await history.snapshot(.sequence(UInt32(first))) }
        #expect(problem?.message.contains("no longer kept") == true)
        let later = (first / 100 + 1) * 100 + 10
        #expect(try await history.snapshot(.sequence(UInt32(later))).sequence == later, "after the next keyframe")
    }

    @Test func spaceIsGivenBack() async throws {
        let history = try RecordedHistory()
        try await history.greet(ScriptedDevice.hello())
        try await history.store.pool.write { db in
            for number in 1...1000 {
                try db.execute(
                    sql: "INSERT INTO chunks VALUES (NULL, 1, ?, ?, 5, 6, 1, zeroblob(60000))",
                    arguments: [number, number])
            }
        }
        let before = try await pages(history)
        try await sweep(history, detail: 1, minutes: 1, hours: 1, at: RecordedHistory.start)
        #expect(try await history.store.pool.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM chunks") } == 0)
        #expect(try await pages(history) < before / 2)
        let check = try await history.store.pool.read { try String.fetchOne($0, sql: "PRAGMA integrity_check") }
        #expect(check == "ok")
    }

    private func pages(_ history: RecordedHistory) async throws -> Int {
        try await history.store.pool.read { try Int.fetchOne($0, sql: "PRAGMA page_count") ?? 0 }
    }

    @Test func devicesThatWereSilentForLongAreForgotten() async throws {
        let history = try RecordedHistory()
        try await history.greet(ScriptedDevice.hello())
        var device = ScriptedDevice()
        try await history.receive(device.keyframe())
        let later = Timestamp(microseconds: RecordedHistory.start.microseconds + 100 * 24 * Self.hour)
        try await history.greet(ScriptedDevice.hello(device: "other"), at: later)
        try await ChunkWriter(store: history.store).gather()
        try await sweep(
            history, detail: Self.hour, minutes: Self.hour, hours: Self.hour, at: later)
        let names = try await history.store.pool.read { try String.fetchAll($0, sql: "SELECT name FROM devices") }
        #expect(names == ["other"])
        let left = try await history.store.pool.read { db in
            try ["heaps", "clocks", "chunks", "minutes", "hours"].map {
                try Int.fetchOne(db, sql: "SELECT count(*) FROM \($0)") ?? 0
            }
        }
        #expect(left == [1, 0, 0, 0, 0])
    }

    @Test func aFullDiskDelaysAndLosesNothing() async throws {
        let history = try RecordedHistory()
        try await history.greet(ScriptedDevice.hello())
        var device = ScriptedDevice()
        try await history.receive(device.keyframe())
        let pool = history.store.pool
        // SQLite's own limit ends as a disk does that is full.
        try await pool.writeWithoutTransaction { db in
            let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
            try db.execute(sql: "PRAGMA max_page_count = \(pages + 2)")
        }
        let frames = (0..<200).map { number -> [UInt8] in
            device.tick += 10
            for _ in 0..<10 { device.allocate(8, owner: UInt64(number + 1) << 12) }
            while device.blocks.count > 10 { device.free(0) }
            return device.delta()
        }
        let (store, query) = (history.store, history.query)
        let operations = Task {
            while store.pause.cause == nil { try await Task.sleep(for: .milliseconds(5)) }
            let devices = query.devices(connected: []).devices.count
            let stored = try await store.pool.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM arrivals") ?? 0 }
            try await store.pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA max_page_count = 1000000") }
            return (devices, stored)
        }
        for frame in frames { try await history.receive(frame) }
        let (devices, stored) = try await operations.value
        #expect(devices == 1, "questions are answered meanwhile")
        #expect(stored < 200)
        // It stays until writes have succeeded for a while: monitoring must not flap.
        #expect(history.store.pause.cause?.contains("full") == true)
        #expect(try await pool.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM arrivals") } == 201)
        #expect(try await history.snapshot(.sequence(201)).blocks == device.blocks)
    }
}
