// SPDX-License-Identifier: Apache-2.0
//
// Whether the live bytes of a group of blocks grow and don't come back; since when, and how fast.

/// Growth that goes on until the end of what is known: what a leak looks like.
///
/// Five questions are asked of a series, cheap ones first; each "no" ends it. Together they are strict: a report of a leak that is none
/// costs more than one that comes a day later.
///
/// 1. Do the last values stand above all earlier ones? (``mayGrow(_:)``)
/// 2. Since when? A flat line that begins to rise is fitted: ``HingeFit``. What a job adds at the same time of each day is subtracted
///    before: ``GrowthSeries``. The growth must have lasted for two of the longest jobs, or there must be one such time before it.
/// 3. Does the floor rise step by step since then? ``FloorDrift`` tells it from a walk at random, and from a few long-lived buffers.
///    It must also be well above anything that came and went before.
/// 4. Does it go on? The last third and the last fifth must rise about as fast as what came before them. A cache that
///    has filled up doesn't.
/// 5. How fast? The slope of Theil (1950), with the bounds of Sen (1968), widened for serial correlation as of Yue and Wang (2004):
///    ``TheilSen``. Where blocks leak at random times, what has leaked is itself a walk, and no such correction is enough; the bounds are
///    then Student's for the steps of the floor.
///
/// Measured on models of caches, jobs, bursts, walks and steps: of 204,000 groups over a week by the hour 4 were called leaks, over a month
/// by the day 1; of 102,000 over three days by the hour 10, most of them walks that take days to come back. A leak of 100 B an hour
/// under noise of ±500 B is found in all series of a week in which it is 84 hours old, in three quarters when it is 50 hours old, in
/// one quarter when it is 33 hours old. One that began in the last eighth of the range is never found.
///
/// A boot begins with empty heaps: give one boot's samples at a time, without the minutes in which it fills its working set, or a day's
/// lowest. Growth that ends in a reset every day can't be told from a job that runs every day.
struct GrowthTrend: Equatable, Sendable {
    /// The live bytes of a group at some time.
    struct Sample: Equatable, Sendable {
        /// Microseconds since 1970.
        let time: Int64
        /// Best the lowest of the hour, or of the day: jobs that come and go don't show in it.
        let bytes: UInt64
    }

    /// When the growth began, in microseconds since 1970; the time of the first sample when it has been growing since then or before.
    let onset: Int64
    /// The growth began with the first sample, or before it.
    let isOlder: Bool
    /// Bytes an hour since the onset; above 0.
    let slope: Double
    /// The bounds of the slope, with ``confidence``. Both are above 0.
    let lower: Double
    let upper: Double
    /// Bytes since the onset, until the last sample.
    let growth: Double
    /// Hours from the onset to the last sample.
    let hours: Double
    /// Of both bounds together.
    let confidence: Double
    /// The probability of steps this even in a series that goes nowhere, at most ``highestChance``. The smaller, the surer.
    let chance: Double

    static let microsecondsAnHour = 3.6e9
    /// Less than that is nil: no slope has bounds, no floor has steps.
    static let fewestSamples = 6
    static let confidence = 0.99
    /// Chosen by simulation, together with the shares below: see GrowthTrendTests.
    static let highestChance = 0.001
    /// How fast the last third must still grow, compared with what came before.
    private static let leastOfLastThird = 0.6
    /// How much the floor of the last fifth must rise, compared with the mean. It has few steps, so this asks for less.
    private static let leastOfLastFifth = 0.4
    /// How large the growth must be, measured by how far values are from its line. A job that runs every two hours shifts against hourly
    /// samples, and all of them rise slowly; they can't rise by more than what is between two of them.
    private static let leastAboveScatter = 2.0
    /// How high the growth must be above the deepest fall before it.
    private static let leastAboveFalls = 2.0
    /// That of a lag-1 correlation of a half. Beyond, values may be a walk.
    private static let mostCorrection = 3.0
    /// Fewer values show no serial correlation even where there is one.
    private static let fewestToJudge = 40
    private static let mostEnds = 48
    /// Bytes. Eight steps of the least that heaps are aligned to; what grows by less is no trouble to anybody.
    private static let leastGrowth = 32.0

