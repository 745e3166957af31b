// SPDX-License-Identifier: Apache-2.0

/// What the collector would like to have.
public struct Request: Equatable, Sendable {
    public var boot: UInt32
    /// A KEYFRAME of every heap next.
    public var keyframe: Bool
    /// Ticks between two frames of a heap from now on; 0: as before.
    public var interval: UInt32

    public init(boot: UInt32, keyframe: Bool, interval: UInt32 = 0) {
        (self.boot, self.keyframe, self.interval) = (boot, keyframe, interval)
    }

    public func write(to writer: inout FrameWriter) {
        writer.byte(FrameType.request.rawValue)
        writer.varint(boot)
        writer.byte(keyframe ? 1 : 0)
        writer.varint(interval)
    }
}
