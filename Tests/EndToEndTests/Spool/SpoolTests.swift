// SPDX-License-Identifier: Apache-2.0
//
// A device whose collector is away for far longer than its transmit buffer holds, and which is killed meanwhile: the collector ends
// with the whole history of each boot.

import Foundation
import HeapHistory
import TestSupport
import Testing

@Suite(.serialized) struct SpoolTests {
    @Test func anOutageAndResetsInItLeaveNoGap() async throws {
        let collector = try await RunningCollector(Scratch())
        let first = try SpooledBoot(1, collector)
        try await first.work(frames: 50)
        try await first.drain()
        let known = first.device.lastFrame
        try await collector.kill()
        // With 1 KB of transmit buffer, of which a frame takes some 50 bytes.
        try await first.work(frames: 1000)
        let firstLast = first.kill()
        #expect(firstLast > 1000 && first.device.lost == 0)
        // The collector has never heard of this boot.
        let second = try SpooledBoot(2, collector)
        try await second.work(frames: 300)
        let secondLast = second.kill()
        #expect(secondLast > 250 && second.device.lost == 0)
        try await expectReadable(collector.scratch, frames: firstLast - known + secondLast)

        let third = try SpooledBoot(3, collector)
        try await third.work(frames: 100)
        try await collector.restart()
        try await third.drain()
        try await third.work(frames: 50)
        try await third.drain()
        #expect(third.device.lost == 0)

        var audit = try HistoryAudit(collector)
        let boots = try audit.boots(of: "pump")
        #expect(boots.map(\.number) == [1, 2, 3])
        #expect(boots.map(\.lastSequence) == [firstLast, secondLast, third.device.lastFrame])
        #expect(boots.map(\.gaps.count) == [0, 0, 0])
        let devices = [first.device, second.device, third.device]
        for (boot, device) in zip(boots, devices) {
            audit.expectComplete("pump", boot, acknowledged: boot.lastSequence)
            let isCurrent = boot.number == 3
            try await audit.compare("pump", boot, isCurrent: isCurrent, every: 20) { device.truth[$0] }
        }
        #expect(audit.figures.wrong == 0 && audit.figures.tables > 50)
        #expect(try await collector.stop() == 0)
        let check = try await collector.check()
        #expect(check.findings == [] && check.gaps == 0)
    }

    /// What lies in the folder can be stored without the device, too.
    private func expectReadable(_ scratch: Scratch, frames: Int) async throws {
        let folder = scratch["spool"]
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        #expect(names.allSatisfy { $0.hasSuffix(".heapwire") })
        var bytes: [UInt8] = []
        for name in names { bytes += try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)")) }
        let path = try scratch.write(bytes, to: "recording")
        let end = try await Program.run(
            "dalloc-collector", ["ingest", path, "--database", scratch["other.sqlite"], "--format", "json"], in: scratch
        )
        #expect(end.status == 0, "\(end.errors)")
        let report = try HistoryCoding.decoder().decode(IngestReport.self, from: Data(end.output.utf8))
        #expect(report.rejected == 0 && report.outOfOrder == 0)
        #expect(report.frames == frames && report.repeated == 0, "\(report)")
    }
}
