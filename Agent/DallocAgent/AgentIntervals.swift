// SPDX-License-Identifier: Apache-2.0
//
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

    // For connections, which are links that can be reset: `.tcp` is one.

    /// Ends a connection that has not answered greetings for so long; default: 4 times ``replyTimeout``, so 8 seconds.
    public var greetingTimeout: UInt32 = 0
    /// Ends one that has not acknowledged the oldest frame for so long; default: 15 times ``replyTimeout``, so 30
    /// seconds.
    public var acknowledgementTimeout: UInt32 = 0
    /// The wait between the end of a connection and the next one; default: 1 second. It doubles each time; after a
    /// connection that was of use for 8 times the wait that is due, it is this long again. Each wait is shortened by
    /// up to a half, so that a fleet does not come back all at once.
    public var retry: UInt32 = 0
    /// The longest such wait; default: 60 seconds; never less than ``retry``.
    public var retryLimit: UInt32 = 0

    public init() {}
}
