// SPDX-License-Identifier: Apache-2.0

/// What can be said of B, compared with A, at the confidence of the comparison.
enum ComparisonVerdict: Equatable, Sendable {
    /// The whole interval is above 0, and reaches beyond the margin.
    case higher
    /// The whole interval is below 0, and reaches beyond the margin.
    case lower
    /// The whole interval is within the margin: whatever the difference is, it is at most this. A share of A's figure, or in the
    /// unit of the figure where A's is 0.
    case noDifference(within: Double)
    /// The interval is as narrow as the margin, and holds 0 and an edge of the margin. More of the same would tell at some time.
    case undecided
    /// The interval is too wide to tell anything. About this many more values are needed of each.
    case notEnough(more: Int)

    /// The verdict that an interval gives.
    /// - Parameters:
    ///   - margin: a difference that nobody minds, in the unit of the interval; at least 0.
    ///   - count: of the smaller sample. The width of an interval falls with the root of it.
    ///   - fewest: that give a finite interval at all.
    init(_ interval: Estimate, margin: Double, count: Int, fewest: Int) {
        let reach = max(abs(interval.lower), abs(interval.upper))
        let width = interval.upper - interval.lower
        if count < fewest || !reach.isFinite {
            self = .notEnough(more: max(1, fewest - count))
        } else if reach <= margin {
            self = .noDifference(within: reach)
        } else if interval.lower > 0 {
            self = .higher
        } else if interval.upper < 0 {
            self = .lower
        } else if width <= 2 * margin {
            self = .undecided
        } else {
            let ratio = margin > 0 ? width / (2 * margin) : 2
            let needed = Double(count) * (ratio * ratio - 1)
            self = .notEnough(more: Int(min(max(needed.rounded(.up), 1), 1e9)))
        }
    }
}
