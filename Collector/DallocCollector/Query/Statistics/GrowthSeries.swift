// SPDX-License-Identifier: Apache-2.0
//
// A series as the tests for growth take it: in hours and doubles, not too long, without what comes back every day.

struct GrowthSeries: Equatable, Sendable {
    /// Hours since the first sample, in order.
    private(set) var hours: [Double] = []
    /// Bytes.
    private(set) var values: [Double] = []

    /// Pairs of points grow with the square of their number: this many are some 30,000 pairs, a millisecond. A longer
    /// series is thinned to it.
    static let mostPoints = 250
    private static let day = 24.0

    /// - Parameter samples: in the order of time; one that is not later than the one before it is left out.
    init(_ samples: [GrowthTrend.Sample]) {
        let width = max(1, (samples.count + Self.mostPoints - 1) / Self.mostPoints)
        let start = samples.first.map { Double($0.time) } ?? 0
        hours.reserveCapacity(samples.count / width + 1)
        values.reserveCapacity(samples.count / width + 1)
        var index = 0
        while index < samples.count {
            let piece = samples[index..<min(index + width, samples.count)]
            index += width
            var sum = 0.0
            for sample in piece { sum += Double(sample.time) - start }
            let hour = sum / Double(piece.count) / GrowthTrend.microsecondsAnHour
            guard hours.last.map({ hour > $0 }) ?? true, let first = piece.first else { continue }
            hours.append(hour)
            values.append(
                width == 1 ? Double(first.bytes) : OrderStatistic.median(piece.lazy.map { Double($0.bytes) }))
        }
        removeDailyPattern()
    }

    /// Subtracts what each time of the day adds, where that explains most of how the series goes up and down.
    ///
    /// The classical decomposition with a moving mean over a day, with medians over the days in place of means, so that a burst is no
    /// pattern. Without it a job that runs half of each day hides a leak for a week, and its last run looks like one.
    private mutating func removeDailyPattern() {
        guard let last = hours.last, last >= 3 * Self.day, Double(hours.count) >= 3 * last / Self.day else { return }
        let step = OrderStatistic.median(zip(hours.dropFirst(), hours).lazy.map { $0 - $1 })
        let phases = Int(min(24, (Self.day / step).rounded()))
        guard phases >= 4 else { return }
        var deviations = [[Double]](repeating: [], count: phases)
        var from = 0
        var to = 0
        var sum = 0.0
        var indexed: [(phase: Int, deviation: Double)] = []
        for index in hours.indices {
            let hour = hours[index]
            while to < hours.count, hours[to] < hour + Self.day / 2 {
                sum += values[to]
                to += 1
            }
            while hours[from] < hour - Self.day / 2 {
                sum -= values[from]
                from += 1
            }
            // At both ends the mean is of less than a day, and says nothing of a pattern.
            guard hour >= Self.day / 2, hour <= last - Self.day / 2 else { continue }
            let deviation = values[index] - sum / Double(to - from)
            let phase = self.phase(hour, of: phases)
            deviations[phase].append(deviation)
            indexed.append((phase, deviation))
        }
        let pattern = deviations.map { $0.count >= 2 ? OrderStatistic.median($0) : 0 }
        let before = indexed.reduce(0) { $0 + abs($1.deviation) }
        let after = indexed.reduce(0) { $0 + abs($1.deviation - pattern[$1.phase]) }
        guard after < before / 2, Self.rises(pattern) <= 2 else { return }
        for index in values.indices { values[index] -= pattern[phase(hours[index], of: phases)] }
    }

    /// How often a day goes from below the middle of its range to above it. A job that runs more often shifts against the times of the
    /// samples, which looks like a slow rise; what stays between its runs is seen without this.
    private static func rises(_ pattern: [Double]) -> Int {
        guard let low = pattern.min(), let high = pattern.max(), let last = pattern.last else { return 0 }
        let middle = low / 2 + high / 2
        return zip(pattern, [last] + pattern).count { $0 > middle && $1 <= middle }
    }

    /// Samples are about on the hour: the nearest phase, so that one a moment earlier is no other.
    private func phase(_ hour: Double, of phases: Int) -> Int {
        Int((hour.truncatingRemainder(dividingBy: Self.day) / Self.day * Double(phases)).rounded()) % phases
    }
}
