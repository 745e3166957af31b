// SPDX-License-Identifier: Apache-2.0

/// What a HELLO of any version says: the fields up to the boot never change.
public struct HelloOfAnyVersion {
    public let version: UInt64
    public let isOneWay: Bool
    /// As sent; the bytes belong to the payload.
    public let device: UnsafeBufferPointer<UInt8>
    public let boot: UInt32

    /// Nil when the payload is no HELLO.
    public init?(payload: UnsafePointer<UInt8>, count: Int) {
        var reader = PayloadReader(payload, count: count)
        do {
            guard try reader.byte() == FrameType.hello.rawValue else { return nil }
            version = try reader.varint()
            isOneWay = try reader.varint() & 1 != 0
            device = try reader.bytes(0...0xFFFF)
            _ = try reader.bytes(0...0xFFFF)
            boot = try reader.varint32()
        } catch {
            return nil
        }
    }
}
