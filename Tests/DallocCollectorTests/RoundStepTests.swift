// SPDX-License-Identifier: Apache-2.0

import HeapHistory
import Testing

@testable import DallocCollector

@Suite struct RoundStepTests {
    private static let second: Int64 = 1_000_000

    @Test(
        arguments: [
            (3600, 60), (600, 10), (5, 0), (86_400, 1800), (2 * 86_400, 3600), (30 * 86_400, 43_200),
            (365 * 86_400, 7 * 86_400), (0, 0),
        ] as [(Int64, Int64)])
    func theStepGivesAboutSixtyPoints(_ length: Int64, _ step: Int64) {
        let since = RecordedHistory.start
        let until = since.later(byMicroseconds: length * Self.second)
        let width = RoundStep.width(from: since, to: until, points: 60)
        #expect(width == (step == 0 ? 100_000 : step * Self.second))
    }

    @Test func noRangeIsTooLong() {
        let (first, last) = (Timestamp(microseconds: .min), Timestamp(microseconds: .max))
        #expect(RoundStep.width(from: first, to: last, points: 1) == .max)
        #expect(RoundStep.width(from: last, to: first, points: 0) == 100_000)
        #expect(RoundStep.width(from: first, to: last, points: 10_000) > 0)
    }
}
