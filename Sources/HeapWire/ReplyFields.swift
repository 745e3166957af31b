// SPDX-License-Identifier: Apache-2.0

/// A frame from the collector as the fields that a device uses; what follows them is left unread. Takes less flash than ``Reply``.
public struct ReplyFields {
    /// A ``FrameType``: `welcome`, `ack`, `request` or `refuse`.
    public let type: UInt8
    public let boot: UInt32
    /// The last frame stored, the sequence number, the interval, or the wait.
    public let number: UInt32
    public let keyframe: Bool

    @inline(__always)
    public init(payload: UnsafePointer<UInt8>, count: Int) throws(Malformed) {
        var reader = PayloadReader(payload, count: count)
        try self.init(from: &reader)
    }

    @inline(__always)
    init(from reader: inout PayloadReader) throws(Malformed) {
        type = try reader.byte()
        guard
            (FrameType.welcome.rawValue...FrameType.request.rawValue).contains(type)
                || type == FrameType.refuse.rawValue
        else { throw .unknownFrameType }
        let isWelcome = type == FrameType.welcome.rawValue
        if isWelcome, try reader.varint32() != WireLimits.version { throw .unknownVersion }
        boot = try reader.varint32()
        keyframe = type == FrameType.request.rawValue ? try reader.varint32(0...1) == 1 : false
        number = try reader.varint32()
        // The next frame needs a number, too.
        if isWelcome, number == UInt32.max { throw .valueOutOfRange }
    }

    /// The level in a REQUEST; nil where it has none, or one that this code does not know, and in other frames. Not a field, so that only
    /// devices that do summaries have flash for it.
    @inline(__always)
    public static func level(payload: UnsafePointer<UInt8>, count: Int) -> Request.Level? {
        var reader = PayloadReader(payload, count: count)
        guard let reply = try? ReplyFields(from: &reader), reply.type == FrameType.request.rawValue,
            let fields = try? ExtensionReader(reader)
        else { return nil }
        return (try? Request.level(in: fields)) ?? nil
    }
}
