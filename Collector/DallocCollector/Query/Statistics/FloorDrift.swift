// SPDX-License-Identifier: Apache-2.0
//
// Whether the floor of a series rises again and again, or has only got somewhere.

/// The lowest values of equal stretches of a series, and how evenly they rise from each to the next.
///
/// The floor is what stays when jobs are over. Student's t of its steps asks whether they rise on the whole. Unlike a test of the values
/// themselves, it holds for a walk at random, too, where each step is independent of the last: such a walk gets far from where it
/// began, but not by even steps. One long-lived buffer is one step: its t is 1, however large it is.
struct FloorDrift: Equatable, Sendable {
    let floors: [Double]
    /// The mean of the steps, and its standard error.
    let mean: Double
    let error: Double

    /// Short stretches see many steps, long ones hold the whole of a job.
    private static let lengths = [24, 12, 7]
    /// A little less than the normal quantile of a thousandth over ``lengths``: sums are rounded.
    private static let leastT = 3.35

    /// - Parameter stretches: how many; each of about as many values.
    init(_ values: ArraySlice<Double>, stretches: Int) {
        let count = max(1, min(stretches, values.count))
        floors = (0..<count).compactMap { number in
            let start = values.startIndex + values.count * number / count
            let end = values.startIndex + values.count * (number + 1) / count
            return values[start..<end].min()
        }
        let steps = zip(floors.dropFirst(), floors).map { $0 - $1 }
        let number = Double(steps.count)
        guard steps.count > 2 else {
            (mean, error) = (0, .infinity)
            return
        }
        let mean = steps.reduce(0, +) / number
        let variance = steps.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (number - 1)
        self.mean = mean
        error = (variance / number).squareRoot()
    }

    /// Of a few numbers of stretches the one that shows a drift best.
    static func clearest(_ values: ArraySlice<Double>) -> FloorDrift {
        let drifts = lengths.filter { $0 < 2 * values.count }.map { FloorDrift(values, stretches: $0) }
        return drifts.min { $0.chance < $1.chance } ?? FloorDrift(values, stretches: 1)
    }

    /// False when surely no end of the series with at least `fewest` values has a ``chance`` of a thousandth or less: most series are
    /// thrown away by this, for much less than a ``HingeFit`` costs.
    static func mayBeClear(_ values: [Double], fewest: Int) -> Bool {
        values.withUnsafeBufferPointer { values in
            (0...max(0, values.count - fewest)).contains { start in
                lengths.contains { rises(UnsafeBufferPointer(rebasing: values[start...]), stretches: $0) }
            }
        }
    }

    /// Whether Student's t of the steps is above the least that the chance needs, which is that of infinitely many steps.
    private static func rises(_ values: UnsafeBufferPointer<Double>, stretches: Int) -> Bool {
        let count = min(stretches, values.count)
        guard count > 3 else { return false }
        var (first, last, squares) = (0.0, 0.0, 0.0)
        var index = 0
        for number in 0..<count {
            var floor = Double.infinity
            while index < values.count * (number + 1) / count {
                floor = min(floor, values[index])
                index += 1
            }
            if number == 0 { first = floor } else { squares += (floor - last) * (floor - last) }
            last = floor
        }
        let steps = Double(count - 1)
        let mean = (last - first) / steps
        let variance = max(0, squares - steps * mean * mean) / (steps - 1)
        let leastMean = leastT * (variance / steps).squareRoot()
        return mean > 0 && mean >= leastMean
    }

    /// The probability that steps without a drift have a mean as high as these, by Student's distribution, times the numbers of stretches
    /// that were tried, as of Bonferroni. 1 of fewer than three steps.
    var chance: Double {
        guard mean > 0, error.isFinite else { return 1 }
        return min(1, BetaDistribution.studentTail(mean / error, degrees: degrees) * Double(Self.lengths.count))
    }

    /// How far the true drift may be from the mean step, as a share of it: the half width of Student's interval.
    func relativeError(confidence: Double) -> Double {
        mean > 0
            ? BetaDistribution.studentQuantile(tail: (1 - confidence) / 2, degrees: degrees) * error / mean : .infinity
    }

    /// The most that the floor has come down by from an earlier one.
    var deepestFall: Double {
        var highest = -Double.infinity
        var deepest = 0.0
        for floor in floors {
            highest = max(highest, floor)
            deepest = max(deepest, highest - floor)
        }
        return deepest
    }

    private var degrees: Double { Double(floors.count) - 2 }
}
