// SPDX-License-Identifier: Apache-2.0

/// The numbers of a heap that never change while it lives.
public struct HeapLayout: Equatable, Sendable {
    public let baseAddress: UInt64
    /// Bytes of the heap; 0 in a watched heap whose extent isn't known.
    public let size: UInt32
    /// Bytes that blocks are aligned to, or, in a watched heap, that most addresses are multiples of: a power of two.
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
    @inline(__always)
    public var isWatched: Bool { traits.has(.watched) }
    /// Bytes may be free between two blocks.
    public var hasGaps: Bool { isLazy || isWatched }
    /// Where the heap's memory ends, in bytes from its base; beyond all addresses where that isn't known.
    public var room: UInt64 {
        guard isWatched, size == 0 else { return UInt64(wide: size) }
        return (pointerWidth == 8 ? UInt64.max : 0xFFFF_FFFF) &- baseAddress
    }
    /// The number of bytes that the distances of owners and addresses are counted in, as a power of two.
    var unitShift: UInt32 {
        guard isWatched else { return pointerWidth == 8 ? 3 : 2 }
        var shift: UInt32 = 0
        while alignment &>> shift > 1 { shift &+= 1 }
        return shift
    }

    /// Nil when the numbers are no heap: an alignment that is no power of two, or an end beyond the address space.
    public init?(
        baseAddress: UInt64, size: UInt32, alignment: UInt32, tableSize: UInt32, pointerWidth: UInt32,
        traits: HeapTraits = .none
    ) {
        self.init(
            trusted: baseAddress, size: size, alignment: alignment, tableSize: tableSize, pointerWidth: pointerWidth,
            traits: traits)
        guard isSound else { return nil }
    }

    /// The layout of a heap that exists, whose numbers need no check.
    @inline(__always)
    public init(
        existing baseAddress: UInt64, size: UInt32, alignment: UInt32, tableSize: UInt32, pointerWidth: UInt32,
        traits: HeapTraits
    ) {
        self.init(
            trusted: baseAddress, size: size, alignment: alignment, tableSize: tableSize, pointerWidth: pointerWidth,
            traits: traits)
        assert(isSound, "a heap that exists has an alignment and an end")
    }

    @inline(__always)
    private init(
        trusted baseAddress: UInt64, size: UInt32, alignment: UInt32, tableSize: UInt32, pointerWidth: UInt32,
        traits: HeapTraits
    ) {
        (self.baseAddress, self.size, self.alignment) = (baseAddress, size, alignment)
        (self.tableSize, self.pointerWidth, self.traits) = (tableSize, pointerWidth, traits)
    }

    private var isSound: Bool {
        let highest = pointerWidth == 8 ? UInt64.max : 0xFFFF_FFFF
        return alignment > 0 && alignment & (alignment &- 1) == 0 && (pointerWidth == 4 || pointerWidth == 8)
            && (1...(isWatched ? WireLimits.watchedTable : WireLimits.table)).contains(tableSize)
            && baseAddress <= highest && highest &- baseAddress >= UInt64(wide: size) && !(isWatched && isLazy)
    }

    /// Bytes that a block of `size` takes, padding included; in 64 bits, so that it can't wrap around. What a watched heap
    /// pads isn't known.
    @inline(__always)
    public func aligned(_ size: UInt32) -> UInt64 {
        if isWatched { return UInt64(wide: size) }
        return (UInt64(wide: size) &+ UInt64(wide: alignment) &- 1) & ~(UInt64(wide: alignment) &- 1)
    }
}
