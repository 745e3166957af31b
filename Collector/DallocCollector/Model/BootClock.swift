// SPDX-License-Identifier: Apache-2.0
//
// Turns a boot's ticks into time: anchored when the boot greeted first, and corrected from later ticks on where the device's clock
// turns out to run fast or slow. A tick that was given a time keeps it, and a later tick never gets an earlier time.

internal import HeapHistory

struct BootClock: Equatable, Sendable {
    let ticksPerSecond: UInt32
    /// In the order of their ticks; never empty.
    private(set) var segments: [ClockSegment]

    /// The largest error, in microseconds, that is slewed. A clock that is further ahead ends its boot, because times can't go back.
    static let longestSlew: Int64 = 60_000_000

    init(ticksPerSecond: UInt32, anchorTick: UInt64, anchorTime: Timestamp) {
        self.ticksPerSecond = ticksPerSecond
        segments = [ClockSegment(tick: anchorTick, time: anchorTime, drift: 0)]
    }

    /// From its first tick on, `segment` gives the times. A segment that would turn back time is left out.
    mutating func append(_ segment: ClockSegment) {
        guard segment.tick > last.tick, segment.time >= time(of: segment.tick) else { return }
        segments.append(segment)
        assert(!segments.isEmpty && time(of: segment.tick) == segment.time, "a tick has one time")
    }

    var last: ClockSegment { segments[segments.count - 1] }

    func time(of tick: UInt64) -> Timestamp {
        let segment = segments.last { $0.tick <= tick } ?? segments[0]
        let billionths = 1_000_000_000 + Int128(segment.drift)
        let divisor = Int128(ticksPerSecond) * 1_000_000_000
        let ticks = Int128(tick) - Int128(segment.tick)
        let (quotient, remainder) = (ticks * 1_000_000 * billionths).quotientAndRemainder(dividingBy: divisor)
        let time = Int128(segment.time.microseconds) + (remainder < 0 ? quotient - 1 : quotient)
        return Timestamp(microseconds: Int64(min(max(time, -Self.limit), Self.limit)))
    }

    /// The length of `ticks` ticks in microseconds.
    func microseconds(_ ticks: UInt64) -> Int64 {
        Int64(min(Int128(ticks) * 1_000_000 / Int128(ticksPerSecond), Self.limit))
    }

    /// Far outside every calendar, and safe to calculate with.
    private static let limit: Int128 = 1 << 60
}
