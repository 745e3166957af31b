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
    /// What the device offers; set in a HELLO that was read.
    public private(set) var capabilities = Capabilities.none
    /// What is left of the payload: the heaps that follow. Nil in a HELLO that was not read from one.
    private var heaps: PayloadReader?
    private var heapsLeft: UInt32 = 0
    /// The fields after the heaps; nil in a HELLO that was not read.
    public private(set) var extensions: ExtensionReader?

    /// Writes all fields up to the heaps. `heapCount` heaps must follow: ``HeapGeometry/write(heap:name:layout:to:)``. Then
    /// extension fields may: ``Capabilities/write(to:)``, ``ExtensionField/write(to:)``. Each is asked for when its turn comes,
    /// so that a device need not keep them.
    /// - Parameter version: another one only to see what a collector makes of it.
    @inline(__always)
    public static func write(
        version: UInt32 = WireLimits.version, isOneWay: @autoclosure () -> Bool,
        device: @autoclosure () -> UnsafeBufferPointer<UInt8>, build: @autoclosure () -> UnsafeBufferPointer<UInt8>,
        boot: @autoclosure () -> UInt32, ticksPerSecond: @autoclosure () -> UInt32, tick: @autoclosure () -> UInt64,
        oldest: @autoclosure () -> UInt32, pointerWidth: UInt32, heapCount: @autoclosure () -> UInt32,
        to writer: inout FrameWriter
    ) {
        writer.byte(FrameType.hello.rawValue)
        writer.varint(version)
        writer.varint(isOneWay() ? UInt32(1) : 0)
        writer.text(device())
        writer.text(build())
        writer.varint(boot())
        writer.varint(ticksPerSecond())
        writer.varint(tick())
        writer.varint(oldest())
        writer.varint(pointerWidth)
        writer.varint(heapCount())
    }

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
        let fields = try ExtensionReader(check)
        capabilities = try fields.capabilities()
        (extensions, heapsLeft) = (fields, heapCount)
    }

    /// The heaps of a HELLO that was read, in the order of the frame; nil after the last one.
    public mutating func nextHeap() throws(Malformed) -> HeapGeometry? {
        guard var rest = heaps, heapsLeft > 0 else { return nil }
        let heap = try HeapGeometry(from: &rest, pointerWidth: pointerWidth)
        heaps = rest
        heapsLeft &-= 1
        return heap
    }
}
