// SPDX-License-Identifier: Apache-2.0
//
// The standard normal distribution: probabilities, and the points that cut them off.

internal import Foundation

enum NormalDistribution {
    /// The probability of a value of at most `z`. NaN gives NaN.
    static func cumulative(_ z: Double) -> Double {
        0.5 * erfc(-z / 2.0.squareRoot())
    }

    /// The point that a share `p` of the distribution is below; ±infinity at and beyond 0 and 1.
    ///
    /// Acklam's rational approximation (2003, relative error 1.15e-9), and a step of Halley's method, which makes it
    /// exact to the last digits.
    static func quantile(_ p: Double) -> Double {
        guard p > 0 else { return p.isNaN ? .nan : -.infinity }
        guard p < 1 else { return .infinity }
        let estimate: Double
        let tail = min(p, 1 - p)
        if tail < 0.02425 {
            let q = (-2 * log(tail)).squareRoot()
            let point = polynomial(tailAbove, q) / (polynomial(tailBelow, q) * q + 1)
            estimate = p < 0.5 ? point : -point
        } else {
            let q = p - 0.5
            estimate = polynomial(middleAbove, q * q) * q / (polynomial(middleBelow, q * q) * q * q + 1)
        }
        let error = (cumulative(estimate) - p) * (2 * Double.pi).squareRoot() * exp(estimate * estimate / 2)
        let step = error / (1 + estimate * error / 2)
        return step.isFinite ? estimate - step : estimate
    }

    private static func polynomial(_ coefficients: [Double], _ x: Double) -> Double {
        coefficients.reduce(0) { $0 * x + $1 }
    }

    private static let middleAbove = [
        -3.969683028665376e+01, 2.209460984245205e+02, -2.759285104469687e+02, 1.383577518672690e+02,
        -3.066479806614716e+01, 2.506628277459239e+00,
    ]
    private static let middleBelow = [
        -5.447609879822406e+01, 1.615858368580409e+02, -1.556989798598866e+02, 6.680131188771972e+01,
        -1.328068155288572e+01,
    ]
    private static let tailAbove = [
        -7.784894002430293e-03, -3.223964580411365e-01, -2.400758277161838e+00, -2.549732539343734e+00,
        4.374664141464968e+00, 2.938163982698783e+00,
    ]
    private static let tailBelow = [
        7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996e+00, 3.754408661907416e+00,
    ]
}
