// SPDX-License-Identifier: Apache-2.0

import HeapHistory
import Testing

@testable import dalloc

@Suite struct GapSentenceTests {
    private let start = Samples.time
    private let end = Samples.time.later(880_000)

    @Test func aGapIsSaidInWords() {
        #expect(
            GapSentence.text(
                Gap(start: start, end: end, cause: .recorderOverflow, operations: 1, frames: nil), in: .utc)
                == "Gap from 2026-11-23 03:12:00.000 to 03:12:00.880 UTC (0.88 s): the device's recorder was full, "
                + "1 operation is missing.")
        #expect(
            GapSentence.text(Gap(start: start, end: nil, cause: .lineLoss, operations: 1200, frames: 3), in: .utc)
                == "Gap since 2026-11-23 03:12:00.000 UTC, still open: frames were lost on the line, "
                + "1,200 operations and 3 frames are missing.")
        #expect(
            GapSentence.text(Gap(start: nil, end: end, cause: .noKeyframe, operations: nil, frames: nil), in: .utc)
                == "Gap until 2026-11-23 03:12:00.880 UTC: the whole table had not been received yet.")
        #expect(
            GapSentence.text(Gap(start: start, end: end, cause: .summarized, operations: nil, frames: nil), in: .utc)
                == "Gap from 2026-11-23 03:12:00.000 to 03:12:00.880 UTC (0.88 s): the device told of the heap in summaries."
        )
        #expect(
            GapSentence.text(Gap(start: start, end: nil, cause: .silence, operations: nil, frames: nil), in: .utc)
                == "Unknown since 2026-11-23 03:12:00.000 UTC: no word from the device.")
    }

    @Test func gapsAreListedWithWhatIsMissing() {
        let list = GapList(
            device: "sensor-01", heap: 0, name: "main", since: start, until: end, knownUntil: end,
            gaps: [
                Gap(start: start, end: end, cause: .recorderOverflow, operations: 1200, frames: nil),
                Gap(start: end, end: nil, cause: .lineLoss, operations: nil, frames: 3),
                Gap(start: end, end: end, cause: .summarized, operations: nil, frames: nil),
            ])
        #expect(
            GapsView.render(list, on: .plain).text == """
                FROM UTC                 TO UTC                   LASTED  MISSING           CAUSE
                2026-11-23 03:12:00.000  2026-11-23 03:12:00.880  0.88 s  1,200 operations  the device's recorder was full
                2026-11-23 03:12:00.880  still open               0.00 s  3 frames          frames were lost on the line
                2026-11-23 03:12:00.880  2026-11-23 03:12:00.880  0.00 s  details           the device told of the heap in summaries

                """)
        let none = GapList(
            device: "sensor-01", heap: 0, name: "main", since: start, until: end, knownUntil: end, gaps: [])
        #expect(GapsView.render(none, on: .plain).remarks.first?.hasPrefix("Nothing is missing in heap main") == true)
    }

    @Test func nothingIsSaidOfWhatIsNotKnown() {
        func remark(_ knownUntil: Timestamp?) -> String? {
            let list = GapList(
                device: "a", heap: 0, name: "main", since: start, until: start.later(3_600_000_000),
                knownUntil: knownUntil, gaps: [])
            let rendering = GapsView.render(list, on: .plain)
            #expect(rendering.text.isEmpty)
            return rendering.remarks.first
        }
        #expect(
            remark(end)
                == "Nothing is missing in heap main from 2026-11-23 03:12:00.000 to 2026-11-23 03:12:00.880 UTC; "
                + "what came after is not known yet.")
        #expect(remark(nil) == "Nothing of heap main is known yet.")
        #expect(
            remark(start.later(-1_000_000))
                == "Nothing of heap main is known from 2026-11-23 03:12:00.000 UTC on: it is "
                + "known until 2026-11-23 03:11:59.000 UTC; --since looks further back.")
        #expect(
            remark(start.later(7_200_000_000))?.hasSuffix("to 2026-11-23 04:12:00.000 UTC; --since looks further back.")
                == true)
    }

    @Test func nothingIsSaidOfTheTimeBeforeTheFirstReport() {
        func rendering(_ gaps: [Gap], first: Int64, until: Int64 = 3_600_000_000) -> Rendering {
            GapsView.render(
                GapList(
                    device: "a", heap: 0, name: "main", since: start, until: start.later(until),
                    knownSince: start.later(first), knownUntil: start.later(7_200_000_000), gaps: gaps), on: .plain)
        }
        #expect(
            rendering([], first: 1_800_000_000).remarks.first
                == "Nothing is missing in heap main from its first report, 2026-11-23 03:42:00.000, to "
                + "2026-11-23 04:12:00.000 UTC; what came before is not known.")
        #expect(
            rendering([], first: 5_400_000_000).remarks.first
                == "Nothing is known from before 2026-11-23 04:42:00.000 UTC: the heap's first report came then.")
        #expect(
            rendering([], first: -1).remarks.first?.hasPrefix("Nothing is missing in heap main from 2026-11-23 03:12")
                == true)
        let gap = Gap(start: end, end: end, cause: .lineLoss, operations: nil, frames: 3)
        #expect(
            rendering([gap], first: 1).text.hasSuffix(
                "\n\nNothing is known from before 2026-11-23 03:12:00.000 UTC: the heap's first report came then.\n"))
    }

    @Test func anOpenSilenceIsListedWithHowLongItLasts() {
        let list = GapList(
            device: "a", heap: 0, name: "main", since: start, until: start.later(3_790_000_000), knownUntil: start,
            gaps: [Gap(start: start, end: nil, cause: .silence, operations: nil, frames: nil)])
        #expect(
            GapsView.render(list, on: .plain).text == """
                FROM UTC                 TO UTC          LASTED  MISSING  CAUSE
                2026-11-23 03:12:00.000  still open  1 h 03 min  ?        no word from the device

                """)
    }

    @Test func aGapOverMidnightNamesBothDays() {
        let text = GapSentence.text(
            Gap(
                start: start, end: start.later(86_400_000_000), cause: .digestMismatch, operations: nil, frames: nil),
            in: .utc)
        #expect(text.contains("from 2026-11-23 03:12:00.000 to 2026-11-24 03:12:00.000 UTC (1 d 00 h)"))
    }
}
