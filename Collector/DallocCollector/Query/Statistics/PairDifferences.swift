// SPDX-License-Identifier: Apache-2.0
//
// The differences of all pairs of values of two samples, in order, without forming them.

/// A hundred thousand values on each side have ten thousand million differences. The one at a rank is found by bisection of the value: how
/// many differences are at most so large is counted in one walk along both sorted samples. When few are left, these are formed.
struct PairDifferences: Sendable {
    private let a: [Double]
    private let b: [Double]

    /// - Parameters: both sorted and finite, neither empty.
    init(_ a: [Double], _ b: [Double]) {
        self.a = a
        self.b = b
    }

    /// How many there are.
    var count: Double { Double(a.count) * Double(b.count) }

    /// The difference, B's value less A's, at a rank from 1 to ``count``; -infinity below, infinity above.
    func value(at rank: Double) -> Double {
        guard rank >= 1 else { return -.infinity }
        guard rank <= count, let firstA = a.first, let lastA = a.last, let firstB = b.first, let lastB = b.last else {
            return .infinity
        }
        var low = (firstB - lastA).nextDown
        var high = lastB - firstA
        // So many are at most `low`, fewer than `rank`, and so many at most `high`, as many or more.
        var (below, within) = (0.0, count)
        while within - below > 2 * Double(a.count + b.count) {
            let middle = low / 2 + high / 2
            guard middle > low, middle < high else { return high }
            let number = number(atMost: middle)
            if number < rank { (low, below) = (middle, number) } else { (high, within) = (middle, number) }
        }
        var left = differences(above: low, through: high)
        let place = Int(rank - below) - 1
        return left.indices.contains(place) ? OrderStatistic.select(place, of: &left) : high
    }

    /// The median of all: Hodges and Lehmann's estimate of the shift (1963).
    var median: Double {
        let lower = value(at: ((count + 1) / 2).rounded(.down))
        guard count.truncatingRemainder(dividingBy: 2) == 0 else { return lower }
        return lower / 2 + value(at: count / 2 + 1) / 2
    }

    private func number(atMost limit: Double) -> Double {
        a.withUnsafeBufferPointer { a in
            b.withUnsafeBufferPointer { b in
                var number = 0
                var right = 0
                for left in 0..<a.count {
                    while right < b.count, b[right] - a[left] <= limit { right += 1 }
                    number += right
                }
                return Double(number)
            }
        }
    }

    private func differences(above low: Double, through high: Double) -> [Double] {
        var differences: [Double] = []
        var first = 0
        for value in a {
            while first < b.count, b[first] - value <= low { first += 1 }
            for other in b[first...] {
                let difference = other - value
                guard difference <= high else { break }
                differences.append(difference)
            }
        }
        return differences
    }
}
