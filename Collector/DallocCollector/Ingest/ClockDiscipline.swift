// SPDX-License-Identifier: Apache-2.0
//
// Estimates a device's clock from the arrival times of its frames. A frame arrives late, never early, so of all frames in some minutes
// the one with the least delay tells best what the tick was at that moment; two such frames tell how fast the clock runs. See "Time" in
// schema/wire.md.

internal import HeapHistory

struct ClockDiscipline {
    private(set) var clock: BootClock
    /// The collector's clock has made no step for long. While it may still be set back, no time moves by more than ``longestSlew``.
    var isArrivalBelieved = true
    /// The clock is too far ahead to be slewed: the boot has to be entered anew.
    private(set) var isFarAhead = false
    private var window: Window?
    /// Microseconds that a window takes at least: longer when all is well.
    private var length = Self.shortest
    /// The best frames of earlier windows: the drift is measured from the first to now.
    private var references: [Sample] = []

    /// A frame, and when it arrived.
    private struct Sample {
        var tick: UInt64
        var arrival: Timestamp
        /// By the clock as it was then.
        var delay: Int64
    }

    private struct Window {
        let start: Sample
        var best: Sample
        var frames = 1
    }

    private static let shortest: Int64 = 60_000_000
    private static let longest: Int64 = 960_000_000
    /// An error below this is ignored.
    private static let tolerance: Int64 = 20_000
    /// A larger error means that the clock stood still: time steps over it.
    private static let step: Int64 = 1_000_000
    private static let fewestFrames = 4
    /// Billionths that time is made to pass faster or slower at most, and that a clock may drift.
    private static let mostChange: Int64 = 500_000_000
    private static let mostDrift: Int64 = 100_000_000

    init(_ clock: BootClock) {
        self.clock = clock
    }

    /// A frame arrived that the device made after it greeted. Returns how time goes on after it, when that changes.
    mutating func observe(tick: UInt64, arrival: Timestamp) -> ClockSegment? {
        let (delay, overflow) = arrival.microseconds.subtractingReportingOverflow(clock.time(of: tick).microseconds)
        let sample = Sample(tick: tick, arrival: arrival, delay: overflow ? 0 : delay)
        guard var window else {
            window = Window(start: sample, best: sample)
            return nil
        }
        guard tick >= window.start.tick, !overflow else {
            startOver(sample)
            return nil
        }
        if delay < window.best.delay { window.best = sample }
        window.frames += 1
        self.window = window
        let passed = arrival.microseconds(since: window.start.arrival)
        guard passed >= length || passed < 0, window.frames >= Self.fewestFrames else { return nil }
        // A backlog, a stalled line, or a step of the collector's clock: none of these tells anything about the device's clock.
        let differs = clock.microseconds(tick &- window.start.tick).subtractingClamped(passed)
        guard passed > 0, differs.magnitude <= (passed / 4).magnitude else {
            startOver(sample)
            return nil
        }
        self.window = Window(start: sample, best: sample)
        return correct(window.best, after: sample)
    }

    private mutating func startOver(_ sample: Sample) {
        window = Window(start: sample, best: sample)
        references = []
        length = Self.shortest
    }

    private mutating func correct(_ best: Sample, after last: Sample) -> ClockSegment? {
        let drift = measureDrift(best)
        let present = clock.last.drift
        // The error now: it has grown since the best frame.
        let since = clock.microseconds(last.tick &- min(best.tick, last.tick))
        let change = drift.subtractingClamped(present)
        let error = best.delay.addingClamped(scaled(since, by: change))
        guard error.addingClamped(scaled(length, by: change)).magnitude > Self.tolerance.magnitude else {
            length = min(length &* 2, Self.longest)
            return nil
        }
        if error.magnitude > BootClock.longestSlew.magnitude {
            guard isArrivalBelieved, error > 0 else {
                isFarAhead = isArrivalBelieved
                startOver(last)
                return nil
            }
        }
        length = Self.shortest
        // Ticks are at most 2^62.
        let (tick, time) = (last.tick &+ 1, clock.time(of: last.tick &+ 1))
        var segment = ClockSegment(tick: tick, time: time, drift: drift)
        if error > Self.step {
            segment.time = time.later(byMicroseconds: error)
            references = []
        } else {
            // Time can't go back: at most, it passes at half the speed until it is right.
            let share = max(error, -length).multipliedClamped(by: 1000) / (length / 1_000_000)
            segment.drift = max(drift.addingClamped(share), -Self.mostChange)
        }
        clock.append(segment)
        // The delays in it were measured with the clock as it was.
        window = nil
        return segment
    }

    /// How much longer a tick takes than it should, in billionths, from the first reference to this frame.
    private mutating func measureDrift(_ sample: Sample) -> Int64 {
        defer {
            references.append(sample)
            if references.count > 60 { references.removeFirst(30) }
        }
        // The first window alone can't tell.
        guard let first = references.first, sample.tick > first.tick else {
            return min(max(clock.last.drift, -Self.mostDrift), Self.mostDrift)
        }
        let counted = clock.microseconds(sample.tick &- first.tick)
        let passed = sample.arrival.microseconds(since: first.arrival)
        guard counted > 0, passed > 0 else { return 0 }
        let drift = (Int128(passed) - Int128(counted)) * 1_000_000_000 / Int128(counted)
        return min(max(Int64(clamping: drift), -Self.mostDrift), Self.mostDrift)
    }

    private func scaled(_ microseconds: Int64, by billionths: Int64) -> Int64 {
        Int64(clamping: Int128(microseconds) * Int128(billionths) / 1_000_000_000)
    }
}
