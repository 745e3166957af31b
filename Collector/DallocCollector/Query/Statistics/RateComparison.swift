// SPDX-License-Identifier: Apache-2.0
//
// Whether something happens more often with build B than with build A: failures per device-day.

internal import Foundation

/// Two rates of events, compared over devices. Events come in heaps on few devices, and most devices have none; so it is devices that are
/// drawn again for the interval, not events, and no distribution is assumed for them.
///
/// Each rate has the interval of an ``EventSample``. Two such intervals give that of the difference, and on the scale of logarithms that of
/// the ratio, by the method of variance estimates recovery (Zou and Donner 2008, Statistics in Medicine 27). The same devices always
/// give the same answer.
struct RateComparison: Equatable, Sendable {
    /// What one device adds.
    struct Device: Equatable, Sendable {
        let events: UInt64
        /// Days that it was heard of; above 0, parts of days count.
        let days: Double
    }

    /// Events per device-day; 0 without days.
    let rateA: Double
    let rateB: Double
    /// How much more often per device-day.
    let difference: Estimate
    /// The rate of B over the rate of A, with 3/8 of an event more in each.
    let ratio: Estimate
    let confidence: Double
    let verdict: ComparisonVerdict

    /// An event in a thousand device-days more or less is the same; so is a twentieth of A's rate, where that is more.
    static let usualMargin = 0.001

    /// - Parameters:
    ///   - a: devices with build A; those without finite days above 0 are left out.
    ///   - b: devices with build B.
    ///   - margin: events per device-day that nobody minds.
    init(
        _ a: [Device], _ b: [Device], confidence: Double = TwoSample.usualConfidence, margin: Double = usualMargin
    ) {
        let a = EventSample(a)
        let b = EventSample(b)
        self.confidence = confidence
        (rateA, rateB) = (a.rate, b.rate)
        let count = min(a.devices.count, b.devices.count)
        guard count >= 2 else {
            difference = Estimate(value: 0, lower: -.infinity, upper: .infinity)
            ratio = Estimate(value: 1, lower: 0, upper: .infinity)
            verdict = .notEnough(more: 2 - count)
            return
        }
        let quantile = BetaDistribution.studentQuantile(
            tail: (1 - confidence) / 2, degrees: Double(a.devices.count + b.devices.count - 2))
        let (intervalA, intervalB) = (a.interval(quantile: quantile), b.interval(quantile: quantile))
        difference = Self.recovered(intervalA.around(a.rate), intervalB.around(b.rate))
        let logarithm = Self.recovered(intervalA.logarithm, intervalB.logarithm)
        ratio = Estimate(value: exp(logarithm.value), lower: exp(logarithm.lower), upper: exp(logarithm.upper))
        verdict = ComparisonVerdict(difference, margin: max(margin, intervalA.value / 20), count: count, fewest: 2)
    }

    /// The difference of two independent figures: what each bound is away from its figure adds up in squares.
    private static func recovered(_ a: Estimate, _ b: Estimate) -> Estimate {
        func reach(_ one: Double, _ other: Double) -> Double { (one * one + other * other).squareRoot() }
        let value = b.value - a.value
        return Estimate(
            value: value, lower: value - reach(b.value - b.lower, a.upper - a.value),
            upper: value + reach(b.upper - b.value, a.value - a.lower))
    }
}
