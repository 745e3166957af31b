// SPDX-License-Identifier: Apache-2.0
//
// A device that tells of its heap in summaries, and what the commands answer of it.

import Foundation
import HeapHistory
import HeapWire
import TestSupport
import Testing

@Suite(.serialized)
struct SummariesTests {
    /// A millisecond after the one before; the heap stays empty.
    private func summary(_ sequence: UInt32, failures: UInt64, last: [HeapWire.Operation] = []) -> [UInt8] {
        let count = UInt64(sequence - 1) * 3
        let state = HeapState(
            sequence: sequence, heap: 0, tick: 5000 + UInt64(sequence), used: 0, liveBlocks: 0, peak: 1024,
            totals: HeapTotals(allocations: count, frees: count, failures: failures), lost: 6, digest: 0)
        var operations = OperationBytes(layout: WireBytes.layout)
        operations.sums = AllocationSums(
            others: .init(allocations: 1, bytes: 8), tags: [.init(0x2000_4010, allocations: 2, bytes: 96)])
        for operation in last { operations.append(operation) }
        return FrameWriter.line { operations.write(state, to: &$0) }
    }

    @Test func summariesAreListedInEveryFormat() async throws {
        let collector = try await RunningCollector(Scratch())
        let socket = try Socket(connectedTo: collector.port)
        socket.send(WireBytes.hello(device: "meter") + WireBytes.keyframe(sequence: 1))
        for sequence in UInt32(2)...6 {
            let last: [HeapWire.Operation] =
                sequence == 4 ? [.free(depth: 0), .failed(size: 5000, why: 0, owner: 0x2000_4040)] : []
            socket.send(summary(sequence, failures: sequence < 4 ? 0 : 1, last: last))
        }
        func ask(_ arguments: String...) async throws -> Program.Finished {
            let end = try await Program.run(
                "dalloc", arguments + ["--collector", "127.0.0.1:\(collector.apiPort)"], in: collector.scratch)
            #expect(end.status == 0, "\(arguments): \(end.errors)")
            return end
        }
        func list(_ arguments: String...) async throws -> SummaryList {
            let end = try await Program.run(
                "dalloc",
                ["summaries", "meter", "--format", "json", "--collector", "127.0.0.1:\(collector.apiPort)"]
                    + arguments, in: collector.scratch)
            return try HistoryCoding.decoder().decode(SummaryList.self, from: Data(end.output.utf8))
        }
        try await wait(for: "the device") { try await collector.devices().first?.heaps.first?.sequence == 6 }
        let all = try await list()
        #expect(all.summaries.map(\.sequence) == [2, 3, 4, 5, 6] && all.summaries.allSatisfy { $0.complete })
        #expect(all.summaries.map(\.failures) == [0, 0, 1, 0, 0] && all.summaries[2].operations == 8)
        #expect(all.allocatedBy?.map(\.tag) == [.owner, .others] && all.allocatedBy?.map(\.bytes) == [480, 40])
        #expect(try await list("--limit", "2").next != nil)
        let table = try await ask("summaries", "meter").output
        #expect(table.contains("owner 0x20004010      10    480     92.3"), "\(table)")
        #expect(table.contains("The last 2 of 8 operations until") && table.contains("failed: no room"))
        #expect(try await ask("summaries", "meter", "--limit", "2").errors.contains("Cut by --limit"))
        let rows = try await ask("summaries", "meter", "--limit", "0", "--format", "csv").output
        #expect(rows.components(separatedBy: "\r\n").dropLast().count == 11, "a row for each sum")
        let last = try await ask("summaries", "meter", "--last", "--format", "ndjson").output.split(separator: "\n")
        #expect(last.count == 2 && last[1].contains(#""operation":"failed""#))
        let failures = try await ask("failures", "meter", "--format", "csv").output
        #expect(failures.components(separatedBy: "\r\n").dropLast().count == 2 && failures.contains("5000,no_room"))
        socket.close()
        #expect(try await collector.stop() == 0)
    }

    /// A real agent, which goes over to summaries and back as `dalloc detail` says.
    @Test func aDeviceTellsInSummariesAndBack() async throws {
        let collector = try await RunningCollector(Scratch())
        let simulator = try Program(
            "dalloc-simulator",
            [
                "--collector", "127.0.0.1:\(collector.port)", "--workload", "churn", "--frame-interval", "50",
                "--summary-interval", "300",
            ], in: collector.scratch)
        func ask(_ arguments: String...) async throws -> Program.Finished {
            try await Program.run(
                "dalloc", arguments + ["--collector", "127.0.0.1:\(collector.apiPort)", "--format", "json"],
                in: collector.scratch)
        }
        func summaries() async throws -> SummaryList {
            try HistoryCoding.decoder().decode(
                SummaryList.self, from: Data(try await ask("summaries", "sim-01").output.utf8))
        }
        try await wait(for: "frames") { (try await collector.devices().first?.heaps.first?.sequence ?? 0) > 5 }
        #expect(try await ask("snapshot", "sim-01").status == 0)
        let switched = try await ask("detail", "sim-01", "summary")
        #expect(
            switched.status == 0 && switched.output.replacing(" ", with: "").contains(#""told":true"#), "\(switched)")
        try await wait(for: "summaries") { try await summaries().summaries.count >= 4 }
        let list = try await summaries()
        // The first one begins where the operations ended; the simulator has sums for 12 owners.
        for summary in list.summaries {
            #expect(summary.operations > 0 && summary.complete, "\(summary)")
            #expect(summary.sums.count <= 13)
            #expect(summary.sums.reduce(0) { $0 + $1.allocations } == summary.allocations)
        }
        #expect(list.gaps.map(\.cause) == [.summarized])
        let unknown = try await ask("snapshot", "sim-01")
        #expect(unknown.errors.contains("in summaries from"), "\(unknown.errors)")
        #expect(try await ask("detail", "sim-01", "full").status == 0)
        try await wait(for: "the table") { try await ask("snapshot", "sim-01").status == 0 }
        simulator.signal(SIGINT)
        #expect(try await simulator.finish().status == 0)
        // On a busy machine the simulator comes late to its polls.
        let warnings = try await collector.devices().flatMap { $0.warnings.map { $0.code } }
        #expect(warnings.allSatisfy { $0 == .recorderNearlyFull }, "\(warnings)")
        #expect(try await collector.stop() == 0)
    }
}
