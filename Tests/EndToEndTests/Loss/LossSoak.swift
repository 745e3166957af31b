// SPDX-License-Identifier: Apache-2.0
//
// The loss test in its long form, which scripts/soak.sh starts: five rates of faults, three devices on two-way lines and one on a line that
// only sends for each. Progress goes to stderr, the figures to a file.

import Foundation
import Testing

/// Runs with DALLOC_SOAK in the environment only: the file for the figures. DALLOC_SOAK_OPERATIONS and DALLOC_SOAK_SEED must be there too.
@Suite(.serialized, .enabled(if: ProcessInfo.processInfo.environment["DALLOC_SOAK"] != nil))
struct LossSoak {
    private struct Report: Encodable {
        struct Row: Encodable {
            var rate: Double
            var twoWay: LossFigures
            var oneWay: LossFigures
            var seconds: Int
        }

        var seed: Int
        var total = LossFigures()
        var violations = 0
        var rates: [Row] = []
    }

    @Test func badLinesNeverMakeTheHistoryWrong() async throws {
        let environment = ProcessInfo.processInfo.environment
        let path = try #require(environment["DALLOC_SOAK"])
        let operations = try #require(environment["DALLOC_SOAK_OPERATIONS"].flatMap { Int($0) })
        var report = Report(seed: try #require(environment["DALLOC_SOAK_SEED"].flatMap { Int($0) }))
        // Faults per byte, and what share of the operations: the worse the line, the longer they take.
        for (rate, share) in [(1e-6, 0.32), (1e-5, 0.32), (1e-4, 0.24), (1e-3, 0.1), (1e-2, 0.02)] {
            let start = Date.now
            let twoWay = try await LossRun.figures(plan(rate, Int(Double(operations) * share), report.seed))
            let oneWay = try await oneWay(rate, UInt64(report.seed))
            let seconds = Int(Date.now.timeIntervalSince(start))
            report.rates.append(Report.Row(rate: rate, twoWay: twoWay, oneWay: oneWay, seconds: seconds))
            for figures in [twoWay, oneWay] { report.total.add(figures) }
            say("rate \(rate), \(seconds) s")
            say("  two-way \(try twoWay.json)")
            say("  one-way \(try oneWay.json)")
        }
        report.violations = report.total.violations
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = .sortedKeys
        try encoder.encode(report).write(to: URL(fileURLWithPath: path))
        #expect(report.violations == 0)
        #expect(report.total.operations >= operations)
    }

    private func plan(_ rate: Double, _ operations: Int, _ seed: Int) -> LossRun.Plan {
        // What each device's line brings through at this rate is less than the device says when the rate is high; it catches up at the end.
        let pace = rate < 1e-3 ? 6000 : 3000
        return LossRun.Plan(
            rate: rate, operations: operations / 3 + 1, pace: pace, rounds: rate < 1e-2 ? 10 : 3, seed: seed,
            tables: 500)
    }

    private func oneWay(_ rate: Double, _ seed: UInt64) async throws -> LossFigures {
        let run = try await WatchedRun(isOneWay: true, transmit: 16_384, rate: rate, seed: seed)
        for _ in 0..<5 {
            try await run.work(300)
            try await run.collector.kill()
            try await run.collector.restart()
            try await run.work(300)
            run.line.cut()
        }
        return try await run.end()
    }

    private func say(_ line: String) {
        FileHandle.standardError.write(Data((line + "\n").utf8))
    }
}
