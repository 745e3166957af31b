// SPDX-License-Identifier: Apache-2.0
//
// When a heap that grows will be full.

/// Hours until growth has used up what is free: the free bytes over the slope, and over its bounds.
struct TimeToFull: Equatable, Sendable {
    /// Hours from the last sample, from 0 to ``longest``; nil: never at this slope.
    let expected: Double?
    /// By the upper bound of the slope; nil when even that doesn't grow.
    let earliest: Double?
    /// By the lower bound of the slope; nil: it may never be full.
    let latest: Double?

    /// A hundred years. More is as good as this, and can be added to any time without leaving the calendar.
    static let longest = 876_600.0

    /// - Parameters:
    ///   - freeBytes: what is left, in the heap as a whole.
    ///   - slope: bytes an hour, with its bounds. One that isn't above 0, or is NaN, never fills anything.
    init(freeBytes: UInt64, slope: Double, lower: Double, upper: Double) {
        func hours(_ slope: Double) -> Double? {
            slope > 0 ? min(Double(freeBytes) / slope, Self.longest) : nil
        }
        expected = hours(slope)
        earliest = hours(upper)
        latest = hours(lower)
    }

    init(freeBytes: UInt64, _ trend: GrowthTrend) {
        self.init(freeBytes: freeBytes, slope: trend.slope, lower: trend.lower, upper: trend.upper)
    }
}
