// SPDX-License-Identifier: Apache-2.0

/// Every frame of the boot up to this one is on disk. The same number again asks for the frame after it.
public struct Ack: Equatable, Sendable {
    public var boot: UInt32
    public var sequence: UInt32

    public init(boot: UInt32, sequence: UInt32) {
        (self.boot, self.sequence) = (boot, sequence)
    }

    public func write(to writer: inout FrameWriter) {
        writer.byte(FrameType.ack.rawValue)
        writer.varint(boot)
        writer.varint(sequence)
    }
}
