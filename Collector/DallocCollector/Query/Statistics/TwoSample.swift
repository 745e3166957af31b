// SPDX-License-Identifier: Apache-2.0
//
// Whether a figure of the devices with build B is higher than that of the devices with build A, and by how much.

/// Two samples of one figure per device, compared without assuming how the figure is distributed.
///
/// The shift is Hodges and Lehmann's (1963): the median of the differences of all pairs. Its interval is the one that belongs to the test
/// of Mann and Whitney (Hollander and Wolfe 1973, 4.3), from the exact distribution for up to ``MannWhitney/mostExact`` values a side,
/// else from the normal one with the correction for ties.
///
/// The values must be independent: days of one device are not. Reduce them first, with ``byDevice(_:_:)``.
struct TwoSample: Equatable, Sendable {
    let countA: Int
    let countB: Int
    /// NaN of an empty sample.
    let medianA: Double
    let medianB: Double
    /// By how much B is higher, in the unit of the figure.
    let shift: Estimate
    /// The same as a share of A's median; nil unless that is above 0.
    let relativeShift: Estimate?
    /// The probability that a device with B has a higher figure than one with A: see ``MannWhitney/superiority(confidence:)``.
    let superiority: Estimate
    /// Of each interval.
    let confidence: Double
    let verdict: ComparisonVerdict

    /// Of a hundred devices each, lognormal with a sigma of 0.15, a comparison of builds that are alike says "higher" or "lower" once in
    /// some thousand times, and 15 % more is found in 99.9 % of comparisons. Several figures at a time: see ``confidence(comparisons:)``.
    static let usualConfidence = 0.999
    /// A share of A's median that nobody minds.
    static let usualMargin = 0.05

    /// - Parameters:
    ///   - a: one value per device, in any order; those that aren't finite are left out.
    ///   - b: the same of the build that is compared with it.
    ///   - confidence: of each interval, below 1.
    ///   - margin: up to which share of A's median two builds are the same. Where that is 0, only equal ones are.
    init(_ a: [Double], _ b: [Double], confidence: Double = usualConfidence, margin: Double = usualMargin) {
        let a = a.filter(\.isFinite).sorted()
        let b = b.filter(\.isFinite).sorted()
        (countA, countB) = (a.count, b.count)
        self.confidence = confidence
        (medianA, medianB) = (Self.median(a), Self.median(b))
        let test = MannWhitney(a, b)
        superiority = test.superiority(confidence: confidence)
        let fewest = Self.fewest(confidence: confidence)
        guard !a.isEmpty, !b.isEmpty else {
            shift = Estimate(value: 0, lower: -.infinity, upper: .infinity)
            relativeShift = nil
            verdict = .notEnough(more: fewest)
            return
        }
        let differences = PairDifferences(a, b)
        let rank = test.rank(confidence: confidence)
        let shift = Estimate(
            value: differences.median, lower: differences.value(at: rank),
            upper: differences.value(at: rank < 1 ? .infinity : differences.count + 1 - rank))
        self.shift = shift
        let relative = medianA > 0 ? shift.divided(by: medianA) : nil
        relativeShift = relative
        verdict = ComparisonVerdict(
            relative ?? shift, margin: relative == nil ? 0 : margin, count: min(a.count, b.count),
            fewest: rank < 1 ? fewest : 1)
    }

    /// The confidence of each of several intervals that makes it `familyConfidence` that all of them hold, as of Bonferroni. Six figures at
    /// 99.9 % together need 99.98 % each, which finds 15 % more in 99.5 % of such comparisons.
    static func confidence(comparisons: Int, familyConfidence: Double = usualConfidence) -> Double {
        1 - (1 - familyConfidence) / Double(max(1, comparisons))
    }

    /// What becomes of a device's days.
    enum Reduction: Sendable {
        /// What is usual on the device. For usage, churn, bytes moved.
        case median
        /// The most that it needed. For peaks: a heap must hold the worst day. It grows with the number of days, so compare equal spans.
        case maximum
    }

    /// One value per device, in the order of the devices' first days. Days that aren't finite are left out.
    ///
    /// Each device counts once, however many days it has: days of a device are alike, and devices differ. A device that was on for a month
    /// would else weigh as much as thirty others, and the interval would be as narrow as if it were thirty.
    static func byDevice<ID: Hashable>(_ days: some Sequence<(device: ID, value: Double)>, _ reduction: Reduction)
        -> [Double]
    {
        var order: [ID] = []
        var values: [ID: [Double]] = [:]
        for day in days where day.value.isFinite {
            if values[day.device] == nil { order.append(day.device) }
            values[day.device, default: []].append(day.value)
        }
        return order.compactMap { device in
            guard let days = values[device] else { return nil }
            return reduction == .median ? OrderStatistic.median(days) : days.max()
        }
    }

    /// The smallest size of two equal samples that has bounds at this confidence: all of B above all of A must be rare enough.
    static func fewest(confidence: Double) -> Int {
        (1...MannWhitney.mostExact).first { count in
            MannWhitney.distribution(count, count)[0] <= (1 - confidence) / 2
        } ?? MannWhitney.mostExact
    }

    private static func median(_ sorted: [Double]) -> Double {
        guard let last = sorted.last else { return .nan }
        let half = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[half] : half == 0 ? last : sorted[half - 1] / 2 + sorted[half] / 2
    }
}
