// SPDX-License-Identifier: Apache-2.0
//
// WELCOME, ACK and REQUEST: what the collector tells the device.

/// Answers HELLO: the last frame of this boot that is on disk.
public struct Welcome: Equatable, Sendable {
    public var boot: UInt32
    /// 0 when there is none.
    public var lastStored: UInt32

    public init(boot: UInt32, lastStored: UInt32) {
        (self.boot, self.lastStored) = (boot, lastStored)
    }

    public func write(to writer: inout FrameWriter) {
        writer.byte(FrameType.welcome.rawValue)
        writer.varint(WireLimits.version)
        writer.varint(boot)
        writer.varint(lastStored)
    }
}

/// Every frame of the boot up to this one is on disk. The same number again asks for the frame behind it.
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

/// What the collector would like to have.
public struct Request: Equatable, Sendable {
    public var boot: UInt32
    /// A KEYFRAME of every heap next.
    public var keyframe: Bool
    /// Ticks between two frames of a heap from now on; 0: as before.
    public var interval: UInt32

    public init(boot: UInt32, keyframe: Bool, interval: UInt32 = 0) {
        (self.boot, self.keyframe, self.interval) = (boot, keyframe, interval)
    }

    public func write(to writer: inout FrameWriter) {
        writer.byte(FrameType.request.rawValue)
        writer.varint(boot)
        writer.byte(keyframe ? 1 : 0)
        writer.varint(interval)
    }
}

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

/// A frame from the collector as its fields, for a device that has no flash to spare for an enumeration.
public struct ReplyFields {
    /// `welcome`, `ack` or `request`.
    public let type: FrameType
    public let boot: UInt32
    /// The last frame stored, the sequence number, or the interval.
    public let number: UInt32
    public let keyframe: Bool

    public init(payload: UnsafePointer<UInt8>, count: Int) throws(Malformed) {
        var reader = PayloadReader(payload, count: count)
        guard let type = FrameType(rawValue: try reader.byte()), type.rawValue >= FrameType.welcome.rawValue else {
            throw .unknownFrameType
        }
        if type == .welcome, try reader.varint32() != WireLimits.version { throw .unknownVersion }
        boot = try reader.varint32()
        keyframe = type == .request ? try reader.varint32(0...1) == 1 : false
        number = try reader.varint32()
        // There must be a number behind the last one stored.
        if type == .welcome, number == UInt32.max { throw .valueOutOfRange }
        try reader.finish()
        self.type = type
    }
}
