// SPDX-License-Identifier: Apache-2.0
//
// Kendall's score of a series against time: how many more pairs of values rise than fall, and how far chance takes that.

struct KendallTrend: Equatable, Sendable {
    /// S: the pairs of which the later value is higher, less those of which it is lower.
    let score: Double
    /// The variance of S when the values come in random order, with Kendall's correction for ties (Kendall 1975).
    let variance: Double

    /// - Parameter values: in the order of time, none of them NaN.
    init(_ values: [Double]) {
        var score = 0
        for (index, earlier) in values.enumerated() {
            for later in values[(index + 1)...] {
                if later > earlier { score += 1 } else if later < earlier { score -= 1 }
            }
        }
        self.score = Double(score)
        func term(_ count: Double) -> Double { count * (count - 1) * (2 * count + 5) }
        var ties = 0.0
        var run = 1.0
        let sorted = values.sorted()
        for (value, next) in zip(sorted, sorted.dropFirst()) {
            if value == next {
                run += 1
            } else {
                ties += term(run)
                run = 1
            }
        }
        ties += term(run)
        variance = max(0, (term(Double(values.count)) - ties) / 18)
    }

    /// Standard deviations of S from 0, with the correction for continuity; 0 when all values are equal.
    func standardScore(correction: Double = 1) -> Double {
        let deviation = (variance * correction).squareRoot()
        guard deviation > 0, score != 0 else { return 0 }
        return (score - (score > 0 ? 1 : -1)) / deviation
    }

    /// The factor that serial correlation makes the variance of S larger by; at least 1.
    ///
    /// The effective sample size of Yue and Wang (2004, Water Resources Management 18), "The Mann-Kendall test modified by effective sample
    /// size": n/n* = 1 + 2 Σ (1 − k/n) ρᵏ, with the lag-1 correlation ρ of the ranks of what is left without the trend. Taking a trend
    /// out makes ρ too small by about (2 + 4ρ)/n; (nρ + 2)/(n − 4) mends it, as in Hamed (2009, J. Hydrology 368). Bounds of 95 % then
    /// hold in 91 to 95 % of series of 100 points with ρ up to 0.9; with the sums over all significant lags of Hamed and Rao (1998) in 65
    /// to 95 %. A ρ that could be chance at a level of 10 % is taken for 0.
    /// - Parameter residuals: the values less the trend, in the order of time.
    static func serialCorrection(_ residuals: [Double]) -> Double {
        let count = Double(residuals.count)
        guard residuals.count > 6 else { return 1 }
        let centred = midranks(residuals).map { $0 - (count + 1) / 2 }
        let power = centred.reduce(0) { $0 + $1 * $1 }
        let product = zip(centred, centred.dropFirst()).reduce(0) { $0 + $1.0 * $1.1 }
        guard power > 0, product / power > 1.645 / count.squareRoot() else { return 1 }
        // At 1 the series would be a walk without end, and the sum no help.
        let correlation = min(0.98, (count * product / power + 2) / (count - 4))
        var sum = 0.0
        var factor = 1.0
        for lag in 1..<residuals.count {
            factor *= correlation
            sum += (1 - Double(lag) / count) * factor
        }
        return 1 + 2 * sum
    }

    /// Ranks from 1; equal values share the mean of theirs.
    static func midranks(_ values: [Double]) -> [Double] {
        let order = values.indices.sorted { values[$0] < values[$1] }
        var ranks = [Double](repeating: 0, count: values.count)
        var start = 0
        while start < order.count {
            var end = start
            while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
            for index in order[start..<end] { ranks[index] = Double(start + end + 1) / 2 }
            start = end
        }
        return ranks
    }
}
