// SPDX-License-Identifier: Apache-2.0

import HeapHistory
import Testing

@testable import dalloc

@Suite struct SummariesViewTests {
    private static let (site, owner) = (Address(0x0800_0123), Address(0x2000_4010))

    private static func summary(
        _ minute: Int64, failures: Int? = 0, boot: UInt32 = 1, complete: Bool = true, last: [LastOperation] = []
    ) -> Summary {
        Summary(
            start: Samples.time.later((minute - 1) * Samples.minute), end: Samples.time.later(minute * Samples.minute),
            boot: boot, build: "1.4.2", sequence: Int(minute) + 2, size: 16_384, used: 13_312, gaps: 0, liveBlocks: 42,
            peak: 16_000, failures: failures, operations: 2799, allocations: 1401, bytes: 60_622, complete: complete,
            sums: [
                AllocationSum(.callSite, address: site, allocations: 1398, bytes: 60_432),
                AllocationSum(.others, allocations: 3, bytes: 190),
            ], lastOperations: last)
    }

    private static let shares = [
        AllocationShare(.callSite, address: site, build: "1.4.2", allocations: 2796, bytes: 120_864, share: 0.9969),
        AllocationShare(.others, allocations: 6, bytes: 380, share: 0.0031),
    ]

    private static func list(
        _ summaries: [Summary], _ shares: [AllocationShare] = shares, next: String? = nil
    ) -> SummaryList {
        SummaryList(
            device: "sensor-01", heap: 0, name: "main", since: Samples.time, until: Samples.time.later(Samples.minute),
            allocatedBy: shares, summaries: summaries, knownUntil: Samples.time.later(Samples.minute), next: next,
            gaps: [])
    }

    /// A free of a block that these operations allocated, one of a block from before, and a failure.
    private static let last: [LastOperation] = {
        func operation(_ place: Int, _ kind: HeapOperation.Kind, _ change: (inout LastOperation) -> Void)
            -> LastOperation
        {
            var operation = LastOperation(
                time: Samples.time.later(Samples.minute - 500_000 + Int64(place) * 1000), boot: 1, sequence: 3,
                place: place, operation: kind)
            change(&operation)
            return operation
        }
        return [
            operation(0, .alloc) {
                ($0.allocation, $0.size, $0.owner, $0.callSite) = (1402, 96, owner, site)
            },
            operation(1, .resize) {
                ($0.depth, $0.allocation, $0.oldSize, $0.size, $0.owner, $0.callSite) = (0, 1402, 96, 128, owner, site)
            },
            operation(2, .free) {
                ($0.depth, $0.allocation, $0.size, $0.owner, $0.callSite) = (0, 1402, 128, owner, site)
            },
            operation(3, .free) { ($0.depth, $0.used) = (5, 13_312) },
            operation(4, .failed) { ($0.size, $0.reason, $0.callSite, $0.used) = (3000, .noRoom, site, 13_312) },
        ]
    }()

    @Test func withoutLastOperationsItSaysSo() {
        func remarks(_ summaries: [Summary], showsLast: Bool) -> [String] {
            SummariesView.render(Self.list(summaries), showsLast: showsLast, on: Samples.terminal()).remarks
        }
        let isTold = { (remarks: [String]) in remarks.contains { $0.hasPrefix("None of these summaries") } }
        #expect(isTold(remarks([Self.summary(1)], showsLast: true)))
        #expect(!isTold(remarks([Self.summary(1)], showsLast: false)))
        #expect(!isTold(remarks([Self.summary(1, failures: 1, last: Self.last)], showsLast: true)))
    }

    @Test func whoAllocatedThenALineForEachSummary() {
        let rendering = SummariesView.render(
            Self.list([Self.summary(0), Self.summary(1)]), showsLast: false, on: Samples.terminal())
        #expect(
            rendering.text == """
                sensor-01 · heap main · 2026-11-23

                ALLOCATED BY          ALLOCS    BYTES  SHARE %
                call site 0x08000123   2,796  120,864     99.6
                others                     6      380      0.3

                TIME UTC      LASTED  USED B  PEAK B  BLOCKS  FAILED    OPS  ALLOCS   BYTES
                03:12     1 min 00 s  13,312  16,000      42       0  2,799   1,401  60,622
                03:13     1 min 00 s  13,312  16,000      42       0  2,799   1,401  60,622

                """)
        #expect(rendering.remarks.isEmpty)
    }

    @Test func theLastOperationsBeforeALonelyFailureAreShown() {
        let failed = Self.summary(1, failures: 1, last: Self.last)
        let rendering = SummariesView.render(
            Self.list([Self.summary(0), failed]), showsLast: false, on: Samples.terminal())
        #expect(
            rendering.text.hasSuffix(
                """

                The last 5 of 2,799 operations until 2026-11-23 03:13:00.000 UTC, frame #3:
                TIME UTC      OPERATION        BLOCK       BYTES  USED B  OWNER       CALL SITE
                03:12:59.500  alloc            #1402          96       ?  0x20004010  0x08000123
                03:12:59.501  resize           #1402    96 > 128       ?  0x20004010  0x08000123
                03:12:59.502  free             #1402         128       ?  0x20004010  0x08000123
                03:12:59.503  free             depth 5         ?  13,312
                03:12:59.504  failed: no room              3,000  13,312              0x08000123
                A block without a number was allocated before these operations: which one it is,
                nobody knows.

                """), "\(rendering.text)")
        // Of two, only when they are asked for.
        let two = Self.list([Self.summary(0, failures: 1), failed])
        #expect(!SummariesView.render(two, showsLast: false, on: .plain).text.contains("The last"))
        #expect(SummariesView.render(two, showsLast: true, on: .plain).text.contains("The last 5 of 2,799 operations"))
        for line in rendering.text.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
    }

    @Test func nothingIsExplained() {
        let rendering = SummariesView.render(Self.list([], []), showsLast: true, on: .plain)
        #expect(
            rendering.text.isEmpty
                && rendering.remarks == [
                    "sensor-01 told of no summaries of heap main between 2026-11-23 03:12:00.000 and 2026-11-23 03:13:00.000 UTC. "
                        + "`dalloc detail sensor-01 summary` asks for them; --since looks further back."
                ])
    }

    @Test func whatIsCutOrMissingIsSaid() {
        let remarks = SummariesView.render(
            Self.list([Self.summary(1, complete: false)], next: "1.3.0"), showsLast: false, on: .plain
        ).remarks
        #expect(remarks.count == 2 && remarks[0].hasPrefix("Cut by --limit: ") && remarks[1].contains("a summary"))
    }

    /// Addresses of two builds mean different things, and so do two boots.
    @Test func buildsAndBootsAreNamedWhereThereAreSeveral() {
        let shares = ["1.4.2", "1.4.3"].map {
            AllocationShare(.owner, address: Self.owner, build: $0, allocations: 1, bytes: 8, share: 0.5)
        }
        let text = SummariesView.render(
            Self.list([Self.summary(0), Self.summary(1, boot: 2)], shares), showsLast: false, on: .plain
        ).text
        #expect(text.contains("owner 0x20004010       1      8     50.0  1.4.3"), "\(text)")
        #expect(text.contains("BOOT") && text.contains("00000002"))
    }
}
