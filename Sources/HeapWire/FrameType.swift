// SPDX-License-Identifier: Apache-2.0

/// The first byte of every payload. Bit 0x40 says that it is from the collector, bit 0x20 that a reader that doesn't know it skips it.
public enum FrameType: UInt8, Sendable {
    case hello = 0x01
    case keyframe = 0x02
    case delta = 0x03
    case welcome = 0x41
    case ack = 0x42
    case request = 0x43
    case refuse = 0x60

    /// A frame of this type is skipped by readers that don't know it: it is neither malformed nor lost.
    @inline(__always)
    public static func isSkippable(_ type: UInt8) -> Bool { type & 0xA0 == 0x20 }

    /// Of a payload that begins with this byte.
    @inline(__always)
    public init?(first: UInt8) {
        let plain = first & ~Self.hasHeap
        let isState = plain == Self.keyframe.rawValue || plain == Self.delta.rawValue
        self.init(rawValue: isState ? plain : first)
    }

    /// Added to a KEYFRAME or DELTA of another heap than 0, whose number follows.
    static var hasHeap: UInt8 { 0x10 }
}
