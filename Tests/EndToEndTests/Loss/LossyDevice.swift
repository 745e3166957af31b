// SPDX-License-Identifier: Apache-2.0
//
// A simulated device on a bad line of its own, which can be reset: its boots and runs, and what its heap was in each of them.

import Foundation
import TestSupport
import Testing

final class LossyDevice {
    /// One process: from its start to its end.
    struct Run {
        let boot: UInt32
        let truth: String
        /// The last frame of the boot that the collector had from the run before it: this run's frames follow.
        let after: Int
    }

    let id: String
    let line: ImpairedLine
    private(set) var runs: [Run] = []
    private(set) var operations = 0
    private let scratch: Scratch
    private let options: [String]
    private let seed: Int
    private var program: Program?
    private var cutBefore = 0
    private var firstStart: Date?

    init(_ name: String, _ line: ImpairedLine, seed: Int, options: [String], _ scratch: Scratch) {
        (self.line, self.scratch, self.seed) = (line, scratch, seed)
        id = "\(name)-01"
        self.options =
            ["--collector", "127.0.0.1:\(line.port)", "--name", name, "--transmit-buffer", "16777216"]
            // Collectors that are killed all the time are waited for ever longer otherwise.
            + ["--retry-limit", "250"] + options
    }

    deinit { line.end() }

    /// - Parameter after: the last frame that the collector has of this boot.
    func start(boot: UInt32, after: Int = 0) throws {
        let truth = scratch["\(id)-\(runs.count).truth"]
        // Another life does other things, or a wrong table could be right by chance.
        let seed = ["--seed", String(seed + 1000 * runs.count), "--boot", String(boot), "--truth", truth]
        // The clock goes on, as one does that is not reset with the program: a boot id with an earlier clock would be another run.
        let clock = Int(Date.now.timeIntervalSince(firstStart ?? .now) * 1000)
        firstStart = firstStart ?? .now
        program = try Program("dalloc-simulator", options + seed + ["--clock", String(clock)], in: scratch)
        runs.append(Run(boot: boot, truth: truth, after: after))
    }

    /// Ends without waiting for the collector, as a reset does: what it has not acknowledged is gone.
    func reset() async throws {
        program?.signal(SIGTERM)
        program?.signal(SIGINT)
        _ = try await end()
        cutBefore += try cutInThisRun
    }

    /// Ends when the collector has everything.
    func finish() async throws {
        program?.signal(SIGTERM)
        let summary = try await end()
        #expect(summary.hasSuffix(" 0 frames not acknowledged"), "\(id): \(summary)")
        // What it did before it learned that it must go on after an earlier run can't be told.
        if runs.last?.after == 0 { #expect(summary.contains(" 0 lost,"), "\(id): \(summary)") }
    }

    /// The last frame that the device is known to have cut.
    var lastFrame: Int {
        get throws {
            guard let run = runs.last, FileManager.default.fileExists(atPath: run.truth) else { return 0 }
            return try TruthIndex.last(run.truth)
        }
    }

    /// How many it has cut, in all its runs.
    var framesCut: Int {
        get throws { cutBefore + (try cutInThisRun) }
    }

    private var cutInThisRun: Int {
        get throws {
            let (last, after) = (try lastFrame, runs.last?.after ?? 0)
            return last >= after ? last - after : last
        }
    }

    /// The program's last words: `1 device, 68000 operations, 850 frames, …`.
    private func end() async throws -> String {
        guard let program else { return "" }
        let end = try await program.finish()
        #expect(end.status == 0, "\(end.errors)")
        let summary = end.errors.split(separator: "\n").last.map { String($0) } ?? ""
        let words = summary.split(separator: " ")
        if let unit = words.firstIndex(of: "operations,"), unit > 0 { operations += Int(words[unit - 1]) ?? 0 }
        return summary
    }
}
