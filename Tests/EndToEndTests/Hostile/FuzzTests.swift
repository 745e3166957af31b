// SPDX-License-Identifier: Apache-2.0
//
// A short run of what `make fuzz` and `make mutations` do for long. What was found once is looked at again.

import Foundation
import TestSupport
import Testing

@Suite(.serialized) struct FuzzTests {
    private func run(_ script: String, _ arguments: [String]) async throws -> [[String: Any]] {
        let path = Program.repository.appendingPathComponent("scripts/\(script)").path
        let scratch = try Scratch()
        let program = try Program("/usr/bin/env", ["bash", path] + arguments, in: scratch)
        let end = try await program.finish(seconds: 600)
        #expect(end.status == 0, "\(end.errors)")
        return end.output.split(separator: "\n").compactMap {
            try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
        }
    }

    @Test func everyTargetHoldsForAWhile() async throws {
        let figures = try await run("fuzz.sh", ["--seconds", "4"])
        #expect(figures.compactMap { $0["target"] as? String } == ["frame-reader", "replica", "session"])
        #expect(figures.allSatisfy { $0["runs"] as? Int ?? 0 > 1000 }, "\(figures)")
    }

    @Test func noMutatedFrameMakesAWrongTable() async throws {
        let figures = try await run("mutations.sh", ["--count", "100000", "--seed", "7"])
        let last = try #require(figures.last)
        #expect(last["accepted_wrong"] as? Int == 0)
        // Some changes change nothing; the others must have been seen.
        #expect(last["accepted"] as? Int ?? 0 > 1000)
        #expect(last["rejected"] as? Int ?? 0 > 10_000)
    }
}
