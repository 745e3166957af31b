// SPDX-License-Identifier: Apache-2.0
//
// The commands that answer questions, with a real collector, in every format.

import Foundation
import HeapHistory
import TestSupport
import Testing

@Suite(.serialized)
struct AnswerTests {
    private func ask(_ collector: RunningCollector, _ arguments: [String]) async throws -> Program.Finished {
        try await Program.run(
            "dalloc", arguments + ["--collector", "127.0.0.1:\(collector.apiPort)"], in: collector.scratch)
    }

    @Test func everyAnswerHasEveryFormat() async throws {
        let collector = try await RunningCollector(Scratch())
        let device = try await BusyDevice.report("pump", to: collector, blocks: 40, frees: 20)
        device.close()
        try await wait(for: "it to be gone") { try await collector.devices().first?.connected == false }
        for (arguments, list, isFilled) in [
            (["ops", "pump"], "operations", true), (["block", "pump", "1"], "events", true),
            (["diff", "pump", "#1"], "changes", true), (["boots", "pump"], "boots", true),
            (["failures", "pump"], "failures", false), (["summaries", "pump"], "summaries", false),
            (["whatif", "pump", "--size", "1000000"], "points", true),
            (["leaks", "pump"], "leaks", false), (["leaks"], "leaks", false), (["top"], "heaps", true),
            (["top", "--by", "failures"], "heaps", false), (["rightsize"], "heaps", false),
        ] {
            let json = try await ask(collector, arguments + ["--format", "json"])
            #expect(json.status == 0, "\(arguments): \(json.errors)")
            let object = try #require(try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
            let elements = try #require(object[list] as? [[String: Any]], "\(arguments)")
            #expect(elements.isEmpty != isFilled, "\(arguments)")
            let lines = try await ask(collector, arguments + ["--format", "ndjson"])
            #expect(lines.status == 0 && lines.output.split(separator: "\n").count == elements.count, "\(arguments)")
            let csv = try await ask(collector, arguments + ["--format", "csv"])
            let rows = csv.output.components(separatedBy: "\r\n").dropLast()
            // A boot is a row for each of its heaps, and the device has one.
            #expect(csv.status == 0 && rows.count == elements.count + 1, "\(arguments)")
            let table = try await ask(collector, arguments)
            #expect(table.status == 0 && table.output.isEmpty != isFilled, "\(arguments): \(table.errors)")
            // Nothing to see is explained.
            #expect(isFilled || !table.errors.isEmpty, "\(arguments)")
        }
        #expect(try await collector.stop() == 0)
    }

    @Test func mistakesAreNamedWithAWayOut() async throws {
        let collector = try await RunningCollector(Scratch())
        let device = try await BusyDevice.report("pump", to: collector, blocks: 10, frees: 5)
        for (arguments, status, words) in [
            (["block", "pump", "0"], 64, "is no block"),
            (["block", "pump", "999999"], 66, "Nothing is known of block #999999"),
            (["block", "pump", "1", "--boot", "77"], 66, "has no boot 77"),
            (["ops", "nobody"], 66, "No device nobody"),
            (["boots", "nobody"], 66, "No device nobody"), (["summaries", "nobody"], 66, "No device nobody"),
            (["summaries", "pump", "--limit", "0", "--format", "json"], 64, "takes 1 to 1000 with JSON"),
            (["compare", "--build", "A"], 64, "name two builds"),
            (["compare", "--build", "A", "--build", "B"], 66, "No device has reported with build A"),
            (["whatif", "pump"], 64, "say what is different"),
            (["whatif", "pump", "--allocator", "jemalloc"], 64, "no allocator that there is a model of"),
            (["whatif", "pump", "--allocator", "tlsf", "--table", "9"], 64, "has no table"),
            (["top", "--by", "compaction-time"], 64, "--by moved"), (["rightsize", "--quantile", "1"], 64, "below 1"),
            (["diff", "pump", "now", "#1"], 65, "later than the second"),
            (["leaks", "nobody"], 66, "No device nobody"),
        ] as [([String], Int32, String)] {
            let end = try await ask(collector, arguments)
            #expect(end.errors.contains(words), "\(arguments): \(end.errors)")
            #expect(end.status == status || status == 65, "\(arguments): \(end.status)")
            #expect(end.output.isEmpty && end.status != 0)
        }
        device.close()
        #expect(try await collector.stop() == 0)
    }
}
