// How often an agent does what.

/// In ticks of the agent's clock, at most 2^31 - 1; 0 chooses the default.
public struct AgentIntervals: Sendable {
    /// Operations are sent this often; default: 1 second. The collector may ask for another interval.
    public var frame: UInt32 = 0
    /// An idle heap sends a frame this often; default: 10 seconds.
    public var heartbeat: UInt32 = 0
    /// The whole table is sent this often; default: 60 seconds.
    public var keyframe: UInt32 = 0
    /// How long to wait for the collector before greeting it again; default: 2 seconds.
    public var replyTimeout: UInt32 = 0

    // Of links that can be reset; no other link uses these.

    /// Greetings without an answer for so long end the connection; default: 4 times `replyTimeout`.
    public var greetingTimeout: UInt32 = 0
    /// So does a frame that is not acknowledged for so long; default: 15 times `replyTimeout`.
    public var acknowledgementTimeout: UInt32 = 0
    /// The first wait after a connection; each further one is twice as long; default: 1 second. Waits are shortened by up to a half, as
    /// the boot id has it.
    public var retry: UInt32 = 0
    /// The longest wait; default: 60 seconds.
    public var retryLimit: UInt32 = 0

    public init() {}
}
