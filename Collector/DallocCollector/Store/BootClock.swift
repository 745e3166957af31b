// Turns a boot's ticks into time: anchored once, when the boot greeted first, so that its history stays in order however late frames
// arrive.

internal import HeapHistory

struct BootClock: Equatable, Sendable {
    var ticksPerSecond: UInt32
    var anchorTick: UInt64
    var anchorTime: Timestamp

    func time(of tick: UInt64) -> Timestamp {
        let ticks = Int128(tick) - Int128(anchorTick)
        let (quotient, remainder) = (ticks * 1_000_000).quotientAndRemainder(dividingBy: Int128(ticksPerSecond))
        let elapsed = remainder < 0 ? quotient - 1 : quotient
        let time = Int128(anchorTime.microseconds) + elapsed
        return Timestamp(microseconds: Int64(min(max(time, -Self.limit), Self.limit)))
    }

    /// Far outside every calendar, and safe to calculate with.
    private static let limit: Int128 = 1 << 60
}
