// SPDX-License-Identifier: Apache-2.0

/// Says why frames are not taken, or why a connection ends. A device that doesn't know this frame skips it.
public struct Refuse: Equatable, Sendable {
    public var boot: UInt32
    /// Ticks of the device to wait before the next connection or HELLO; 0: as long as it would anyway.
    public var wait: UInt32
    public var reason: RefusalReason

    public init(boot: UInt32, wait: UInt32, reason: RefusalReason) {
        (self.boot, self.wait, self.reason) = (boot, wait, reason)
    }

    public func write(to writer: inout FrameWriter) {
        writer.byte(FrameType.refuse.rawValue)
        writer.varint(boot)
        writer.varint(wait)
        writer.varint(reason.rawValue)
    }
}
