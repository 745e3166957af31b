// SPDX-License-Identifier: Apache-2.0

/// A frame from the collector as the fields that a device uses; what follows them is left unread. Takes less flash than ``Reply``.
public struct ReplyFields {
    /// `welcome`, `ack`, `request` or `refuse`.
    public let type: FrameType
    public let boot: UInt32
    /// The last frame stored, the sequence number, the interval, or the wait.
    public let number: UInt32
    public let keyframe: Bool

    public init(payload: UnsafePointer<UInt8>, count: Int) throws(Malformed) {
        var reader = PayloadReader(payload, count: count)
        try self.init(from: &reader)
    }

    @inline(__always)
    init(from reader: inout PayloadReader) throws(Malformed) {
        guard let type = FrameType(rawValue: try reader.byte()), type.rawValue >= FrameType.welcome.rawValue else {
            throw .unknownFrameType
        }
        if type == .welcome, try reader.varint32() != WireLimits.version { throw .unknownVersion }
        boot = try reader.varint32()
        keyframe = type == .request ? try reader.varint32(0...1) == 1 : false
        number = try reader.varint32()
        // The next frame needs a number, too.
        if type == .welcome, number == UInt32.max { throw .valueOutOfRange }
        self.type = type
    }
}
