// SPDX-License-Identifier: Apache-2.0
//
// The store by itself.

import Foundation
import GRDB
import HeapHistory
import HeapReplica
import HeapWire
import Testing

@testable import DallocCollector

struct StoreTests {
    @Test(arguments: [(Durability.power, 2), (.process, 1)])
    func commitsSurviveWhatTheyAreSaidTo(durability: Durability, synchronous: Int) async throws {
        let path = NSTemporaryDirectory() + "dalloc-\(UUID().uuidString).sqlite"
        defer {
            for suffix in ["", "-wal", "-shm", "-lock"] { try? FileManager.default.removeItem(atPath: path + suffix) }
        }
        let store = try HistoryStore(path: path, durability: durability)
        // https://www.sqlite.org/pragma.html#pragma_synchronous
        let found = try await store.pool.writeWithoutTransaction { try Int.fetchOne($0, sql: "PRAGMA synchronous") }
        #expect(found == synchronous)
        try store.close()
    }

    @Test func aDatabaseFromBeforeDetailsHasThemAfterAStart() async throws {
        let history = try RecordedHistory()
        try await history.greet(ScriptedDevice.hello())
        #expect(history.store.detail(of: "pump") == nil)
        try await history.store.pool.write { db in
            try db.execute(
                sql: "ALTER TABLE devices DROP COLUMN detail; DELETE FROM grdb_migrations WHERE identifier = 'detail'")
        }
        try history.store.close()
        let store = try HistoryStore(path: history.path)
        #expect(store.detail(of: "pump") == nil)
        try await store.want(.summary, of: "pump")
        #expect(store.detail(of: "pump") == .summary)
        await #expect(throws: Problem.self) { try await store.want(.summary, of: "nobody") }
        try store.close()
        let again = try HistoryStore(path: history.path)
        #expect(again.detail(of: "pump") == .summary)
        #expect(try await again.remove("pump"))
        #expect(again.detail(of: "pump") == nil)
        try again.close()
    }

    @Test func aBadChangeDoesNotTakeOthersWithIt() async throws {
        let history = try RecordedHistory()
        let commits = GroupCommit(
            pool: history.store.pool, pause: history.store.pause, damage: history.store.damage,
            identity: FileIdentity(path: history.path))
        let outcomes = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<50 {
                group.addTask {
                    do {
                        try await commits.commit { db in
                            let name = number % 10 == 3 ? "same" : "device \(number)"
                            try db.execute(
                                sql: "INSERT INTO devices (name, first_seen, last_seen) VALUES (?, 0, 0)",
                                arguments: [name])
                        }
                        return true
                    } catch {
                        return false
                    }
                }
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(outcomes == 46, "45 of their own, and one of the five that share a name")
        let stored = try await history.store.pool.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM devices") }
        #expect(stored == 46)
    }

    @Test func checkpointsRestoreTheWholeTable() throws {
        let table = ReplicaTable(layout: ScriptedDevice.layout)
        var device = ScriptedDevice()
        #expect(try table.apply(device.keyframe()) == .exact)
        for number in 0..<30 { device.allocate(UInt32(number + 1), owner: UInt64(0xFFFF_0000 - number * 40)) }
        device.free(3)
        #expect(try table.apply(device.delta()) == .exact)
        let bytes = Checkpoint.encode(table.replica)
        let restored = ReplicaTable(layout: ScriptedDevice.layout)
        #expect(Checkpoint.restore(bytes, into: restored))
        #expect((0..<29).allSatisfy { restored.replica[$0] == table.replica[$0] })
        device.free(10)
        #expect(try restored.apply(device.delta()) == .exact, "and it goes on exactly")
        for length in 0..<bytes.count {
            #expect(!Checkpoint.restore(Array(bytes[..<length]), into: restored), "cut at \(length)")
        }
    }

    @Test(arguments: [(1000, 2_000, 1), (1000, 0, -1), (3, 1001, 333_333)])
    func ticksBecomeTimes(rate: UInt32, tick: UInt64, expected: Int64) {
        let clock = BootClock(
            ticksPerSecond: rate, anchorTick: 1000, anchorTime: Timestamp(microseconds: 5_000_000))
        let elapsed = expected == 333_333 ? expected : expected * 1_000_000
        #expect(clock.time(of: tick).microseconds == 5_000_000 + elapsed)
    }

    @Test func extremeTicksStayInRange() {
        let clock = BootClock(
            ticksPerSecond: 1, anchorTick: 0, anchorTime: Timestamp(microseconds: Int64.max))
        #expect(clock.time(of: WireLimits.tick) > Timestamp(microseconds: 0))
        #expect(!clock.time(of: WireLimits.tick).description.isEmpty)
    }

    @Test func theSchemaExplainsItself() async throws {
        let history = try RecordedHistory()
        let (schema, integrity, synchronous, vacuum) = try await history.store.pool.read { db in
            (
                try String.fetchAll(db, sql: "SELECT sql FROM sqlite_master WHERE type IN ('table', 'view')"),
                try String.fetchOne(db, sql: "PRAGMA integrity_check"),
                try Int.fetchOne(db, sql: "PRAGMA synchronous"), try Int.fetchOne(db, sql: "PRAGMA auto_vacuum")
            )
        }
        for table in [
            "devices", "boots", "clocks", "heaps", "arrivals", "chunks", "minutes", "hours", "gaps", "usage",
            "usage_by_hour",
        ] {
            let statement = schema.first { $0.contains(" \(table) ") }
            #expect(statement?.contains("--") == true, "\(table) has comments")
        }
        #expect(integrity == "ok")
        #expect(vacuum == 2, "space can be given back")
        #expect(synchronous == 2, "what is acknowledged survives a power cut")
    }
}
