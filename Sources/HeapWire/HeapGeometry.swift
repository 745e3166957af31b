// What HELLO says of one heap: all that a replica needs to calculate addresses and moves.

public struct HeapGeometry {
    public enum Policy: UInt32, Sendable {
        /// Every free closes its gap at once.
        case eager = 0
    }

    /// The heap's number on its device, 0 to 255.
    public var heap: UInt32
    /// UTF-8, as sent; the bytes belong to the payload.
    public var name: UnsafeBufferPointer<UInt8>
    public var layout: HeapLayout
    public var policy: Policy

    init(from reader: inout PayloadReader, pointerWidth: UInt32) throws(Malformed) {
        heap = try reader.varint32(0...255)
        name = try reader.bytes(0...WireLimits.heapName)
        let baseAddress = try reader.varint()
        let size = try reader.varint32()
        let alignment = try reader.varint32(1...65536)
        let tableSize = try reader.varint32(1...WireLimits.table)
        guard let policy = Policy(rawValue: try reader.varint32()),
            let layout = HeapLayout(
                baseAddress: baseAddress, size: size, alignment: alignment, tableSize: tableSize,
                pointerWidth: pointerWidth)
        else { throw .valueOutOfRange }
        self.policy = policy
        self.layout = layout
    }
}

/// The numbers of a heap that never change while it lives.
public struct HeapLayout: Equatable, Sendable {
    public let baseAddress: UInt64
    /// Bytes of the heap.
    public let size: UInt32
    /// Bytes that blocks are aligned to: a power of two.
    public let alignment: UInt32
    /// The most blocks at a time.
    public let tableSize: UInt32
    /// Bytes of a pointer on the device: 4 or 8.
    public let pointerWidth: UInt32

    /// Nil when the numbers are no heap: an alignment that is no power of two, or an end beyond the address space.
    public init?(baseAddress: UInt64, size: UInt32, alignment: UInt32, tableSize: UInt32, pointerWidth: UInt32) {
        let highest = pointerWidth == 8 ? UInt64.max : 0xFFFF_FFFF
        guard alignment > 0, alignment & (alignment &- 1) == 0, pointerWidth == 4 || pointerWidth == 8,
            (1...WireLimits.table).contains(tableSize), baseAddress <= highest,
            highest &- baseAddress >= UInt64(wide: size)
        else { return nil }
        (self.baseAddress, self.size, self.alignment) = (baseAddress, size, alignment)
        (self.tableSize, self.pointerWidth) = (tableSize, pointerWidth)
    }

    /// Bytes that a block of `size` takes, padding included; in 64 bits, so that it can't wrap around.
    @inline(__always)
    func aligned(_ size: UInt32) -> UInt64 {
        (UInt64(wide: size) &+ UInt64(wide: alignment) &- 1) & ~(UInt64(wide: alignment) &- 1)
    }
}
