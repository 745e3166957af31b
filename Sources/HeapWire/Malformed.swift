// SPDX-License-Identifier: Apache-2.0
//
// Why bytes are no frame. A parser that needs more bytes returns nil; one that can't read them throws one of these.

public enum Malformed: UInt8, Error, Sendable {
    /// The zero that ends a frame came inside a COBS block.
    case brokenStuffing
    /// A frame is longer than ``WireLimits/payload`` bytes and its checksum.
    case oversizedFrame
    /// A frame is too short to hold a type and a checksum.
    case truncatedFrame
    /// The CRC-32 at the end of a frame is not that of its payload.
    case checksumMismatch
    /// The first byte of a payload names no frame of this version.
    case unknownFrameType
    /// The peer speaks a version of the format that this side doesn't.
    case unknownVersion
    /// A payload ends inside a field.
    case truncatedField
    /// Bytes follow the last field of a payload: in a frame with extension fields, more than these may have.
    case trailingBytes
    /// A number is outside the range that schema/wire.md gives for it.
    case valueOutOfRange

    /// A few words for logs and counters.
    public var words: StaticString {
        switch self {
        case .brokenStuffing: "broken byte stuffing"
        case .oversizedFrame: "oversized frame"
        case .truncatedFrame: "truncated frame"
        case .checksumMismatch: "checksum mismatch"
        case .unknownFrameType: "unknown frame type"
        case .unknownVersion: "unknown format version"
        case .truncatedField: "truncated field"
        case .trailingBytes: "trailing bytes"
        case .valueOutOfRange: "value out of range"
        }
    }
}
