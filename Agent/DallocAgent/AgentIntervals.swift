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

    public init() {}
}
