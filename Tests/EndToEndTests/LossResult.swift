// Runs a plan, audits what the collector then knows, and sums it up.

import Foundation
import HeapHistory
import Testing

struct LossResult {
    let rate: Double
    private(set) var operations = 0
    private(set) var tally = LineTally()
    private(set) var gaps = 0
    private(set) var tables = 0
    private(set) var wrong = 0
    private(set) var unknown = 0
    private(set) var recovery = 0.0

    /// - Parameter comparedPerDevice: tables to compare, about so many of each boot.
    init(_ plan: LossRun.Plan, comparedPerDevice: Int) async throws {
        rate = plan.rate
        let run = try await LossRun(plan, Scratch())
        try await run.run()
        recovery = run.recovery
        var audit = try HistoryAudit(run.collector)
        for device in run.devices {
            operations += device.operations
            tally = tally + device.line.tally
            try await Self.audit(device, &audit, comparedPerDevice)
        }
        (gaps, tables, wrong, unknown) = (audit.gaps, audit.compared, audit.wrong, audit.unknown)
        #expect(try await run.collector.stop() == 0)
    }

    private static func audit(_ device: LossyDevice, _ audit: inout HistoryAudit, _ moments: Int) async throws {
        let boots = try audit.boots(of: device.id)
        let truths = try device.runs.map { ($0, try TruthIndex($0.truth)) }
        let acknowledged = device.line.tally.acknowledged
        for boot in boots {
            let runs = truths.filter { $0.0.boot == boot.number }
            audit.expectComplete(device.id, boot, acknowledged: Int(acknowledged[boot.number] ?? 0))
            // Only a device that goes on with a boot id that it had has anything to lose here.
            if runs.count == 1 { #expect(boot.gaps.isEmpty, "\(device.id) boot \(boot.number)") }
            let isCurrent = boot.number == device.runs.last?.boot
            try await audit.compare(
                device.id, boot, isCurrent: isCurrent, every: max(1, boot.frames.count / moments)
            ) { sequence in try runs.last { $0.0.after < sequence }?.1[sequence] }
            if isCurrent { try await audit.expectUnknown(device.id, boot, withTimes: false) }
        }
    }

    /// One line for people.
    var row: String {
        let reasons = tally.rejected.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
        return
            "\(rate)  \(operations) operations  \(tally.bytes) bytes  \(tally.frames) frames  \(tally.resent) resent  "
            + "\(tally.connections) connections  \(gaps) gaps (\(unknown) asked)  \(tables) tables  \(wrong) wrong  "
            + "recovered in \(recovery) s  rejected: \(reasons)"
    }
}
