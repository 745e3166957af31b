// SPDX-License-Identifier: Apache-2.0
//
// The collector's clock makes a step, and is right again: a matrix of steps and of all that goes by time. The clock that counts the time
// since the machine's start is right throughout. A step forward lets frames
// be gathered at once: they look old.

import Foundation
import HeapHistory
import TestSupport
import Testing

@Suite(.serialized) struct ClockMatrixTests {
    enum Step: Int64, CaseIterable, Sendable {
        case years = 63_072_000
        case days = 864_000
        case back = -86_400
    }

    enum StepTime: String, CaseIterable, Sendable {
        /// While it runs, and while it was stopped.
        case running, stopped
    }

    /// A frame, and when it really was.
    private struct Truth {
        let boot: UInt32
        let sequence: UInt32
        let time: Timestamp
    }

    /// Detail and figures are kept for less than the larger steps.
    private static let options = ["--keep-detail", "1d", "--keep-minutes", "2d", "--keep-hours", "3d"]

    private func report(_ device: NumberedDevice, _ truths: inout [Truth]) async throws {
        for _ in 0..<3 {
            // Questions are about the middle between two frames.
            try await Task.sleep(for: .milliseconds(800))
            let time = Timestamp.now
            try await device.reportAll()
            truths.append(Truth(boot: device.boot, sequence: device.sent, time: time))
        }
    }

    @Test(arguments: Step.allCases, StepTime.allCases)
    func whenTheClockIsRightAgainSoIsEverything(step: Step, moment: StepTime) async throws {
        let scratch = try Scratch()
        let faults = try await Faults(scratch)
        let begin = Timestamp.now
        let collector = try await RunningCollector(scratch, options: Self.options, environment: faults.environment)
        let device = try await NumberedDevice("pump", collector)
        var truths: [Truth] = []
        try await report(device, &truths)
        func set(_ offset: Int64) async throws {
            if moment == .stopped { #expect(try await collector.stop() == 0) }
            faults.clockOffset = offset
            // It begins with retention.
            if moment == .stopped { try await collector.restart() }
            try await wait(for: "the step to be noticed") {
                collector.program.errors.contains("\"\(offset)\"") || noticed(collector, moment, offset)
            }
            try await device.connect()
        }
        try await set(step.rawValue)
        try await report(device, &truths)
        try await expectPresent(device, collector)
        try await device.reset()
        try await report(device, &truths)
        try await set(0)
        try await report(device, &truths)
        try await device.reset()
        try await report(device, &truths)
        try await expectPresent(device, collector)
        try await expectTimes(since: begin, collector)
        try await expectTruth(truths, collector)
        #expect(try await collector.stop() == 0)
        let check = try await collector.check()
        #expect(check.findings == [])
        #expect(check.frames == truths.count, "retention has taken nothing")
    }

    /// Steps that this process has told of.
    private func noticed(_ collector: RunningCollector, _ moment: StepTime, _ offset: Int64) -> Bool {
        let lines = collector.program.errors.split(separator: "\n").count { $0.contains("clock was set") }
        return lines == (moment == .running && offset == 0 ? 2 : 1)
    }

    /// The boot that runs is the one that is shown and answers.
    private func expectPresent(_ device: NumberedDevice, _ collector: RunningCollector) async throws {
        let summary = try #require(try await collector.summary(of: device.id))
        #expect(summary.connected)
        #expect(summary.boot == device.boot)
        #expect(summary.heaps.first?.sequence == Int(device.sent))
        guard case .table(let table) = try await collector.answer(device.id, sequence: Int(device.sent)) else {
            Issue.record("the last frame is not known")
            return
        }
        #expect(table.boot == device.boot)
    }

    /// Nothing has a time that was not.
    private func expectTimes(since begin: Timestamp, _ collector: RunningCollector) async throws {
        let early = Timestamp(microseconds: begin.microseconds - 2_000_000)
        let decoder = HistoryCoding.decoder()
        let summary = try #require(try await collector.summary(of: "pump"))
        let (history, _) = try await collector.get("v1/devices/pump/history?step=1000000")
        let usage = try decoder.decode(UsageHistory.self, from: history)
        let (list, _) = try await collector.get("v1/devices/pump/gaps")
        let gaps = try decoder.decode(GapList.self, from: list).gaps
        let late = Timestamp(microseconds: Timestamp.now.microseconds + 1_000_000)
        #expect((early...late).contains(summary.lastSeen))
        #expect(!usage.points.isEmpty)
        for point in usage.points { #expect((early...late).contains(point.time)) }
        // Between its three boots, and nothing else.
        #expect(gaps.allSatisfy { $0.cause == .powerOff }, "\(gaps)")
        #expect(gaps.count == 2, "\(gaps)")
        for gap in gaps {
            let start = try #require(gap.start)
            let end = try #require(gap.end)
            #expect(early <= start && start <= end && end <= late)
        }
    }

    /// `snapshot --at`: of each moment the frame that was the last then.
    private func expectTruth(_ truths: [Truth], _ collector: RunningCollector) async throws {
        for truth in truths {
            let middle = Timestamp(microseconds: truth.time.microseconds + 400_000)
            switch try await collector.answer("pump", time: middle) {
            case .table(let table):
                let isRight = table.boot == truth.boot && table.sequence == Int(truth.sequence)
                #expect(isRight, "\(truth): #\(table.sequence) of \(table.frameTime)")
            // After the last frame of a boot nothing is known.
            case .problem(let problem):
                #expect(!truths.contains { $0.boot == truth.boot && $0.sequence > truth.sequence }, "\(problem)")
            }
        }
    }
}
