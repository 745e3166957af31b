// SPDX-License-Identifier: Apache-2.0

internal import Foundation

/// What a share of all values is at most, with a bound that holds for the values that were not seen, too.
struct Quantile: Equatable, Sendable {
    /// The share of values, such as 0.999.
    let share: Double
    /// The smallest value that this share of the values seen is at most.
    let value: UInt64
    /// With ``confidence`` this share of all values, seen and to come, is at most this: the one-sided distribution-free tolerance bound of
    /// Wilks (1941), an order statistic. Nil when there are fewer than ``needed`` values.
    let bound: UInt64?
    let confidence: Double
    /// How many values were seen.
    let count: Int
    /// How many are needed for a bound, at least: 59 for a share of 0.95 at 95 %, 2995 for 0.999.
    let needed: Int

    /// - Parameters:
    ///   - sorted: in ascending order.
    ///   - share: below 1; at 1 or above there is no bound, and the value is the highest.
    /// - Returns: nil when there are no values.
    init?(_ sorted: [UInt64], share: Double, confidence: Double = 0.95) {
        guard let last = sorted.last else { return nil }
        self.share = share
        self.confidence = confidence
        count = sorted.count
        // Shares such as 0.999 are a little more or less than that: a millionth of a value is no value.
        let rank = (share * Double(sorted.count) - 1e-6).rounded(.up)
        value = rank < Double(sorted.count) ? sorted[max(0, Int(max(rank, 1)) - 1)] : last
        needed = Self.needed(share: share, confidence: confidence)
        bound = Self.rank(count: sorted.count, share: share, confidence: confidence).map { sorted[$0 - 1] }
    }

    /// How many values a bound needs: the highest of so many is above the quantile with this confidence. `Int.max` when none are enough.
    static func needed(share: Double, confidence: Double) -> Int {
        guard share > 0 else { return 1 }
        guard share < 1, confidence < 1 else { return .max }
        let count = (log(1 - confidence) / log(share) - 1e-9).rounded(.up)
        return count < 1e15 ? max(1, Int(count)) : .max
    }

    /// The rank, from 1, of the smallest order statistic that is at or above the quantile with this confidence; nil when the highest isn't.
    ///
    /// It is below the quantile only if as many values or more are: P(X₍ᵣ₎ ≥ ξ) ≥ P(Bin(n, share) ≤ r − 1).
    static func rank(count: Int, share: Double, confidence: Double) -> Int? {
        guard count > 0, share < 1, count >= needed(share: share, confidence: confidence) else { return nil }
        var (low, high) = (1, count)
        while low < high {
            let middle = low + (high - low) / 2
            if BetaDistribution.binomial(atMost: middle - 1, of: count, probability: max(share, 0)) >= confidence {
                high = middle
            } else {
                low = middle + 1
            }
        }
        return high
    }
}
