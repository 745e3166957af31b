// SPDX-License-Identifier: Apache-2.0
//
// Database files that are moved away, or replaced, under a collector that runs: whatever happens then, it ends with 74, and
// nothing that was acknowledged is lost.

import Foundation
import TestSupport
import Testing

@Suite(.serialized) struct FilesGoneTests {
    enum Cause: String, CaseIterable, Sendable { case moved, replaced }

    enum Event: String, CaseIterable, Sendable {
        /// Nobody reports: somebody must look.
        case nothing
        case frame, sigterm
        /// kill -9.
        case kill
    }

    @Test(arguments: Cause.allCases, Event.allCases)
    func theCollectorEndsAndAcknowledgesNothing(cause: Cause, event: Event) async throws {
        let collector = try await RunningCollector(Scratch())
        let scratch = collector.scratch
        let device = try await NumberedDevice("pump", collector)
        try await device.reportAll(3)
        let copy = try await run("backup", [scratch["copy.sqlite"]], collector)
        #expect(copy.status == 0)

        // In the order in which a person would: the log stays where it is when the database is replaced.
        let names = ["", "-wal", "-shm"].map { collector.database + $0 }
        switch cause {
        case .moved: for name in names { rename(name, name + ".away") }
        case .replaced: rename(scratch["copy.sqlite"], collector.database)
        }
        switch event {
        case .nothing: break
        case .frame: device.report()
        case .sigterm: collector.program.signal(SIGTERM)
        case .kill: collector.program.signal(SIGKILL)
        }
        let end = try await collector.program.finish(seconds: 15)
        try device.listen()
        #expect(device.acknowledged == 3)
        if event != .kill {
            #expect(end.status == 74, "\(end.errors)")
            #expect(end.errors.contains("was removed or replaced"))
        }
        let check = try await run("check", [], collector)
        let backup = try await run("backup", [scratch["again.sqlite"]], collector)
        if cause == .moved {
            #expect(check.status == 74, "\(check.output)")
            #expect(backup.status == 74, "\(backup.errors)")
            for name in names { rename(name + ".away", name) }
        }
        // The log of the old file does not belong to the new one: either it was emptied or it fits, or this is damage, which is kept.
        try await collector.restart()
        let next = cause == .moved ? device : try await NumberedDevice("other", collector)
        if cause == .moved { try await device.connect() }
        try await next.reportAll()
        for sequence in 1...Int(next.sent) {
            #expect(try await collector.answer(next.id, sequence: sequence).isKnown)
        }
        let isAside = try FileManager.default.contentsOfDirectory(atPath: scratch.path)
            .contains { $0.contains(".damaged-") }
        let hasOld = cause == .replaced && !isAside
        if hasOld { for sequence in 1...3 { #expect(try await collector.answer("pump", sequence: sequence).isKnown) } }
        #expect(cause == .replaced || !isAside)
        #expect(try await collector.stop() == 0)
        let whole = try await collector.check()
        #expect(whole.findings == [])
        // A frame that was written, and not acknowledged, may be in a log that fits the copy.
        let kept = Int(next.sent) + (hasOld ? 3 : 0)
        #expect((kept...kept + (hasOld && event == .frame ? 1 : 0)).contains(whole.frames))
    }

    private func run(
        _ command: String, _ arguments: [String], _ collector: RunningCollector
    ) async throws -> Program.Finished {
        try await Program.run(
            "dalloc-collector", [command, "--database", collector.database] + arguments, in: collector.scratch)
    }
}
