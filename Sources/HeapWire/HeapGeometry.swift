// SPDX-License-Identifier: Apache-2.0
//
// What HELLO says of one heap: all that a replica needs to calculate addresses and moves.

public struct HeapGeometry {
    /// The heap's number on its device, 0 to 255.
    public var heap: UInt32
    /// UTF-8, as sent; the bytes belong to the payload.
    public var name: UnsafeBufferPointer<UInt8>
    public var layout: HeapLayout

    init(from reader: inout PayloadReader, pointerWidth: UInt32) throws(Malformed) {
        heap = try reader.varint32(0...255)
        name = try reader.bytes(0...WireLimits.heapName)
        let baseAddress = try reader.varint()
        let size = try reader.varint32()
        let alignment = try reader.varint32(1...65536)
        let tableSize = try reader.varint32(1...WireLimits.table)
        let traits = HeapTraits(rawValue: try reader.varint32(0...HeapTraits.known.rawValue))
        guard
            let layout = HeapLayout(
                baseAddress: baseAddress, size: size, alignment: alignment, tableSize: tableSize,
                pointerWidth: pointerWidth, traits: traits)
        else { throw .valueOutOfRange }
        self.layout = layout
    }
}

/// What is special about a heap, and changes what its frames say.
public struct HeapTraits: Equatable, Sendable {
    public let rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    public static var none: HeapTraits { HeapTraits(rawValue: 0) }
    /// A free leaves a gap; gaps are closed later, by `compact` operations.
    public static var lazy: HeapTraits { HeapTraits(rawValue: 1) }
    /// Every allocation says where it was called from.
    public static var callSites: HeapTraits { HeapTraits(rawValue: 2) }
    /// All that this version of the format defines.
    static var known: HeapTraits { HeapTraits(rawValue: 3) }

    @inline(__always)
    func has(_ trait: HeapTraits) -> Bool { rawValue & trait.rawValue != 0 }
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
    public let traits: HeapTraits

    @inline(__always)
    public var isLazy: Bool { traits.has(.lazy) }
    @inline(__always)
    public var hasCallSites: Bool { traits.has(.callSites) }

    /// Nil when the numbers are no heap: an alignment that is no power of two, or an end beyond the address space.
    public init?(
        baseAddress: UInt64, size: UInt32, alignment: UInt32, tableSize: UInt32, pointerWidth: UInt32,
        traits: HeapTraits = .none
    ) {
        let highest = pointerWidth == 8 ? UInt64.max : 0xFFFF_FFFF
        guard alignment > 0, alignment & (alignment &- 1) == 0, pointerWidth == 4 || pointerWidth == 8,
            (1...WireLimits.table).contains(tableSize), baseAddress <= highest,
            highest &- baseAddress >= UInt64(wide: size)
        else { return nil }
        (self.baseAddress, self.size, self.alignment) = (baseAddress, size, alignment)
        (self.tableSize, self.pointerWidth, self.traits) = (tableSize, pointerWidth, traits)
    }

    /// Bytes that a block of `size` takes, padding included; in 64 bits, so that it can't wrap around.
    @inline(__always)
    public func aligned(_ size: UInt32) -> UInt64 {
        (UInt64(wide: size) &+ UInt64(wide: alignment) &- 1) & ~(UInt64(wide: alignment) &- 1)
    }
}
