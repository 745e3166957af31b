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
        var reader = PayloadReader(payload, count: count)
        let type = FrameType(rawValue: try reader.byte())
        guard type == .welcome || type == .ack || type == .request else { throw .unknownFrameType }
        let (first, second) = (try reader.varint32(), try reader.varint32())
        if type == .welcome, first != WireLimits.version { throw .unknownVersion }
        let third = type == .ack ? 0 : try reader.varint32()
        try reader.finish()
        switch type {
        case .welcome:
            // There must be a number behind it.
            if third == UInt32.max { throw .valueOutOfRange }
            self = .welcome(Welcome(boot: second, lastStored: third))
        case .ack: self = .ack(Ack(boot: first, sequence: second))
        default:
            if second > 1 { throw .valueOutOfRange }
            self = .request(Request(boot: first, keyframe: second == 1, interval: third))
        }
    }
}