    /// - Parameters:
    ///   - samples: of a group, in the order of time; gaps are fine. A group that holds nothing has samples of 0 bytes.
    ///     More than ``GrowthSeries/mostPoints`` are thinned.
    ///   - end: until when the answer is meant to hold, in microseconds since 1970: the end of the range, or up to when the device is
    ///     known. Growth of which the last quarter is not known is not reported.
    ///   - longestJob: hours that a job may take or come back after: growth within this time may be such a job. Give
    ///     less for ranges that are
    ///     shorter than two days, and say so in the answer.
    /// - Returns: nil when it is not growth that stays, or too little is known.
    init?(_ samples: [Sample], until end: Int64, longestJob: Double = 24) {
        guard Self.mayGrow(samples), let start = samples.first?.time else { return nil }
        let series = GrowthSeries(samples)
        let (hours, values) = (series.hours, series.values)
        // Of a long series there are too many ends.
        guard values.count > Self.mostEnds || FloorDrift.mayBeClear(values, fewest: Self.fewestSamples) else {
            return nil
        }
        guard let hinge = HingeFit(hours: hours, values: values, leastAboveScatter: Self.leastAboveScatter),
            let last = hours.last,
            let first = hours.firstIndex(where: { $0 >= hinge.onset }), hours.count - first >= Self.fewestSamples
        else { return nil }
        let duration = last - hinge.onset
        let silence = (Double(end) - Double(start)) / Self.microsecondsAnHour - last
        guard duration >= 2 * longestJob || hinge.onset >= longestJob, silence <= duration / 3 else { return nil }
        let drift = FloorDrift.clearest(values[first...])
        chance = drift.chance
        guard chance <= Self.highestChance,
            hinge.slope * duration >= max(Self.leastGrowth, Self.leastAboveScatter * hinge.scatter(hours, values)),
            Self.isAboveFalls(values, since: first, level: hinge.level), Self.floorsGoOn(values[first...]),
            let slope = Self.slope(series, since: first)
        else { return nil }
        self.slope = slope.slope
        if slope.correction <= Self.mostCorrection, slope.lower > 0, hours.count - first >= Self.fewestToJudge {
            (lower, upper) = (slope.lower, slope.upper)
        } else {
            let share = drift.relativeError(confidence: Self.confidence)
            (lower, upper) = (slope.slope * (1 - share), slope.slope * (1 + share))
        }
        confidence = Self.confidence
        self.hours = duration
        growth = slope.slope * duration
        isOlder = hinge.onset <= 0
        // Doubles hold microseconds exactly until the year 2255; a time beyond all calendars is the first sample's.
        onset = Int64(exactly: (Double(start) + hinge.onset * Self.microsecondsAnHour).rounded()) ?? start
    }

    /// The floor is higher than ever before, by more than what went up and came down before the onset. A rise that came back once is no
    /// leak the next time.
    private static func isAboveFalls(_ values: [Double], since first: Int, level: Double) -> Bool {
        guard first > 0, let last = FloorDrift(values[first...], stretches: 12).floors.last else { return true }
        // Stretches as long as a sixth of the growth: in longer ones a rise of its length would not show.
        let before = FloorDrift(values[..<first], stretches: first / max(1, (values.count - first) / 6))
        return before.floors.allSatisfy { $0 < last } && last - level > leastAboveFalls * before.deepestFall
    }

    private static func floorsGoOn(_ values: ArraySlice<Double>) -> Bool {
        let floors = FloorDrift(values, stretches: 10).floors
        guard floors.count == 10 else { return true }
        return floors[9] - floors[7] >= leastOfLastFifth * (floors[9] - floors[0]) * 2 / 9
    }

    /// The slope since the onset, when the last third goes on with it.
    private static func slope(_ series: GrowthSeries, since first: Int) -> TheilSen? {
        let hours = Array(series.hours[first...])
        let values = Array(series.values[first...])
        guard let start = hours.first, let end = hours.last,
            let third = hours.firstIndex(where: { $0 >= start + (end - start) * 2 / 3 }),
            let late = TheilSen.slope(hours: hours[third...], values: values[third...]),
            let early = TheilSen.slope(hours: hours[..<third], values: values[..<third]),
            late >= leastOfLastThird * early, late > 0,
            let whole = TheilSen(hours: hours, values: values, confidence: confidence),
            late >= leastOfLastThird * whole.slope
        else { return nil }
        return whole
    }
}
