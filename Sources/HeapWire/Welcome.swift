// SPDX-License-Identifier: Apache-2.0

/// Answers HELLO: the last frame of this boot that is on disk.
public struct Welcome: Equatable, Sendable {
    public var boot: UInt32
    /// 0 when there is none.
    public var lastStored: UInt32

    public init(boot: UInt32, lastStored: UInt32) {
        (self.boot, self.lastStored) = (boot, lastStored)
    }

    public func write(to writer: inout FrameWriter) {
        writer.byte(FrameType.welcome.rawValue)
        writer.varint(WireLimits.version)
        writer.varint(boot)
        writer.varint(lastStored)
    }
}
