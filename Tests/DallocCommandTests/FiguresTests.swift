// SPDX-License-Identifier: Apache-2.0

import HeapHistory
import Testing

@testable import dalloc

@Suite struct FiguresTests {
    @Test(arguments: [
        (0, "0"), (999, "999"), (1000, "1,000"), (1_048_576, "1,048,576"), (-1024, "-1,024"),
        (Int.min, "-9,223,372,036,854,775,808"),
    ])
    func thousandsAreSeparated(_ value: Int, _ text: String) {
        #expect(Figures.number(value) == text)
    }

    @Test func percentIsNeverMoreThanItIs() {
        #expect(Figures.percent(16_383, of: 16_384) == "99.9")
        #expect(Figures.percent(16_384, of: 16_384) == "100.0")
        #expect(Figures.percent(1, of: 3) == "33.3")
        #expect(Figures.percent(1, of: 0) == "")
    }

    @Test(arguments: [
        (0, "0.00 s"), (250_000, "0.25 s"), (999_999, "0.99 s"), (12_540_000, "12.5 s"), (245_000_000, "4 min 05 s"),
        (11_520_000_000, "3 h 12 min"), (187_200_000_000, "2 d 04 h"),
    ])
    func durationsHaveTheUnitThatFits(_ microseconds: Int64, _ text: String) {
        #expect(Figures.duration(microseconds) == text)
    }

    @Test func agoIsCoarse() {
        let now = Timestamp(microseconds: 1_000_000_000_000)
        for (seconds, text) in [
            (-5, "now"), (0, "now"), (3, "3 s ago"), (59, "59 s ago"), (60, "1 min ago"), (7200, "2 h ago"),
            (200_000, "2 d ago"),
        ] as [(Int64, String)] {
            #expect(Figures.ago(now.later(-seconds * 1_000_000), now: now) == text)
        }
    }

    @Test func bootIdsHaveEightDigits() {
        #expect(Figures.boot(0) == "00000000")
        #expect(Figures.boot(0x8F3A_01C2) == "8f3a01c2")
    }
}
