// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeapHistory
import Testing

@testable import dalloc

@Suite struct HistoryViewTests {
    private let history = Samples.history(
        minutes: 10,
        [
            Samples.point(1, used: 256, peak: 512), Samples.point(3, used: 512, peak: 768, failures: 2),
            Samples.point(4, used: 1024, peak: 1024),
        ],
        gaps: [
            Gap(
                start: Samples.time.later(Samples.minute * 2), end: Samples.time.later(Samples.minute * 5 / 2),
                cause: .lineLoss, operations: nil, frames: 12)
        ])

    @Test func inAPipeThereIsTheTableAndTheGapsInWords() {
        #expect(
            HistoryView.render(history, on: .plain).text == """
                TIME UTC                  USED B  USED %  BLOCKS  PEAK B  ALLOCS  FREES  FAILED  MOVES  MOVED B
                2026-11-23 03:12:00.000  no data
                2026-11-23 03:13:00.000      256    25.0      12     512       5      4       0     30    2,048
                2026-11-23 03:14:00.000  no data
                2026-11-23 03:15:00.000      512    50.0      12     768       5      4       2     30    2,048
                2026-11-23 03:16:00.000    1,024   100.0      12   1,024       5      4       0     30    2,048
                … 5 steps without data

                Gap from 2026-11-23 03:14:00.000 to 03:14:30.000 UTC (30.0 s): frames were lost on the line, 12 frames are missing.

                """)
    }

    @Test func onATerminalThereIsAChartWithEmptyColumnsWhereNothingIsKnown() {
        let text = HistoryView.render(history, on: Samples.terminal(49, rows: 12)).text
        #expect(
            text.hasPrefix(
                """
                sensor-01 · heap main · 1,024 B · 2026-11-23 · a step is 1 min

                  1,024 ┤                ████
                        │            ░░░░████
                    512 ┤    ░░░░    ████████
                        │    ████    ████████
                      0 ┼    ────!!!!────────
                         03:12               03:17          03:22
                 blocks      ████    ████████
                 failed      ····    ████····
                moved B      ████    ████████
                █ used   ░ peak   ! gap   at most 12 blocks
                2,048 B moved in a step

                TIME UTC   USED B  BLOCKS  PEAK B  ALLOCS  FREES  FAILED  MOVES  MOVED B
                03:12     no data
                03:13         256
                """), "\(text)")
    }

    @Test func theScaleFitsThePeakWhenLittleIsUsed() {
        func scale(_ peak: Int) -> Int {
            UsageChart.scale(Samples.history(minutes: 1, [Samples.point(0, used: 0, peak: peak)]))
        }
        #expect(scale(1024) == 1024)
        #expect(scale(512) == 1024)
        #expect(scale(511) == 512)
        #expect(scale(100) == 128)
        #expect(scale(0) == 8)
    }

    @Test func noLineOfTheChartIsWiderThanTheScreen() {
        for (columns, minutes) in [(40, 3), (80, 60), (80, 61), (80, 1500), (120, 77), (30, 10)] as [(Int, Int64)] {
            let points = (0..<minutes).map { Samples.point($0, used: 400, peak: 900) }
            let chart = UsageChart.render(Samples.history(minutes: minutes, points), on: Samples.terminal(columns))
            let widest = chart.split(separator: "\n").map(\.count).max() ?? 0
            #expect(widest <= columns, "\(minutes) min on \(columns) columns:\n\(chart)")
        }
    }

    @Test func noPointIsLostWhenColumnsAreShared() {
        let points = (0..<1000).map { Samples.point($0, used: 1, peak: $0 == 617 ? 1000 : 1, failures: 1) }
        let history = Samples.history(minutes: 1000, points)
        let buckets = UsageChart.buckets(history, StepGrid(history), width: 70).compactMap { $0 }
        #expect(buckets.count == 70)
        #expect(buckets.map(\.peak).max() == 1000)
        #expect(buckets.reduce(0) { $0 + $1.failures } == 1000)
    }

    @Test func theGridIsTheCollectorsWhereverItsStepsBegin() {
        var history = Samples.history(minutes: 3, [Samples.point(1, used: 1, peak: 1)])
        history.since = Samples.time.later(20_000_000)
        let grid = StepGrid(history)
        #expect(grid.start(ofStep: 0) == Samples.time)
        #expect(grid.index(of: history.points[0].time) == 1)
        #expect(grid.count == 3)
    }

    @Test func rowsOfAnotherDaySayTheirDate() {
        var history = Samples.history(minutes: 2, [Samples.point(1, used: 1, peak: 1)])
        let midnight = Samples.time.later(-Samples.time.microsecondsSinceMidnight)
        (history.since, history.points[0].time) = (midnight.later(-Samples.minute), midnight)
        history.until = midnight.later(1)
        let text = HistoryView.render(history, on: Samples.terminal(120)).text
        #expect(text.contains("\n2026-11-22 23:59  no data\n2026-11-23 00:00  "), "\(text)")
    }

    @Test func severalBootsAreTold() {
        let history = Samples.history(
            minutes: 2, [Samples.point(0, used: 1, peak: 1), Samples.point(1, used: 1, peak: 1, boot: 0xAB)])
        #expect(HistoryView.render(history, on: .plain).text.contains("2,048  000000ab\n"))
    }

    @Test func whatCameAfterTheLastWordIsUnknown() {
        var history = history
        history.knownUntil = Samples.time.later(Samples.minute * 9 / 2)
        let silence = Gap(
            start: history.knownUntil, end: nil, cause: .silence, operations: nil, frames: nil)
        let known = "Known until 2026-11-23 03:16:30.000 UTC: what came after is not known yet.\n"
        #expect(HistoryView.render(history, on: .plain).text.contains("\n… 5 steps that are not known yet\n"))
        #expect(HistoryView.render(history, on: .plain).text.hasSuffix(known))
        history.gaps = [silence]
        let text = HistoryView.render(history, on: Samples.terminal(49, rows: 12)).text
        #expect(text.contains("      0 ┼    ────    ────────????????????????????\n"), "\(text)")
        #expect(text.contains("? not known yet") && !text.contains("! gap"))
        #expect(text.hasSuffix("Unknown since 2026-11-23 03:16:30.000 UTC: no\nword from the device.\n"), "\(text)")
    }

    @Test func usePercentIsOfTheSizeThatTheHeapHadThen() {
        var history = Samples.history(
            minutes: 2, [Samples.point(0, used: 512, peak: 512), Samples.point(1, used: 512, peak: 512)])
        history.points[1].size = 2048
        history.size = 2048
        #expect(
            HistoryView.render(history, on: .plain).text.hasPrefix(
                """
                TIME UTC                 USED B  SIZE B  USED %  BLOCKS  PEAK B  ALLOCS  FREES  FAILED  MOVES  MOVED B
                2026-11-23 03:12:00.000     512   1,024    50.0      12     512       5      4       0     30    2,048
                2026-11-23 03:13:00.000     512   2,048    25.0      12     512       5      4       0     30    2,048

                """))
        #expect(HistoryView.render(history, on: Samples.terminal()).text.contains(" · 1,024 to 2,048 B · "))
        history.size = 1024
        #expect(UsageChart.scale(history) == 512, "of the largest that it had")
    }

    @Test func noPointsAreExplained() {
        let rendering = HistoryView.render(Samples.history(minutes: 10, []), on: Samples.terminal())
        #expect(rendering.text.isEmpty)
        #expect(rendering.remarks.first?.hasPrefix("No data for heap main from 2026-11-23 03:12:00.000") == true)
    }

    @Test func anAnswerOutOfAllBoundsDoesNotTrap() {
        var history = Samples.history(minutes: -5, [Samples.point(-100, used: -1, peak: 0)])
        for (step, size) in [(0, 0), (.max, .max), (.min, .min)] as [(Int64, Int)] {
            (history.stepMicroseconds, history.size) = (step, size)
            history.points[0].used = size
            #expect(!HistoryView.render(history, on: Samples.terminal()).text.isEmpty)
        }
    }
}
