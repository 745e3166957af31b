// SPDX-License-Identifier: Apache-2.0

/// A frame from the collector.
public enum Reply: Equatable, Sendable {
    case welcome(Welcome)
    case ack(Ack)
    case request(Request)
    case refuse(Refuse)

    /// Reads a whole payload, type included, and checks the extension fields after it.
    public init(payload: UnsafePointer<UInt8>, count: Int) throws(Malformed) {
        var reader = PayloadReader(payload, count: count)
        let fields = try ReplyFields(from: &reader)
        let reason = RefusalReason(rawValue: fields.type == FrameType.refuse.rawValue ? try reader.varint32() : 0)
        let fieldsAfter = try ExtensionReader(reader)
        let capabilities = try fieldsAfter.capabilities()
        switch FrameType(rawValue: fields.type) {
        case .welcome:
            self = .welcome(Welcome(boot: fields.boot, lastStored: fields.number, capabilities: capabilities))
        case .ack: self = .ack(Ack(boot: fields.boot, sequence: fields.number))
        case .refuse: self = .refuse(Refuse(boot: fields.boot, wait: fields.number, reason: reason))
        default:
            self = .request(
                Request(
                    boot: fields.boot, keyframe: fields.keyframe, interval: fields.number,
                    level: try Request.level(in: fieldsAfter)))
        }
    }

    /// The extension fields of a whole payload.
    public static func extensions(payload: UnsafePointer<UInt8>, count: Int) throws(Malformed) -> ExtensionReader {
        var reader = PayloadReader(payload, count: count)
        let fields = try ReplyFields(from: &reader)
        if fields.type == FrameType.refuse.rawValue { _ = try reader.varint32() }
        return try ExtensionReader(reader)
    }
}
