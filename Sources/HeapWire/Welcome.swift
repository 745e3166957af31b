// SPDX-License-Identifier: Apache-2.0

/// Answers HELLO: the last frame of this boot that is on disk.
public struct Welcome: Equatable, Sendable {
    public var boot: UInt32
    /// 0 when there is none.
    public var lastStored: UInt32
    /// Those of HELLO's that are in use from now on.
    public var capabilities: Capabilities

    public init(boot: UInt32, lastStored: UInt32, capabilities: Capabilities = .none) {
        (self.boot, self.lastStored, self.capabilities) = (boot, lastStored, capabilities)
    }

    public func write(to writer: inout FrameWriter) {
        writer.byte(FrameType.welcome.rawValue)
        writer.varint(WireLimits.version)
        writer.varint(boot)
        writer.varint(lastStored)
        capabilities.write(to: &writer)
    }
}
