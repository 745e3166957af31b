// SPDX-License-Identifier: Apache-2.0
//
// Devices on bad lines and a collector that does not stay up: what happens to them, step by step, until all is well again; and
// what the collector then knows.

import Foundation
import HeapHistory
import TestSupport
import Testing

final class LossRun {
    struct Plan {
        /// Faults per byte.
        var rate: Double
        var devices = 3
        /// Operations of each device, at least.
        var operations: Int
        /// Operations a second of each device.
        var pace = 3000
        /// How often everything happens that can.
        var rounds = 1
        var seed: Int
        /// Tables to compare, about so many of each boot.
        var tables: Int

        /// Frames that a device cuts meanwhile: one holds 45 operations or more at this pace.
        var frames: Int { operations / 45 }
    }

    private let plan: Plan
    private let collector: RunningCollector
    private let devices: [LossyDevice]
    private var figures = LossFigures()

    private init(_ plan: Plan, _ scratch: Scratch) async throws {
        self.plan = plan
        let collector = try await RunningCollector(scratch)
        self.collector = collector
        let workloads = ["churn", "steady", "burst"]
        devices = try (0..<plan.devices).map { number in
            let seed = plan.seed * 100 + number
            let line = try ImpairedLine(to: collector.port, seed: UInt64(seed), rate: plan.rate)
            let options = [
                "--workload", workloads[number % workloads.count], "--rate", String(plan.pace), "--heap-size", "16384",
                "--frame-interval", "15",
            ]
            return LossyDevice("loss-\(number)", line, seed: seed, options: options, scratch)
        }
    }

    static func figures(_ plan: Plan) async throws -> LossFigures {
        let run = try await LossRun(plan, Scratch())
        try await run.run()
        try await run.audit()
        #expect(try await run.collector.stop() == 0)
        return run.figures
    }

    // MARK: What happens

    /// Everything that can happen, at even distances, over and over; then good lines, and the end.
    private func run() async throws {
        for (number, device) in devices.enumerated() { try device.start(boot: UInt32(100 + number)) }
        for round in 0..<plan.rounds {
            try await reach(1, of: round)
            for device in devices { device.line.cut() }
            try await reach(2, of: round)
            #expect(try await collector.stop() == 0)
            try await collector.restart()
            try await reach(3, of: round)
            try await killCollector(when: devices[round % devices.count])
            try await reach(4, of: round)
            // One device goes on with its boot id, which tells the collector nothing; the next is reset as devices are.
            try await startAnew(devices[0], boot: 100)
            if devices.count > 1 { try await startAnew(devices[1], boot: UInt32(9000 + round)) }
        }
        try await reach(0, of: plan.rounds)
        try await becomeGood()
        for device in devices {
            try await device.finish()
            figures.operations += device.operations
            figures.add(device.line.tally)
        }
    }

    /// Until every device has cut so many sixths of a round's frames.
    private func reach(_ part: Int, of round: Int) async throws {
        let frames = plan.frames * (6 * round + part) / (6 * plan.rounds)
        for device in devices {
            try await wait(for: "\(device.id) to cut frames", seconds: 600) { try device.framesCut >= frames }
        }
    }

    /// What it has acknowledged must be on disk, so that is when it is killed.
    private func killCollector(when device: LossyDevice) async throws {
        let program = collector.program
        device.line.atNextAcknowledgement { program.signal(SIGKILL) }
        try await wait(for: "an acknowledgement", seconds: 600) { !program.isRunning }
        try await collector.restart()
    }

    private func startAnew(_ device: LossyDevice, boot: UInt32) async throws {
        try await device.reset()
        try await wait(for: "the collector to miss \(device.id)") {
            try await collector.summary(of: device.id)?.connected != true
        }
        let isSameBoot = device.runs.last?.boot == boot
        try device.start(boot: boot, after: isSameBoot ? try await stored(device) : 0)
    }

    private func stored(_ device: LossyDevice) async throws -> Int {
        let summary = try await collector.summary(of: device.id)
        return summary?.boot == device.runs.last?.boot ? summary?.heaps.first?.sequence ?? 0 : 0
    }

    /// Until the collector knows the tables after frames that were cut from now on. A keyframe comes every 60 s; nothing may take longer.
    private func becomeGood() async throws {
        for device in devices { figures.backlog += max(0, try device.lastFrame - (try await stored(device))) }
        for device in devices { device.line.rate = 0 }
        let start = Date.now
        for device in devices {
            let frame = try device.lastFrame + 1
            try await wait(for: "\(device.id) to be exact again", seconds: 60) {
                let stored = try await stored(device)
                guard stored >= frame else { return false }
                return try await collector.answer(device.id, sequence: stored).isKnown
            }
        }
        figures.recovery = Date.now.timeIntervalSince(start)
    }

    // MARK: What is known

    private func audit() async throws {
        var audit = try HistoryAudit(collector)
        for device in devices { try await audit.check(device, tables: plan.tables) }
        figures.add(audit.figures)
    }
}

extension HistoryAudit {
    fileprivate mutating func check(_ device: LossyDevice, tables: Int) async throws {
        let truths = try device.runs.map { ($0, try TruthIndex($0.truth)) }
        for boot in try boots(of: device.id) {
            let runs = truths.filter { $0.0.boot == boot.number }
            expectComplete(device.id, boot, acknowledged: Int(device.line.tally.acknowledged[boot.number] ?? 0))
            // Only a device that goes on with a boot id that it had has anything to lose here.
            #expect(boot.gaps.count < runs.count, "\(device.id) boot \(boot.number)")
            let isCurrent = boot.number == device.runs.last?.boot
            try await compare(
                device.id, boot, isCurrent: isCurrent, every: max(1, boot.frames.count / tables)
            ) { sequence in try runs.last { $0.0.after < sequence }?.1[sequence] }
            if isCurrent { try await expectUnknown(device.id, boot, withTimes: false) }
        }
    }
}
