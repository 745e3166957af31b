// SPDX-License-Identifier: Apache-2.0

internal import Foundation

/// A figure that was estimated, and the interval that holds the true one with some confidence. Bounds may be infinite, never NaN.
struct Estimate: Equatable, Sendable {
    let value: Double
    let lower: Double
    let upper: Double

    /// The same bounds, of another value; they reach to it.
    func around(_ value: Double) -> Estimate {
        Estimate(value: value, lower: min(lower, value), upper: max(upper, value))
    }

    /// The logarithms of all three; of numbers that are not above 0, -infinity.
    var logarithm: Estimate {
        func logarithm(_ number: Double) -> Double { number > 0 ? log(number) : -.infinity }
        return Estimate(value: logarithm(value), lower: logarithm(lower), upper: logarithm(upper))
    }

    /// All three divided by a number above 0.
    func divided(by unit: Double) -> Estimate {
        Estimate(value: value / unit, lower: lower / unit, upper: upper / unit)
    }
}
