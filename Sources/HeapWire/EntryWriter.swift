// SPDX-License-Identifier: Apache-2.0

/// Writes the entries of a KEYFRAME. Remembers what the next one is written relative to.
public struct EntryWriter {
    private var owners: OwnerCode
    private var callSite: UInt64 = 0
    private let traits: HeapTraits

    @inline(__always)
    public init(baseAddress: UInt64, pointerWidth: UInt32, traits: HeapTraits) {
        owners = OwnerCode(baseAddress: baseAddress, pointerWidth: pointerWidth)
        self.traits = traits
    }

    public init(layout: HeapLayout) {
        self.init(baseAddress: layout.baseAddress, pointerWidth: layout.pointerWidth, traits: layout.traits)
    }

    /// Bytes of the longest entry.
    @inline(__always)
    public static func longest(hasCallSites: Bool) -> Int {
        5 + OwnerCode.longest + 5 + (hasCallSites ? Varint.longest : 0)
    }

    /// Writes an entry at `bytes`, which must have room for ``longest(hasCallSites:)``. Returns the bytes that it
    /// took.
    @inline(__always)
    public mutating func write(_ entry: TableEntry, to bytes: UnsafeMutablePointer<UInt8>) -> Int {
        write(size: entry.size, gap: entry.gap, owner: entry.owner, callSite: entry.callSite, to: bytes)
    }

    /// The same; gap and call site are asked for only where the heap has them, which a device counts in instructions.
    @inline(__always)
    public mutating func write(
        size: UInt32, gap: @autoclosure () -> UInt32, owner: UInt64, callSite site: @autoclosure () -> UInt64,
        to bytes: UnsafeMutablePointer<UInt8>
    ) -> Int {
        // Lengths of what is written here: their sum is at most ``longest(hasCallSites:)``.
        var length = Varint.write(size, to: bytes)
        length &+= owners.write(owner, to: bytes + length)
        if traits.has(.lazy) { length &+= Varint.write(gap(), to: bytes + length) }
        if traits.has(.callSites) {
            let site = site()
            length &+= Varint.write(Varint.zigzag(Int64(bitPattern: site &- callSite)), to: bytes + length)
            callSite = site
        }
        return length
    }
}
