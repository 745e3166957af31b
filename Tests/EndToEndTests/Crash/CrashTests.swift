// SPDX-License-Identifier: Apache-2.0
//
// Collectors that are killed, whose disk is full or fails, and whose clock jumps: what they acknowledged is there afterwards, once, in
// order, and right.

import Foundation
import HeapHistory
import TestSupport
import Testing

@Suite(.serialized) struct CrashTests {
    private struct Random {
        var state: UInt64

        mutating func next(_ limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % limit
        }
    }

    private func device(_ name: String, _ collector: RunningCollector, seed: Int) throws -> LossyDevice {
        let line = try ImpairedLine(to: collector.port, seed: UInt64(seed), rate: 0)
        let options = ["--workload", "churn", "--rate", "2000", "--heap-size", "16384", "--frame-interval", "20"]
        let device = LossyDevice(name, line, seed: seed, options: options, collector.scratch)
        try device.start(boot: UInt32(seed))
        return device
    }

    /// Every frame that was acknowledged is stored, once and in order; nothing is missing, and the tables are those of the device.
    private func audit(_ devices: [LossyDevice], _ collector: RunningCollector) async throws {
        var audit = try HistoryAudit(collector)
        for device in devices {
            for boot in try audit.boots(of: device.id) {
                #expect(boot.gaps.isEmpty, "\(device.id)")
                audit.expectComplete(
                    device.id, boot, acknowledged: Int(device.line.tally.acknowledged[boot.number] ?? 0))
                let truth = try TruthIndex(device.runs[0].truth)
                try await audit.compare(device.id, boot, isCurrent: true, every: max(1, boot.frames.count / 40)) {
                    try truth[$0]
                }
            }
        }
        #expect(audit.figures.violations == 0)
        #expect(audit.figures.tables > 30 * devices.count)
    }

    @Test func whatIsAcknowledgedSurvivesFiftyKills() async throws {
        var random = Random(state: 4)
        let collector = try await RunningCollector(Scratch())
        let devices = try [41, 42].map { try device("kill-\($0)", collector, seed: $0) }
        let load = try Load(collector, connections: 200, rate: 40_000)
        try await wait(for: "all devices") { try await collector.metric("dalloc_collector_devices") ?? 0 >= 202 }
        for round in 0..<50 {
            let (device, program) = (devices[round % 2], collector.program)
            let acknowledgements = 1 + random.next(6)
            let delay = random.next(20_000)
            // Some kills hit the moment of an acknowledgement, which must be on disk by then; the others any moment after one.
            kill(program, after: acknowledgements, of: device.line, delay: round % 3 == 0 ? 0 : UInt32(delay))
            try await wait(for: "acknowledgement \(acknowledgements) of round \(round)") { !program.isRunning }
            try await collector.restart()
        }
        for device in devices { try await device.finish() }
        let result = try await load.stop()
        #expect(result.lostFrames == 0)
        #expect(result.reconnects >= 50 * 100)
        try await audit(devices, collector)
        #expect(try await collector.stop() == 0)
        let check = try await collector.check()
        #expect(check.findings == [])
        #expect(check.frames == check.verifiedFrames)
        #expect(check.frames >= result.frames)
    }

    private func kill(_ program: Program, after count: Int, of line: ImpairedLine, delay: UInt32) {
        line.atNextAcknowledgement {
            guard count > 1 else {
                usleep(delay)
                return program.signal(SIGKILL)
            }
            self.kill(program, after: count - 1, of: line, delay: delay)
        }
    }

    // MARK: The disk

    /// Until the collector stores nothing.
    private func waitForPause(_ collector: RunningCollector) async throws {
        try await wait(for: "the collector to pause") {
            try await collector.metric("dalloc_collector_writes_paused") == 1
        }
    }

    private func expectAnswers(_ collector: RunningCollector, of device: LossyDevice) async throws {
        #expect(try await collector.get("readyz").1 == 503)
        #expect(try await collector.get("healthz").1 == 200)
        let summary = try #require(try await collector.summary(of: device.id))
        #expect(summary.connected, "nobody is thrown out")
        let sequence = try #require(summary.heaps.first?.sequence)
        #expect(try await collector.answer(device.id, sequence: sequence).isKnown)
    }

