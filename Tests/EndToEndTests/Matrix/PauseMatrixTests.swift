// SPDX-License-Identifier: Apache-2.0
//
// While a collector can't write, everything else may happen to it: a matrix of causes and events, each with what must hold.

import Foundation
import HeapHistory
import TestSupport
import Testing

@Suite(.serialized) struct PauseMatrixTests {
    /// What must hold in the cells of one cause, in the order in which they happen: exit codes, or whether something is so.
    struct Row: Sendable, CustomTestStringConvertible {
        let cause: PauseCause
        /// Of a backup to a sound disk, and of one to the disk that fails.
        let backup: Int32
        let backupBeside: Int32
        let check: Int32
        /// Of a collector that is started meanwhile; nil when that has nothing to write, and runs.
        let start: Int32?
        let sigterm: Int32
        /// Retention has been given the space that is set apart for it.
        let isReserveReleased: Bool

        var testDescription: String { cause.rawValue }
    }

    static let rows = [
        Row(cause: .full, backup: 0, backupBeside: 74, check: 0, start: 74, sigterm: 75, isReserveReleased: true),
        Row(cause: .quota, backup: 0, backupBeside: 74, check: 0, start: 74, sigterm: 75, isReserveReleased: true),
        Row(cause: .syncs, backup: 0, backupBeside: 74, check: 0, start: nil, sigterm: 75, isReserveReleased: false),
        Row(cause: .locked, backup: 0, backupBeside: 0, check: 0, start: 74, sigterm: 75, isReserveReleased: false),
    ]

    @Test(arguments: rows) func whateverHappensInAPauseNothingIsLost(row: Row) async throws {
        let scratch = try Scratch()
        let faults = try await Faults(scratch)
        let collector = try await RunningCollector(scratch, environment: faults.environment)
        let device = try await NumberedDevice("pump", collector)
        try await device.reportAll(3)

        // Query, backup, check and retention, in one pause.
        var lock = try await pause(row, faults, collector, device)
        let known = Int(device.acknowledged)
        try await expectAnswers(collector, known)
        try await expectBackups(row, faults, collector)
        let check = try await collector.check()
        #expect(check.findings == [])
        #expect(check.frames == known)
        try await expectRetention(row, collector)
        try device.listen()
        #expect(Int(device.acknowledged) == known, "nothing is acknowledged")

        // A restart: kill -9, a start that fails, and one after the cause is gone.
        try await collector.kill()
        if let expected = row.start {
            let start = try await Program.run(
                "dalloc-collector",
                ["serve", "--listen", "127.0.0.1:0", "--api", "127.0.0.1:0", "--database", collector.database],
                in: scratch, environment: faults.environment)
            #expect(start.status == expected, "\(start.errors)")
            #expect(start.errors.contains("can't be used"))
        }
        try row.cause.end(faults, lock)
        try await collector.restart()
        try await device.reportAll()

        // SIGTERM, twice.
        lock = try await pause(row, faults, collector, device)
        try await expectEnd(row, collector)
        try row.cause.end(faults, lock)
        try await collector.restart()
        try await device.reportAll()
        try await expectAnswers(collector, Int(device.acknowledged))
        #expect(try await collector.get("readyz").1 == 200)
        #expect(try await collector.stop() == 0)
        let end = try await collector.check()
        #expect(end.findings == [])
        #expect(end.gaps == 0)
        #expect(end.frames == Int(device.sent), "each frame once")
        #expect(!FileManager.default.fileExists(atPath: collector.database + "-damaged"), "no damage is seen in it")
    }

    /// Begins the cause, and returns when the collector waits for it to end.
    private func pause(
        _ row: Row, _ faults: Faults, _ collector: RunningCollector, _ device: NumberedDevice
    ) async throws -> PauseCause.Lock? {
        let lock = try await row.cause.begin(faults, collector)
        device.report()
        try await wait(for: "the collector to pause") {
            try await collector.metric("dalloc_collector_writes_paused") == 1
        }
        return lock
    }

    private func expectAnswers(_ collector: RunningCollector, _ known: Int) async throws {
        #expect(try await collector.get("healthz").1 == 200)
        for sequence in 1...known { #expect(try await collector.answer("pump", sequence: sequence).isKnown) }
        #expect(try await collector.get("v1/devices/pump/gaps").1 == 200)
        let (data, status) = try await collector.get("v1/devices/pump/history?step=1000000")
        #expect(status == 200, "\(String(decoding: data, as: UTF8.self))")
        let usage = try HistoryCoding.decoder().decode(UsageHistory.self, from: data)
        #expect(!usage.points.isEmpty)
        #expect(try await collector.summary(of: "pump")?.connected == true, "nobody is thrown out")
    }

    private func expectBackups(_ row: Row, _ faults: Faults, _ collector: RunningCollector) async throws {
        let scratch = collector.scratch
        func backup(_ copy: String, _ environment: [String: String]) async throws -> Program.Finished {
            try await Program.run(
                "dalloc-collector", ["backup", "--database", collector.database, scratch[copy]], in: scratch,
                environment: environment)
        }
        let good = try await backup("good.sqlite", [:])
        #expect(good.status == row.backup, "\(good.errors)")
        let check = try await Program.run(
            "dalloc-collector", ["check", "--database", scratch["good.sqlite"]], in: scratch)
        #expect(check.status == row.check, "\(check.output)")
        let beside = try await backup("beside.sqlite", faults.environment)
        #expect(beside.status == row.backupBeside, "\(beside.errors)")
        let left = try FileManager.default.contentsOfDirectory(atPath: scratch.path)
            .filter { $0.hasPrefix("beside.sqlite") }
        #expect(left == (row.backupBeside == 0 ? ["beside.sqlite"] : []), "whole, or not there")
    }

    /// Retention tries every second while a pause lasts: that costs little, fills no log, and takes nothing.
    private func expectRetention(_ row: Row, _ collector: RunningCollector) async throws {
        let (cpu, begin) = (collector.cpu, ContinuousClock.now)
        try await wait(for: "three sweeps") { ContinuousClock.now - begin > .seconds(3) }
        let reserve = collector.database + "-reserve"
        #expect(FileManager.default.fileExists(atPath: reserve) != row.isReserveReleased)
        #expect(collector.cpu - cpu < 1, "of 3 s, with a build for debugging")
        let lines = collector.program.errors.split(separator: "\n")
        #expect(lines.count < 15, "\(lines.joined(separator: "\n"))")
        let (why, status) = try await collector.get("readyz")
        #expect(status == 503)
        #expect(String(decoding: why, as: UTF8.self).contains("takes no writes"))
    }

    /// With something unacknowledged in hand.
    private func expectEnd(_ row: Row, _ collector: RunningCollector) async throws {
        let (program, begin) = (collector.program, ContinuousClock.now)
        let before = collector.cpu
        var last = before
        program.signal(SIGTERM)
        try await wait(for: "the collector to end", seconds: 25, pause: .milliseconds(10)) {
            last = max(last, collector.cpu)
            if ContinuousClock.now - begin > .milliseconds(100) { program.signal(SIGTERM) }
            return !program.isRunning
        }
        let end = try await program.finish()
        #expect(end.status == row.sigterm, "\(end.errors)")
        #expect(end.errors.contains("devices still have it"))
        #expect(last - before < 1, "it does not spin")
    }
}
