// SPDX-License-Identifier: Apache-2.0
//
// What people read of the answers to questions.

import HeapHistory
import Testing

@testable import dalloc

@Suite struct AnswerViewTests {
    private static let time = Samples.time
    private static let day: Int64 = 86_400_000_000

    private static func leak(
        _ group: GroupName, isOlder: Bool = false, limit: LeakList.Limit = .bytes, job: Double = 24
    ) -> LeakList.Leak {
        LeakList.Leak(
            group: group, build: "1.4.3", heapName: "main", devices: 12, devicesSeen: 40, bytesPerHour: 63.7,
            atLeast: 58.2,
            atMost: 71, since: time.later(-4 * day), isOlder: isOlder, growth: 6115, liveBlocks: 96, liveBytes: 6144,
            full: LeakList.Full(
                expected: time.later(5 * day), earliest: time.later(4 * day), latest: time.later(7 * day), limit: limit),
            longestJobHours: job, known: 0.98, sample: LeakList.Sample(device: "pump-7", heap: 0, boot: 0x8F3A_01C2))
    }

    private static func leaks(_ leaks: [LeakList.Leak], device: String?, known: Int = 40) -> LeakList {
        LeakList(
            device: device, build: nil, since: time.later(-7 * day), until: time, devicesSeen: 41, devicesKnown: known,
            longestJobHours: 24, confidence: 0.99, leaks: leaks, orphans: [], leftOut: 0, knownUntil: time)
    }