    private func expectEnd(_ devices: [LossyDevice], _ load: Load?, _ collector: RunningCollector) async throws {
        try await wait(for: "the collector to store again") { try await collector.get("readyz").1 == 200 }
        for device in devices { try await device.finish() }
        if let load { #expect(try await load.stop().lostFrames == 0) }
        try await audit(devices, collector)
        #expect(try await collector.stop() == 0)
        let check = try await collector.check()
        #expect(check.findings == [])
        #expect(check.frames == check.verifiedFrames)
    }

    @Test(arguments: ["grows", "fails"])
    func aDiskThatTakesNothingDelaysAndLosesNothing(how: String) async throws {
        let scratch = try Scratch()
        let faults = try await Faults(scratch)
        let collector = try await RunningCollector(scratch, environment: faults.environment)
        let devices = try [51, 52].map { try device("disk-\($0)", collector, seed: $0) }
        try await wait(for: "frames") { try devices.allSatisfy { try $0.lastFrame > 40 } }
        if how == "grows" { faults.isDiskFull = true } else { faults.syncsFail = true }
        let load = try Load(collector, connections: 50, rate: 50_000)
        try await waitForPause(collector)
        #expect(faults.refused > 0)
        try await expectAnswers(collector, of: devices[0])
        let stored = try await collector.metric("dalloc_collector_frames_total")
        let cut = try devices[0].lastFrame
        try await wait(for: "frames that nobody takes") { try devices[0].lastFrame > cut + 100 }
        #expect(try await collector.metric("dalloc_collector_frames_total") == stored, "nothing is acknowledged")
        // What was promised until now holds even if it is not allowed to end well.
        try await collector.kill()
        (faults.isDiskFull, faults.syncsFail) = (false, false)
        try await collector.restart()
        if how == "grows" { faults.isDiskFull = true } else { faults.syncsFail = true }
        try await waitForPause(collector)
        (faults.isDiskFull, faults.syncsFail) = (false, false)
        try await expectEnd(devices, load, collector)
    }

    @Test func aDiskThatIsReallyFullIsWaitedFor() async throws {
        let scratch = try Scratch()
        guard let disk = try await SmallDisk(scratch, megabytes: 48) else {
            print("Nothing can be mounted here: only the injected errors stand for a full disk.")
            return
        }
        let collector = try await RunningCollector(scratch, database: disk.path + "/history.sqlite")
        let device = try device("full-61", collector, seed: 61)
        let load = try Load(collector, connections: 100, rate: 1_000_000)
        try await waitForPause(collector)
        try await expectAnswers(collector, of: device)
        try await disk.resize(megabytes: 1024)
        try await expectEnd([device], load, collector)
    }

    @Test func retentionMakesRoomOnAFullDisk() async throws {
        let scratch = try Scratch()
        guard let disk = try await SmallDisk(scratch, megabytes: 48) else {
            print("Nothing can be mounted here.")
            return
        }
        let options = ["--keep-detail", "3s"]
        let collector = try await RunningCollector(
            scratch, options: options, database: disk.path + "/history.sqlite")
        let load = try Load(collector, connections: 100, rate: 1_000_000)
        // Far more than the disk has room for.
        try await wait(for: "sixty megabytes of frames", seconds: 300) {
            try await collector.metric("dalloc_collector_frame_bytes_total") ?? 0 > 6e7
        }
        #expect(try await load.stop().lostFrames == 0)
        #expect(try await collector.stop() == 0)
        #expect(try await collector.check().findings == [])
    }

    // MARK: The clock

    @Test func aClockThatJumpsAnHourLeavesEveryHistoryInOrder() async throws {
        let scratch = try Scratch()
        let faults = try await Faults(scratch)
        let collector = try await RunningCollector(scratch, environment: faults.environment)
        let devices = try [71, 72].map { try device("clock-\($0)", collector, seed: $0) }
        for hours: Int64 in [0, 1, 0, -1, 0, -1, 1] {
            faults.clockOffset = hours * 3600
            let reached = try devices.map { try $0.lastFrame + 40 }
            try await wait(for: "frames") {
                for (device, frame) in zip(devices, reached) {
                    let summary = try await collector.summary(of: device.id)
                    guard summary?.heaps.first?.sequence ?? 0 > frame else { return false }
                }
                return true
            }
            // A device that greets while the clock is wrong.
            devices[1].line.cut()
        }
        faults.clockOffset = 0
        try await expectEnd(devices, nil, collector)
    }
}
