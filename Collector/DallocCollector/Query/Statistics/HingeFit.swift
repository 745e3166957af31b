// SPDX-License-Identifier: Apache-2.0
//
// Since when: a flat line that begins to rise, fitted so that outliers don't pull at it.

/// y = level + slope · max(0, hours − onset), with the least sum of absolute deviations.
///
/// A broken line with one unknown join, as of Hudson (1966, J. Am. Stat. Assoc. 61), with Laplace's criterion instead of least squares:
/// jobs and bursts that take less than half of the time at any place don't move it. For a given onset the line is found by iteratively
/// reweighted least squares (Schlossmacher 1973, J. Am. Stat. Assoc. 68); onsets are tried on a grid, then on one that is finer near the
/// best.
struct HingeFit: Equatable, Sendable {
    private(set) var onset: Double
    private(set) var level: Double
    /// Units of the values an hour; above 0.
    private(set) var slope: Double
    /// The sum of the absolute deviations.
    private(set) var cost: Double

    /// Of onsets that fit about equally well the earliest is meant: blocks that leak now and then leave the line flat for a while after the
    /// first ones. How much worse it may fit, and how much earlier it may be, as shares of the cost and of the range.
    private static let tolerance = 0.03
    private static let furthest = 0.06
    /// Every so many onsets of the grid are tried first, and what share of the asked growth they must show. Over 10,000 series with noise,
    /// bursts, walks and steps they showed at least 0.65 of what the best onset shows; of steady series one in 70 gets further.
    private static let roughStep = 4
    private static let roughShare = 0.5

    /// - Parameters:
    ///   - hours: when, in order.
    ///   - values: as many. Neither has NaNs or infinities.
    ///   - leastAboveScatter: growth until the end that is of interest, measured by ``scatter(_:_:)``; 0 for any. A look at a few onsets
    ///     finds nearly all series that have much less.
    /// - Returns: nil when no line that rises fits better than a flat one, or the growth is surely less than what is of interest.
    init?(hours: [Double], values: [Double], leastAboveScatter: Double = 0) {
        guard let first = hours.first, let last = hours.last, last > first, hours.count == values.count else {
            return nil
        }
        let latest = last - (last - first) / 20
        // A multiple of `roughStep`.
        let steps = min(max(hours.count / 8, 4), 10) * Self.roughStep
        let width = (latest - first) / Double(steps)
        let grid = (0...steps).map { first + width * Double($0) }
        let rough = Self.fits(
            hours, values, onsets: stride(from: 0, through: steps, by: Self.roughStep).map { grid[$0] })
        guard let likely = rough.min(by: { $0.cost < $1.cost }),
            likely.slope * (last - likely.onset)
                >= Self.roughShare * leastAboveScatter * likely.scatter(hours, values)
        else { return nil }
        let coarse =
            rough
            + Self.fits(
                hours, values, onsets: grid.indices.filter { !$0.isMultiple(of: Self.roughStep) }.map { grid[$0] })
        guard let near = coarse.min(by: { $0.cost < $1.cost }) else { return nil }
        let (start, end) = (max(first, near.onset - width), min(latest, near.onset + width))
        let fine = Self.fits(hours, values, onsets: (0...8).map { start + (end - start) * Double($0) / 8 })
        let fits = coarse + fine
        guard let least = fits.min(by: { $0.cost < $1.cost }) else { return nil }
        let middle = OrderStatistic.median(values)
        guard least.cost < values.reduce(0, { $0 + abs($1 - middle) }) else { return nil }
        let earliest = least.onset - (last - first) * Self.furthest
        let good = fits.filter {
            $0.slope > 0 && $0.cost <= least.cost * (1 + Self.tolerance) && $0.onset >= earliest
        }
        guard let best = good.min(by: { $0.onset < $1.onset }) else { return nil }
        self = best
    }

    /// How far three quarters of the values are from the line, at most.
    func scatter(_ hours: [Double], _ values: [Double]) -> Double {
        var deviations = zip(hours, values).map { abs($1 - level - slope * max(0, $0 - onset)) }
        return deviations.isEmpty ? 0 : OrderStatistic.select(deviations.count * 3 / 4, of: &deviations)
    }

    private static func fits(_ hours: [Double], _ values: [Double], onsets: [Double]) -> [HingeFit] {
        var deviations = [Double](repeating: 1, count: values.count)
        return hours.withUnsafeBufferPointer { hours in
            values.withUnsafeBufferPointer { values in
                deviations.withUnsafeMutableBufferPointer { deviations in
                    onsets.map { HingeFit(hours, values, onset: $0, deviations) }
                }
            }
        }
    }

    /// - Parameter deviations: room for as many numbers as there are values.
    private init(
        _ hours: UnsafeBufferPointer<Double>, _ values: UnsafeBufferPointer<Double>, onset: Double,
        _ deviations: UnsafeMutableBufferPointer<Double>
    ) {
        self.onset = onset
        level = 0
        slope = 0
        cost = .infinity
        deviations.update(repeating: 1)
        var mean = 1.0
        for _ in 0..<6 {
            // No weight is infinite: a point on the line keeps a deviation of a thousandth of the mean one.
            let least = mean / 1000
            guard least > 0 else { break }
            var (sum, sumX, sumY, sumXX, sumXY) = (0.0, 0.0, 0.0, 0.0, 0.0)
            for index in 0..<values.count {
                let weight = 1 / max(deviations[index], least)
                let x = max(0, hours[index] - onset)
                sum += weight
                sumX += weight * x
                sumY += weight * values[index]
                sumXX += weight * x * x
                sumXY += weight * x * values[index]
            }
            let spread = sum * sumXX - sumX * sumX
            let slope = spread > 0 ? (sum * sumXY - sumX * sumY) / spread : 0
            let level = (sumY - slope * sumX) / sum
            var cost = 0.0
            for index in 0..<values.count {
                let deviation = abs(values[index] - level - slope * max(0, hours[index] - onset))
                deviations[index] = deviation
                cost += deviation
            }
            mean = cost / Double(values.count)
            let gain = self.cost - cost
            guard gain > 0 else { break }
            (self.level, self.slope, self.cost) = (level, slope, cost)
            guard gain > 0.005 * cost else { break }
        }
    }
}
