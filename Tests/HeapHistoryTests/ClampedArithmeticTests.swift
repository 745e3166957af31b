// SPDX-License-Identifier: Apache-2.0

import HeapHistory
import Testing

@Suite struct ClampedArithmeticTests {
    @Test func whatFitsIsExact() {
        #expect(Int64(3).addingClamped(-5) == -2)
        #expect(Int64(3).subtractingClamped(5) == -2)
        #expect(Int64(3).multipliedClamped(by: -5) == -15)
    }

    @Test(
        arguments: [(Int64.max, 1), (.min, -1), (.max, .max), (.min, .min), (.max, .min), (0, .min), (-1, .min)]
            as [(Int64, Int64)])
    func whatDoesNotFitIsTheNearest(_ left: Int64, _ right: Int64) {
        // In 128 bits nothing of this overflows.
        let (wideLeft, wideRight) = (Int128(left), Int128(right))
        #expect(left.addingClamped(right) == Int64(clamping: wideLeft + wideRight))
        #expect(left.subtractingClamped(right) == Int64(clamping: wideLeft - wideRight))
        #expect(left.multipliedClamped(by: right) == Int64(clamping: wideLeft * wideRight))
    }

    @Test func momentsStayMoments() {
        #expect(Timestamp(microseconds: .max).later(byMicroseconds: 5).microseconds == .max)
        #expect(Timestamp(microseconds: .max).microseconds(since: Timestamp(microseconds: .min)) == .max)
    }
}
