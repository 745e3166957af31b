// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import DallocCollector

struct TimeToFullTests {
    @Test func theBoundsOfTheSlopeGiveTheBoundsOfTheTime() {
        let time = TimeToFull(freeBytes: 12_000, slope: 100, lower: 80, upper: 120)
        #expect(time.expected == 120)
        #expect(time.earliest == 100)
        #expect(time.latest == 150)
    }

    @Test func whatMayNotGrowMayNeverBeFull() {
        let unsure = TimeToFull(freeBytes: 12_000, slope: 10, lower: -5, upper: .infinity)
        #expect(unsure.expected == 1200 && unsure.earliest == 0 && unsure.latest == nil)
        let none = TimeToFull(freeBytes: 12_000, slope: .nan, lower: -.infinity, upper: 0)
        #expect(none.expected == nil && none.earliest == nil && none.latest == nil)
    }

    @Test func noTimeIsLongerThanAHundredYears() {
        let slow = TimeToFull(freeBytes: .max, slope: 1e-300, lower: .leastNonzeroMagnitude, upper: 1e300)
        #expect(
            slow.expected == TimeToFull.longest && slow.latest == TimeToFull.longest
                && slow.earliest == 1.8446744073709552e-281)
        #expect(TimeToFull(freeBytes: 0, slope: 5, lower: 1, upper: 9).latest == 0)
    }
}
