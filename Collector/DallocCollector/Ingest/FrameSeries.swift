// SPDX-License-Identifier: Apache-2.0
//
// The numbers and ticks of a boot's frames: what may come next, what came before, and what shows that the device has started over
// under the same boot id. See "A boot id that comes again" and "How far numbers jump" in schema/wire.md.
// Numbers come from outside, so nothing here can overflow.

internal import HeapHistory

struct FrameSeries {
    enum Place: Equatable {
        case next
        /// It is stored already.
        case repeated
        /// This many frames before it will never come.
        case afterLost(UInt32)
        /// A frame before it is still to come.
        case early
        /// It belongs to a later run of the device, which sends the same boot id against the rule.
        case ofAnotherRun
        /// It is further ahead than a device can have come since its last frame.
        case implausible
    }

    /// The last frame that was taken; 0 when there is none.
    private(set) var last: UInt32
    /// Its tick; nil when it is not known.
    private(set) var lastTick: UInt64?
    private let clock: BootClock

    /// Frames a second of the device's clock, at most.
    private static let rate: UInt64 = 1000
    /// Frames beyond the rate since the device started, and since its last frame.
    private static let sinceStart: UInt64 = 100_000
    private static let sinceLast: UInt64 = 100
    /// Frames of several heaps may be out of order by this many seconds, in a device that breaks the rule.
    private static let disorder: UInt64 = 1

    init(last: UInt32, tick: UInt64?, clock: BootClock) {
        (self.last, lastTick, self.clock) = (last, tick, clock)
    }

    private var ticksPerSecond: UInt64 { max(1, UInt64(clock.ticksPerSecond)) }

    /// True when a HELLO with this tick can't be of the same run: a device's clock never goes back, so HELLO's tick is that of its
    /// frames or later.
    func isStartedOver(at tick: UInt64) -> Bool {
        tick < max(lastTick ?? 0, clock.segments[0].tick)
    }

    /// - Parameter oldest: of the last HELLO.
    func place(_ sequence: UInt32, tick: UInt64, oldest: UInt32, isOneWay: Bool, arrival: Timestamp) -> Place {
        if let lastTick {
            // Ticks are at most 2^62.
            let disorder = Self.disorder &* ticksPerSecond
            let isBack = sequence > last && tick &+ disorder < lastTick
            let isAhead = sequence <= last && tick > lastTick &+ disorder
            if isBack || isAhead { return .ofAnotherRun }
        }
        if sequence <= last { return .repeated }
        // Beyond `last`, so neither is 0.
        let lost = sequence &- 1 &- last
        if lost == 0 { return .next }
        guard isOneWay || sequence == oldest else { return .early }
        return isPlausible(sequence, tick, arrival) ? .afterLost(lost) : .implausible
    }

    mutating func take(_ sequence: UInt32, tick: UInt64) {
        assert(sequence > last)
        (last, lastTick) = (sequence, tick)
    }

    private func isPlausible(_ sequence: UInt32, _ tick: UInt64, _ arrival: Timestamp) -> Bool {
        let tick = min(tick, latest(at: arrival))
        let ofDevice = Self.sinceStart &+ frames(in: tick)
        // Where the last frame's tick is not known, no time has passed since.
        let before = lastTick ?? tick
        let sinceLast = Self.sinceLast &+ frames(in: tick > before ? tick &- before : 0)
        return sequence <= ofDevice || UInt64(sequence &- last) <= sinceLast
    }

    private func frames(in ticks: UInt64) -> UInt64 {
        // Below 2^32 in any case that matters, so that the sums above can't overflow.
        min(ticks / ticksPerSecond, UInt64(UInt32.max)) &* Self.rate
    }

    /// What the device's clock can show by now at most: a quarter more time than passed here since the anchor, and an hour.
    private func latest(at arrival: Timestamp) -> UInt64 {
        let anchor = clock.segments[0]
        let (passed, overflow) = arrival.microseconds.subtractingReportingOverflow(anchor.time.microseconds)
        // The collector's own clock was set back: it can't tell.
        guard !overflow, passed >= 0 else { return .max }
        let seconds = UInt64(clamping: passed / 1_000_000)
        // Below 2^44 seconds, and 2^30 ticks a second: the product may not fit.
        let (ticks, isBeyond) = (seconds &+ seconds / 4 &+ 3600).multipliedReportingOverflow(by: ticksPerSecond)
        let (latest, isLater) = anchor.tick.addingReportingOverflow(ticks)
        return isBeyond || isLater ? .max : latest
    }
}
