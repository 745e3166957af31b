// SPDX-License-Identifier: Apache-2.0
//
// What a device offers in HELLO, and what of it the collector takes in WELCOME: an extension field of bits, one for each capability of the
// registry in schema/wire.md. A side that has none leaves the field out.

public struct Capabilities: Equatable, Sendable {
    /// Capability n is bit n. Those from 64 on are unknown, and dropped.
    public let rawValue: UInt64

    public init(rawValue: UInt64) { self.rawValue = rawValue }

    public static var none: Capabilities { Capabilities(rawValue: 0) }
    /// Payloads of replies may be as long as ``WireLimits/longReply``, and not only ``WireLimits/reply``.
    public static var longReplies: Capabilities { Capabilities(rawValue: 1) }
    /// The device does what the level in REQUEST says.
    public static var summaries: Capabilities { Capabilities(rawValue: 2) }
    /// All that this code knows.
    public static var known: Capabilities { Capabilities(rawValue: longReplies.rawValue | summaries.rawValue) }

    /// Of the extension field.
    static var tag: UInt32 { 1 }

    /// Bit j of byte i is capability 8 i + j.
    init(bits: UnsafeBufferPointer<UInt8>) {
        var value: UInt64 = 0
        for index in 0..<min(bits.count, 8) {
            value |= UInt64(wide: bits[index]) &<< UInt64(wide: index &* 8)
        }
        rawValue = value
    }

    public func has(_ capability: Capabilities) -> Bool { rawValue & capability.rawValue != 0 }

    public func intersection(_ other: Capabilities) -> Capabilities {
        Capabilities(rawValue: rawValue & other.rawValue)
    }

    /// Writes the extension field of a device that offers summaries and nothing else, in little flash.
    @inline(__always)
    public static func writeSummaries(to writer: inout FrameWriter) {
        writer.byte(UInt8(truncatingIfNeeded: tag))
        writer.byte(1)
        writer.byte(UInt8(truncatingIfNeeded: summaries.rawValue))
    }

    /// Writes the extension field; nothing when there are none.
    public func write(to writer: inout FrameWriter) {
        guard rawValue != 0 else { return }
        writer.varint(Self.tag)
        var (rest, count) = (rawValue, UInt32(0))
        while rest != 0 { (rest, count) = (rest &>> 8, count &+ 1) }
        writer.varint(count)
        rest = rawValue
        while rest != 0 {
            writer.byte(UInt8(truncatingIfNeeded: rest))
            rest &>>= 8
        }
    }
}
