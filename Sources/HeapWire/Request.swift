// SPDX-License-Identifier: Apache-2.0

/// What the collector would like to have.
public struct Request: Equatable, Sendable {
    public var boot: UInt32
    /// A KEYFRAME of every heap next.
    public var keyframe: Bool
    /// Ticks between two frames of a heap from now on; 0: as before.
    public var interval: UInt32
    /// How much the device tells from now on; nil: as before.
    public var level: Level?

    /// How much a device tells of its heaps.
    public enum Level: UInt8, Sendable {
        /// All operations.
        case full = 0
        /// Summaries.
        case summary = 1
    }

    public init(boot: UInt32, keyframe: Bool, interval: UInt32 = 0, level: Level? = nil) {
        (self.boot, self.keyframe, self.interval, self.level) = (boot, keyframe, interval, level)
    }

    public func write(to writer: inout FrameWriter) {
        writer.byte(FrameType.request.rawValue)
        writer.varint(boot)
        writer.byte(keyframe ? 1 : 0)
        writer.varint(interval)
        guard let level else { return }
        writer.varint(Self.levelTag)
        writer.varint(1 as UInt32)
        writer.byte(level.rawValue)
    }

    /// Of the extension field.
    static var levelTag: UInt32 { 2 }

    /// The level among the extension fields; nil where there is none, or one that this code does not know.
    static func level(in fields: ExtensionReader) throws(Malformed) -> Level? {
        var (fields, level) = (fields, Level?.none)
        while let field = try fields.next() {
            if field.tag == levelTag, field.bytes.count == 1 { level = Level(rawValue: field.bytes[0]) }
        }
        return level
    }
}
