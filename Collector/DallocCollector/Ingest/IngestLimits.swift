// SPDX-License-Identifier: Apache-2.0
//
// Limits for devices and their connections.

public struct IngestLimits: Equatable, Sendable {
    /// TCP connections at a time, from everywhere and from one address.
    public var connections = 20_000
    public var connectionsPerAddress = 10_000
    /// Bytes a second that are read on average, from one device and from one address. A peer that sends more waits: nothing is lost.
    public var deviceRate = 1_048_576
    public var addressRate = 67_108_864
    /// Seconds until a connection must have greeted, and the longest silence after that.
    public var greetingTimeout: Int64 = 30
    public var idleTimeout: Int64 = 150
    /// New devices a minute from one address; a thousand may come at once, and twenty thousand from this machine.
    public var newDevicesPerMinute = 600
    /// New boots a minute of one device; sixty may come at once.
    public var newBootsPerMinute = 12
    /// Seconds in which a device's clock must go on while the device works.
    public var clockWindow: Int64 = 60

    public init() {}
}
