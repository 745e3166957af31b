// SPDX-License-Identifier: Apache-2.0
//
// How long blocks lived that were freed: a histogram whose classes double.

struct Lifetimes: Equatable, Sendable {
    /// Class 0 is below a millisecond, class n from 2^(n-1) milliseconds up to below 2^n; the last has all that is longer, from 12 days on.
    static let classes = 32

    private(set) var counts: InlineArray<32, UInt32> = InlineArray(repeating: 0)

    /// - Parameter milliseconds: 0 and up.
    static func place(milliseconds: UInt64) -> Int {
        min(64 &- milliseconds.leadingZeroBitCount, classes &- 1)
    }

    mutating func add(milliseconds: UInt64) { add(1, to: Self.place(milliseconds: milliseconds)) }

    /// - Parameter place: 0 ..< ``classes``; anything else is ignored.
    mutating func add(_ count: UInt32, to place: Int) {
        guard place >= 0, place < Self.classes else { return }
        let (sum, overflow) = counts[place].addingReportingOverflow(count)
        counts[place] = overflow ? .max : sum
    }

    static func += (sum: inout Lifetimes, more: Lifetimes) {
        for place in 0..<classes where more.counts[place] > 0 { sum.add(more.counts[place], to: place) }
    }

    /// From the first class that is not 0 to the last one; nil when all are.
    var range: ClosedRange<Int>? {
        guard let first = (0..<Self.classes).first(where: { counts[$0] > 0 }),
            let last = (0..<Self.classes).last(where: { counts[$0] > 0 })
        else { return nil }
        return first...last
    }

    static func == (left: Lifetimes, right: Lifetimes) -> Bool {
        (0..<classes).allSatisfy { left.counts[$0] == right.counts[$0] }
    }
}