    @Test func aLeakTellsWhoSinceWhenHowFastAndUntilWhen() {
        let site = GroupName(.callSite, address: Address(0x0800_1234))
        let rendering = LeaksView.render(Self.leaks([Self.leak(site)], device: nil), on: .plain)
        #expect(
            rendering.text == """
                LEAKS                 B/H  99 % BOUNDS  SINCE UTC         GREW B  FULL UTC                  HEAP  DEVICES  BUILD  LOOK AT   KNOWN
                call site 0x08001234   64      58 - 71  2026-11-19 03:12   6,115  2026-11-27 to 2026-11-30  main    12/40  1.4.3  pump-7   98.0 %

                """)
        #expect(rendering.remarks.contains { $0.contains("less often than every 24 h") })
        #expect(rendering.remarks.contains { $0.hasPrefix("Of 1 other device too little is known") })
        let older = LeaksView.render(Self.leaks([Self.leak(site, isOlder: true)], device: "pump-7"), on: .plain)
        #expect(older.text.contains("before 2026-11-19 03:12") && older.text.contains("8f3a01c2"))
    }

    @Test func noLeakIsSaidOfWhatIsKnownOnly() {
        let none = LeaksView.render(Self.leaks([], device: "pump-7"), on: .plain)
        #expect(none.text.isEmpty && none.remarks.first?.hasPrefix("Nothing of pump-7 keeps growing from ") == true)
        let unknown = LeaksView.render(Self.leaks([], device: "pump-7", known: 0), on: .plain)
        #expect(unknown.remarks.first?.hasPrefix("Too little is known") == true)
    }

    @Test(arguments: [
        (GroupName(.variable, address: Address(0x2000_0100)), "variable 0x20000100"),
        (GroupName(.inside, size: 64, offset: 8), "held in blocks of 33 to 64 B, at +8"),
        (GroupName(.size, size: 1), "blocks of 1 B"), (GroupName(.size, size: 2), "blocks of 2 B"),
        (GroupName(.size, size: 4096), "blocks of 2,049 to 4,096 B"), (GroupName(.orphan), "no owner"),
        (GroupName(.orphan, address: Address(0x0800_1234)), "no owner, call site 0x08001234"),
    ])
    func aGroupIsNamedByWhatItIsGroupedBy(_ group: GroupName, _ words: String) { #expect(group.words == words) }

    @Test(arguments: [
        (0.0, "0.00"), (0.08, "0.08"), (0.999, "1.0"), (3.44, "3.4"), (12.5, "13"), (12_345.6, "12,346"),
        (.infinity, "?"),
    ])
    func ratesHaveAsManyDigitsAsMatter(_ value: Double, _ text: String) { #expect(LeaksView.rate(value) == text) }

    private static func metric(
        _ figure: BuildComparison.Figure, _ verdict: BuildComparison.Verdict, _ relative: Double
    ) -> BuildComparison.Metric {
        BuildComparison.Metric(
            figure: figure, a: 20_000, b: 23_000, difference: .init(value: 3000, lower: 2400, upper: 3600),
            relative: .init(value: relative, lower: relative - 0.03, upper: relative + 0.03),
            superiority: .init(value: 0.93, lower: 0.85, upper: 0.97), verdict: verdict,
            more: verdict == .notEnough ? 12 : nil)
    }

    @Test func twoBuildsStandSideBySide() {
        let comparison = BuildComparison(
            heap: nil, since: Self.time.later(-30 * Self.day), until: Self.time,
            a: .init(build: "1.4.2", devices: 100, deviceDays: 2950),
            b: .init(build: "1.4.3", devices: 90, deviceDays: 400.5),
            confidence: 0.999, margin: 0.05,
            metrics: [Self.metric(.peak, .higher, 0.15), Self.metric(.usage, .notEnough, 0.01)],
            verdict: "1.4.3 is worse than 1.4.2: the peak of a day is 15.0 % higher (12.0 to 18.0 %).")
        #expect(
            CompareView.render(comparison, on: .plain).text == """
                                    1.4.2   1.4.3  DIFFERENCE        BOUNDS  VERDICT                 HIGHER ON
                devices               100      90
                device-days         2,950     401
                peak of a day, B   20,000  23,000       +15 %  +12 to +18 %  higher                     93.0 %
                use at its end, B  20,000  23,000                            not enough device-days     93.0 %

                1.4.3 is worse than 1.4.2: the peak of a day is 15.0 % higher (12.0 to 18.0 %).

                """)
    }

    @Test func theRightSizeTellsBoundMarginAndSavings() {
        let answer = RightSize(
            build: nil, since: Self.time.later(-30 * Self.day), until: Self.time, quantile: 0.999, confidence: 0.95,
            needed: 2995,
            heaps: [
                RightSize.Heap(
                    name: "main", devices: 100, deviceDays: 2990, failingDays: 2,
                    size: .init(now: 65_536, enough: 40_000, bound: nil, highest: 41_000),
                    table: .init(now: 100, enough: 80, bound: 90, highest: 90), saves: 2_553_600)
            ])
        let rendering = RightSizeView.render(answer, on: .plain)
        #expect(
            rendering.text == """
                HEAP  DEVICES   DAYS             NOW  ENOUGH  BOUND  MARGIN    SAVES B
                main      100  2,990  bytes   65,536  40,000      ?  38.9 %  2,553,600
                                      blocks     100      80     90  10.0 %

                """)
        #expect(rendering.remarks.contains { $0.hasPrefix("For 99.9 % of device-days") })
        #expect(rendering.remarks.contains { $0.contains("2,995 device-days") })
        #expect(rendering.remarks.contains { $0.contains("On 2 device-days allocations failed") })
    }

    private static func whatIf(_ failure: WhatIfAnswer.Failure?, _ allocator: WhatIfAnswer.Allocator = .eager)
        -> WhatIfAnswer
    {
        var answer = WhatIfAnswer(
            device: "pump-7", heap: 0, name: "main", since: time.later(-day), until: time, allocator: allocator,
            size: 12_288,
            tableSize: 100, recordedSize: 16_384)
        (answer.operations, answer.firstFailure, answer.knownUntil) = (1000, failure, time)
        answer.failures = failure == nil ? 0 : 3
        return answer
    }

    @Test func whatWouldHaveBeenIsOneSentence() {
        #expect(
            WhatIfView.verdict(Self.whatIf(nil), .utc)
                == "All 1,000 operations would have gone well in 12,288 B, closing gaps at once.")
        #expect(
            WhatIfView.verdict(Self.whatIf(nil, .heap4), .utc)
                == "All 1,000 operations would have gone well in 12,288 B, a model of heap_4, as far as the model goes."
        )
        var pinned = Self.whatIf(nil)
        (pinned.pins, pinned.exact) = (1, false)
        #expect(
            WhatIfView.verdict(pinned, .utc)
                == "All 1,000 operations would have gone well in 12,288 B, closing gaps at once, had no block been pinned."
        )
        #expect(
            WhatIfView.render(pinned, on: .plain).remarks.first?.hasPrefix("The device pinned blocks, 1 time.") == true)
        let failure = WhatIfAnswer.Failure(
            time: Self.time, boot: 1, sequence: 1042, place: 3, size: 512, resize: false, reason: .noRoom, free: 400,
            largestFree: 400)
        #expect(
            WhatIfView.verdict(Self.whatIf(failure), .utc)
                == "It would have failed first at 2026-11-23 03:12:00.000 UTC (frame #1042): an allocation of 512 B; 400 B were free."
        )
        #expect(
            WhatIfView.render(Self.whatIf(failure), on: .plain).remarks.first?.hasPrefix("After that it is assumed")
                == true)
    }
}
