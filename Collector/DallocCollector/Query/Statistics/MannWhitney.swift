// SPDX-License-Identifier: Apache-2.0
//
// How often a value of B is above one of A: Mann and Whitney's U, its distribution, and the effect size that it gives.

struct MannWhitney: Equatable, Sendable {
    /// The pairs of which B's value is the higher one; half of those that are equal.
    let score: Double
    /// The standard deviation of U when A and B are alike, with the correction for ties.
    let deviation: Double
    private let a: Int
    private let b: Int

    /// Up to this many values in each sample the distribution is counted out, beyond it is taken for normal.
    static let mostExact = 25

    /// - Parameters: both sorted, without NaNs.
    init(_ a: [Double], _ b: [Double]) {
        self.a = a.count
        self.b = b.count
        let (countA, countB) = (Double(a.count), Double(b.count))
        let total = countA + countB
        var score = 0.0
        var ties = 0.0
        var (left, right) = (0, 0)
        while left < a.count || right < b.count {
            let value = left < a.count && (right >= b.count || a[left] <= b[right]) ? a[left] : b[right]
            let (firstLeft, firstRight) = (left, right)
            while left < a.count, a[left] == value { left += 1 }
            while right < b.count, b[right] == value { right += 1 }
            let (equalA, equalB) = (Double(left - firstLeft), Double(right - firstRight))
            score += equalB * (Double(firstLeft) + equalA / 2)
            let equal = equalA + equalB
            ties += equal * equal * equal - equal
            // Values that order can't tell, such as infinities of a sort that callers keep out, must not stop the walk.
            if left == firstLeft, right == firstRight { break }
        }
        self.score = score
        let variance = total > 1 ? countA * countB / 12 * (total + 1 - ties / (total * (total - 1))) : 0
        deviation = max(0, variance).squareRoot()
    }

    /// The rank k for which the k-th smallest and the k-th largest difference of a pair, counted from 1, are the bounds of the shift:
    /// Hollander and Wolfe, Nonparametric Statistical Methods (1973), 4.3. Below 1 the samples are too small for this confidence.
    func rank(confidence: Double) -> Double {
        let tail = (1 - confidence) / 2
        guard max(a, b) <= Self.mostExact else {
            let middle = Double(a) * Double(b) / 2
            return (middle + NormalDistribution.quantile(tail) * deviation).rounded(.down)
        }
        var sum = 0.0
        for (score, probability) in Self.distribution(a, b).enumerated() {
            sum += probability
            if sum > tail { return Double(score) }
        }
        return 0
    }

    /// The probability of each U from 0 to a·b without ties: the coefficients of the Gaussian binomial.
    static func distribution(_ a: Int, _ b: Int) -> [Double] {
        var ways = [Double](repeating: 0, count: a * b + 1)
        ways[0] = 1
        for factor in stride(from: 1, through: a, by: 1) {
            let up = b + factor
            for index in stride(from: ways.count - 1, through: up, by: -1) { ways[index] -= ways[index - up] }
            for index in stride(from: factor, to: ways.count, by: 1) { ways[index] += ways[index - factor] }
        }
        let total = ways.reduce(0, +)
        return ways.map { $0 / total }
    }

    /// Vargha and Delaney's A (2000): the probability that a value of B is above one of A, equal ones half. 0.5 is no effect; 0.56, 0.64
    /// and 0.71 they call small, medium and large. Cliff's delta is 2 A − 1.
    ///
    /// The interval is method 5 of Newcombe (2006, Statistics in Medicine 25, part 2): it is within 0 and 1, and has a width where all of B
    /// is above all of A. 0.5, from 0 to 1, when a sample is empty.
    func superiority(confidence: Double) -> Estimate {
        let (countA, countB) = (Double(a), Double(b))
        guard a > 0, b > 0 else { return Estimate(value: 0.5, lower: 0, upper: 1) }
        let share = score / (countA * countB)
        let z = NormalDistribution.quantile(0.5 + confidence / 2)
        let half = (countA + countB) / 2 - 1
        func excess(_ truth: Double) -> Double {
            let spread = 1 + half * ((1 - truth) / (2 - truth) + truth / (1 + truth))
            return abs(share - truth) - z * (truth * (1 - truth) * spread / (countA * countB)).squareRoot()
        }
        func bound(towards end: Double) -> Double {
            var (inside, outside) = (share, end)
            for _ in 0..<60 {
                let middle = (inside + outside) / 2
                if excess(middle) <= 0 { inside = middle } else { outside = middle }
            }
            return outside
        }
        return Estimate(value: share, lower: bound(towards: 0), upper: bound(towards: 1))
    }
}
