// SPDX-License-Identifier: Apache-2.0
//
// A robust slope: the median of the slopes of all pairs of points, and the bounds that Kendall's score gives it.

struct TheilSen: Equatable, Sendable {
    /// The median slope, in units of the values an hour (Theil 1950).
    let slope: Double
    /// The bounds of the true slope with the confidence that was asked for (Sen 1968, J. Am. Stat. Assoc. 63, section 3, for series with
    /// ties): the slopes at the ranks that are z times the deviation of Kendall's score from the middle. Infinite when
    /// points are too few.
    let lower: Double
    let upper: Double
    /// The factor that serial correlation has made the variance of the score larger by: see ``KendallTrend/serialCorrection(_:)``.
    let correction: Double

    /// - Parameters:
    ///   - hours: when, in order. Pairs at one time have no slope and are left out.
    ///   - values: as many. Neither has NaNs or infinities.
    ///   - confidence: of both bounds together, such as 0.99.
    ///   - isSerial: whether values may depend on those before them; the bounds widen by what is found.
    /// - Returns: nil when there are no two points at different times.
    init?(hours: [Double], values: [Double], confidence: Double, isSerial: Bool = true) {
        var slopes = Self.slopes(hours: hours[...], values: values[...])
        guard !slopes.isEmpty else { return nil }
        let slope = OrderStatistic.median(ofFinite: &slopes)
        self.slope = slope
        let residuals = zip(hours, values).map { $1 - slope * $0 }
        correction = isSerial ? KendallTrend.serialCorrection(residuals) : 1
        let variance = KendallTrend(values).variance * correction
        let reach = NormalDistribution.quantile(0.5 + confidence / 2) * variance.squareRoot()
        let total = Double(slopes.count)
        // Sen's M1 and M2, counted from 0.
        let first = ((total - reach) / 2).rounded() - 1
        let last = ((total + reach) / 2).rounded()
        lower = first >= 0 ? OrderStatistic.select(Int(first), of: &slopes) : -.infinity
        upper = last < total ? OrderStatistic.select(Int(last), of: &slopes) : .infinity
    }

    /// The median slope alone, without bounds; nil when no two points are at different times.
    static func slope(hours: ArraySlice<Double>, values: ArraySlice<Double>) -> Double? {
        var slopes = slopes(hours: hours, values: values)
        return slopes.isEmpty ? nil : OrderStatistic.median(ofFinite: &slopes)
    }

    private static func slopes(hours: ArraySlice<Double>, values: ArraySlice<Double>) -> [Double] {
        hours.withUnsafeBufferPointer { hours in
            values.withUnsafeBufferPointer { values in
                let count = min(hours.count, values.count)
                var slopes: [Double] = []
                slopes.reserveCapacity(count * max(count - 1, 0) / 2)
                for index in 0..<count {
                    let (hour, value) = (hours[index], values[index])
                    var later = index + 1
                    while later < count {
                        if hours[later] > hour { slopes.append((values[later] - value) / (hours[later] - hour)) }
                        later += 1
                    }
                }
                return slopes
            }
        }
    }
}
