// SPDX-License-Identifier: Apache-2.0
//
// The regularised incomplete beta function, and the tails of Student's and the binomial distribution, which follow from it.

internal import Foundation

enum BetaDistribution {
    /// I_x(a, b): the probability that a beta variable with these parameters is at most `x`. NaN when a parameter isn't positive.
    ///
    /// The continued fraction of Abramowitz and Stegun 26.5.8, by Lentz's method as in Press et al., Numerical Recipes, 6.4.
    static func cumulative(_ x: Double, _ a: Double, _ b: Double) -> Double {
        guard a > 0, b > 0, a.isFinite, b.isFinite, !x.isNaN else { return .nan }
        guard x > 0 else { return 0 }
        guard x < 1 else { return 1 }
        let logarithm = logGamma(a + b) - logGamma(a) - logGamma(b) + a * log(x) + b * log1p(-x)
        // The fraction converges fast on this side of the mean only.
        return x < (a + 1) / (a + b + 2)
            ? exp(logarithm) * fraction(x, a, b) / a : 1 - exp(logarithm) * fraction(1 - x, b, a) / b
    }

    /// The probability that a variable of Student's distribution is above `t`. It never traps; NaN gives NaN.
    static func studentTail(_ t: Double, degrees: Double) -> Double {
        let beyond = 0.5 * cumulative(degrees / (degrees + t * t), degrees / 2, 0.5)
        return t < 0 ? 1 - beyond : beyond
    }

    /// The value that Student's distribution is above with the probability `tail`, which is below 0.5: by bisection.
    static func studentQuantile(tail: Double, degrees: Double) -> Double {
        guard tail > 0, tail < 0.5, degrees > 0 else { return tail >= 0.5 ? 0 : .infinity }
        var low = 0.0
        var high = 1.0
        while studentTail(high, degrees: degrees) > tail, high < 1e12 { (low, high) = (high, 2 * high) }
        for _ in 0..<60 {
            let middle = (low + high) / 2
            if studentTail(middle, degrees: degrees) > tail { low = middle } else { high = middle }
        }
        return high
    }

    /// The probability of at most `successes` in `trials`, each with `probability`.
    static func binomial(atMost successes: Int, of trials: Int, probability: Double) -> Double {
        guard successes >= 0 else { return 0 }
        guard successes < trials else { return 1 }
        // Neither sum can leave the range: both numbers are counts of what is in memory.
        return 1 - cumulative(probability, Double(successes) + 1, Double(trials) - Double(successes))
    }

    private static func fraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
        let tiny = 1e-300
        func apart(_ value: Double) -> Double { abs(value) < tiny ? tiny : value }
        var c = 1.0
        var d = 1 / apart(1 - (a + b) * x / (a + 1))
        var result = d
        // About the square root of the larger parameter is needed: this is enough for millions.
        for step in 1...20_000 {
            let m = Double(step)
            let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
            d = 1 / apart(1 + even * d)
            c = apart(1 + even / c)
            result *= d * c
            let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
            d = 1 / apart(1 + odd * d)
            c = apart(1 + odd / c)
            result *= d * c
            if abs(d * c - 1) < 1e-15 { break }
        }
        return result
    }

    /// Stirling's series, Abramowitz and Stegun 6.1.41, above 10; the recurrence below. C's `lgamma` writes a global variable.
    private static func logGamma(_ x: Double) -> Double {
        var x = x
        var product = 1.0
        while x < 10 {
            product *= x
            x += 1
        }
        let inverse = 1 / (x * x)
        let tail = 1.0 / 1260 - inverse * (1.0 / 1680 - inverse / 1188)
        let series = (1.0 / 12 - inverse * (1.0 / 360 - inverse * tail)) / x
        return (x - 0.5) * log(x) - x + 0.5 * log(2 * Double.pi) + series - log(product)
    }
}
