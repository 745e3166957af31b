// SPDX-License-Identifier: Apache-2.0
//
// HELLO: who the device is, and what its heaps look like. The first frame on every connection.

public struct Hello {
    public var isOneWay: Bool
    /// UTF-8, as sent; the bytes belong to the payload.
    public var device: UnsafeBufferPointer<UInt8>
    public var build: UnsafeBufferPointer<UInt8>
    public var boot: UInt32
    public var ticksPerSecond: UInt32
    /// The device's clock when it wrote this frame.
    public var tick: UInt64
    /// The lowest sequence number that the device can still send; its next one when it has nothing to send.
    public var oldest: UInt32
    /// Bytes of a pointer: 4 or 8.
    public var pointerWidth: UInt32
    public var heapCount: UInt32
    private var heaps: PayloadReader

    /// Reads a whole payload, type included, and checks every field of every heap.
    public init(payload: UnsafePointer<UInt8>, count: Int) throws(Malformed) {
        var reader = PayloadReader(payload, count: count)
        guard try reader.byte() == FrameType.hello.rawValue else { throw .unknownFrameType }
        guard try reader.varint() == UInt64(wide: WireLimits.version) else { throw .unknownVersion }
        isOneWay = try reader.varint32(0...1) == 1
        device = try reader.bytes(1...WireLimits.identifier)
        build = try reader.bytes(0...WireLimits.identifier)
        boot = try reader.varint32()
        ticksPerSecond = try reader.varint32(1...1_000_000_000)
        tick = try reader.varint()
        guard tick <= WireLimits.tick else { throw .valueOutOfRange }
        oldest = try reader.varint32(1...UInt32.max)
        pointerWidth = try reader.varint32()
        guard pointerWidth == 4 || pointerWidth == 8 else { throw .valueOutOfRange }
        heapCount = try reader.varint32(0...UInt32(truncatingIfNeeded: WireLimits.heaps))
        heaps = reader
        var check = reader
        for _ in 0..<heapCount { _ = try HeapGeometry(from: &check, pointerWidth: pointerWidth) }
        try check.finish()
    }

    /// The boot in a HELLO of whatever version: the fields up to it stay where they are. Nil when the payload is none.
    public static func boot(ofAnyVersion payload: UnsafePointer<UInt8>, count: Int) -> UInt32? {
        var reader = PayloadReader(payload, count: count)
        do {
            guard try reader.byte() == FrameType.hello.rawValue else { return nil }
            _ = try reader.varint()
            _ = try reader.varint()
            _ = try reader.bytes(0...0xFFFF)
            _ = try reader.bytes(0...0xFFFF)
            return try reader.varint32()
        } catch {
            return nil
        }
    }

    /// The heaps in the order of the frame; nil behind the last one.
    public mutating func nextHeap() throws(Malformed) -> HeapGeometry? {
        heaps.remaining == 0 ? nil : try HeapGeometry(from: &heaps, pointerWidth: pointerWidth)
    }
}
