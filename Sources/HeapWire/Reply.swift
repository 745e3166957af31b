// SPDX-License-Identifier: Apache-2.0

/// A frame from the collector.
public enum Reply: Equatable, Sendable {
    case welcome(Welcome)
    case ack(Ack)
    case request(Request)

    /// Payload bytes of the longest one: a type and three numbers.
    public static var longest: Int { 1 + 5 + 5 + 5 }

    public init(payload: UnsafePointer<UInt8>, count: Int) throws(Malformed) {
        let fields = try ReplyFields(payload: payload, count: count)
        switch fields.type {
        case .welcome: self = .welcome(Welcome(boot: fields.boot, lastStored: fields.number))
        case .ack: self = .ack(Ack(boot: fields.boot, sequence: fields.number))
        default:
            self = .request(Request(boot: fields.boot, keyframe: fields.keyframe, interval: fields.number))
        }
    }
}
