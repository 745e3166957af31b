// SPDX-License-Identifier: Apache-2.0
//
// A real database as a collector uses it all its life: devices on lines of their own, gathering, retention, restarts, questions.

import Foundation
import GRDB
import HeapHistory
import Logging
import Synchronization
import Testing

@testable import DallocCollector

final class LivedStore {
    /// The machine's clocks, which a test may set.
    final class Clock: Sendable {
        private let state = Mutex((wall: LivedStore.start.microseconds, uptime: Int64(1_000_000)))

        var now: Timestamp { Timestamp(microseconds: state.withLock(\.wall)) }
        var uptime: Int64 { state.withLock(\.uptime) }

        func pass(_ microseconds: Int64) {
            state.withLock {
                $0.wall = $0.wall.addingClamped(microseconds)
                $0.uptime = $0.uptime.addingClamped(microseconds)
            }
        }

        /// Somebody sets the wall clock.
        func step(_ microseconds: Int64) { state.withLock { $0.wall = $0.wall.addingClamped(microseconds) } }
    }

    static let start = RecordedHistory.start

    let path: String
    let clock = Clock()
    private(set) var store: HistoryStore
    private(set) var metrics = IngestMetrics()
    var query: HistoryQuery { HistoryQuery(store: store) { _ in false } }

    init() throws {
        path = NSTemporaryDirectory() + "dalloc-\(UUID().uuidString).sqlite"
        store = try Self.open(path, clock)
    }

    private static func open(_ path: String, _ clock: Clock) throws -> HistoryStore {
        let time = WallClock.Source(
            wall: { clock.now.microseconds }, uptime: { clock.uptime }, machineBoot: "test")
        return try HistoryStore(
            path: path, durability: .process,
            logger: Logger(label: "dalloc-collector") { _ in SwiftLogNoOpLogHandler() }, time: time)
    }

    deinit {
        try? store.close()
        for suffix in ["", "-wal", "-shm", "-lock", "-inhand", "-reserve", "-copy"] {
            try? FileManager.default.removeItem(atPath: path + suffix)
        }
    }

    func restart() throws {
        try store.close()
        store = try Self.open(path, clock)
        metrics = IngestMetrics()
    }

    /// Gathers all that has come: nothing may be left.
    func gather() async throws {
        try await ChunkWriter(store: store).gather()
        let left = try await store.pool.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM arrivals") }
        #expect(left == 0, "arrivals are drained")
        #expect(store.arrivals.extent.bytes == 0, "arrivals are drained")
    }

    /// Somebody set the clock, and the collector looks at it. Connections that were open have to greet anew.
    func step(_ microseconds: Int64) async throws {
        clock.step(microseconds)
        try await store.lookAtClock()
    }

    /// Rows of each table that grows with what devices send.
    func rows() async throws -> [String: Int] {
        try await store.pool.read { db in
            var rows: [String: Int] = [:]
            for table in ["arrivals", "chunks", "minutes", "hours", "gaps", "clocks", "kept_frames", "boots", "heaps"] {
                rows[table] = try Int.fetchOne(db, sql: "SELECT count(*) FROM \(table)")
            }
            return rows
        }
    }

    func retain(_ policy: RetentionPolicy, at now: Timestamp) async throws {
        try await Retention(store: store, policy: policy).sweep(at: now) {}
    }

    /// What the API's `/metrics` answers.
    func figures() async -> String {
        let registry = DeviceRegistry(log: PeerLog(logger: store.logger), history: store)
        let connections = APIConnections(limits: APILimits(), logger: store.logger)
        let report = MetricsReport(metrics: metrics, store: store, registry: registry, connections: connections)
        return PrometheusText.render(await report.families())
    }

    /// A copy made beside the running store, and what `check` finds in the store and in the copy.
    func checkAndBackUp() throws -> [String] {
        let copy = path + "-copy"
        defer { try? FileManager.default.removeItem(atPath: copy) }
        _ = try HistoryBackup.copy(path, to: copy)
        return try HistoryCheck(path: path).findings + HistoryCheck(path: copy).findings
    }
}
