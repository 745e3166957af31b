// SPDX-License-Identifier: Apache-2.0
//
// The clock that an agent stamps operations with.

/// A clock that only goes forward, through sleep too: `now64`, or `now`, which wraps around at 2^32. See
/// dalloc_agent_config_t in dalloc_agent.h for how long a device with `now` may sleep: 67 minutes at 1 MHz, 46 days
/// at 1 kHz.
public struct AgentClock {
    /// 1 to 1,000,000,000.
    public var ticksPerSecond: UInt32
    /// Nil where there is `now64`.
    public var now: (@convention(c) (UnsafeMutableRawPointer?) -> UInt32)?
    /// Nil where there is `now`. Below 2^62; higher bits are ignored.
    public var now64: (@convention(c) (UnsafeMutableRawPointer?) -> UInt64)?
    /// Passed to the clock function; what it points to must stay valid for as long as the agent lives.
    public var context: UnsafeMutableRawPointer?

    /// A clock of 32 bits.
    public init(
        ticksPerSecond: UInt32, context: UnsafeMutableRawPointer? = nil,
        now: @convention(c) @escaping (UnsafeMutableRawPointer?) -> UInt32
    ) {
        (self.ticksPerSecond, self.context, self.now, now64) = (ticksPerSecond, context, now, nil)
    }

    /// A clock of 64 bits.
    public init(
        ticksPerSecond: UInt32, context: UnsafeMutableRawPointer? = nil,
        now64: @convention(c) @escaping (UnsafeMutableRawPointer?) -> UInt64
    ) {
        (self.ticksPerSecond, self.context, now, self.now64) = (ticksPerSecond, context, nil, now64)
    }
}

#if !hasFeature(Embedded)
    extension AgentClock {
        /// Milliseconds, sleep of the machine included.
        public static var milliseconds: AgentClock {
            AgentClock(
                ticksPerSecond: 1000,
                now64: { _ in
                    let (seconds, attoseconds) = (ContinuousClock.now - AgentClock.start).components
                    return UInt64(clamping: seconds &* 1000 &+ attoseconds / 1_000_000_000_000_000)
                })
        }

        private static let start = ContinuousClock.now
    }
#endif
