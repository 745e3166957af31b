// SPDX-License-Identifier: Apache-2.0

/// A field that a later version of a frame may have, and that a reader of an earlier one skips.
public struct ExtensionField {
    /// 1 to 65535; in a frame, each tag is higher than the one before it.
    public var tag: UInt32
    /// At most ``WireLimits/extensions``; they belong to the payload.
    public var bytes: UnsafeBufferPointer<UInt8>

    @inline(__always)
    public init(tag: UInt32, bytes: UnsafeBufferPointer<UInt8>) {
        (self.tag, self.bytes) = (tag, bytes)
    }

    /// Writes it after the last field of a frame, or after another one with a lower tag.
    public func write(to writer: inout FrameWriter) {
        writer.varint(tag)
        writer.text(bytes)
    }
}
