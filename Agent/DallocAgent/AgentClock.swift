// The clock that an agent stamps operations with.

/// A clock that only goes forward and wraps around at 2^32.
public struct AgentClock {
    /// 1 to 1,000,000,000.
    public var ticksPerSecond: UInt32
    public var now: @convention(c) (UnsafeMutableRawPointer?) -> UInt32
    /// Given to ``now``; what it points to must stay valid for as long as the agent lives.
    public var context: UnsafeMutableRawPointer?

    public init(
        ticksPerSecond: UInt32, context: UnsafeMutableRawPointer? = nil,
        now: @convention(c) @escaping (UnsafeMutableRawPointer?) -> UInt32
    ) {
        (self.ticksPerSecond, self.context, self.now) = (ticksPerSecond, context, now)
    }
}

#if !hasFeature(Embedded)
    extension AgentClock {
        /// Milliseconds, sleep of the machine included.
        public static var milliseconds: AgentClock {
            AgentClock(ticksPerSecond: 1000) { _ in
                let (seconds, attoseconds) = (ContinuousClock.now - AgentClock.start).components
                return UInt32(truncatingIfNeeded: seconds &* 1000 &+ attoseconds / 1_000_000_000_000_000)
            }
        }

        private static let start = ContinuousClock.now
    }
#endif
