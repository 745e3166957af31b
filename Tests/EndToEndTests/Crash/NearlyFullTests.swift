// SPDX-License-Identifier: Apache-2.0
//
// A disk that takes a write now and then, and a reader that makes the database's log grow.

import Foundation
import GRDB
import TestSupport
import Testing

@testable import DallocCollector

@Suite(.serialized) struct NearlyFullTests {
    private func lines(_ collector: RunningCollector, with words: String) -> Int {
        collector.program.errors.split(separator: "\n").count { $0.contains(words) }
    }

    @Test func aDiskThatTakesAWriteNowAndThenIsOnePause() async throws {
        let scratch = try Scratch()
        let faults = try await Faults(scratch)
        let collector = try await RunningCollector(scratch, environment: faults.environment)
        let device = try await NumberedDevice("pump", collector)
        try await device.reportAll()
        for _ in 0..<5 {
            let acknowledged = device.acknowledged
            let refused = faults.refused
            faults.growthFails = ENOSPC
            device.report()
            try await wait(for: "a refusal") { faults.refused > refused }
            try await wait(for: "the pause") { try await collector.get("readyz").1 == 503 }
            faults.growthFails = 0
            try await wait(for: "a write that succeeds") {
                try device.listen()
                return device.acknowledged > acknowledged
            }
            #expect(try await collector.get("readyz").1 == 503, "one write proves nothing")
            #expect(try await collector.metric("dalloc_collector_ready") == 0)
        }
        try await wait(for: "calm") {
            try await device.reportAll()
            return try await collector.get("readyz").1 == 200
        }
        #expect(try await collector.metric("dalloc_collector_ready") == 1)
        #expect(lines(collector, with: "takes no writes") == 1)
        #expect(lines(collector, with: "takes writes again") == 1)
        #expect(try await collector.stop() == 0)
    }

    @Test func aLogThatAReaderHoldsIsToldOfOnceAndEmptiedAfterIt() async throws {
        let collector = try await RunningCollector(Scratch())
        let device = try await NumberedDevice("pump", collector)
        try await device.reportAll()
        // What the test writes has checksums too.
        _ = try DatabaseFile(collector.database)
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        configuration.busyMode = .timeout(10)
        let reader = try DatabaseQueue(path: collector.database, configuration: configuration)
        try reader.unsafeReentrantWrite { db in
            try db.execute(sql: "BEGIN")
            _ = try Int.fetchOne(db, sql: "SELECT count(*) FROM devices")
        }
        let writer = try DatabaseQueue(path: collector.database, configuration: configuration)
        try await writer.write { try $0.execute(sql: "CREATE TABLE filler (bytes)") }
        for _ in 0..<3 {
            try await writer.write { try $0.execute(sql: "INSERT INTO filler VALUES (zeroblob(100000000))") }
        }
        let log = collector.database + "-wal"
        #expect(FileIdentity.bytes(of: log) > 268_435_456)
        try await wait(for: "the warning") { lines(collector, with: "log can't be emptied") > 0 }
        let metric = try await collector.metric("dalloc_collector_database_wal_bytes") ?? 0
        #expect(metric > 268_435_456)
        try await device.reportAll(3)
        try await Task.sleep(for: .seconds(3))
        #expect(lines(collector, with: "log can't be emptied") == 1)
        try reader.unsafeReentrantWrite { try $0.execute(sql: "ROLLBACK") }
        try await wait(for: "the log to be emptied") { FileIdentity.bytes(of: log) < 67_108_865 }
        try await writer.write { try $0.execute(sql: "DROP TABLE filler") }
        try writer.close()
        try reader.close()
        try await device.reportAll()
        #expect(try await collector.stop() == 0)
        #expect(try await collector.check().findings == [])
    }
}
