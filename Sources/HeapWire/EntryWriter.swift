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
        var length = Varint.write(entry.size, to: bytes)
        length &+= owners.write(entry.owner, to: bytes + length)
        if traits.has(.lazy) { length &+= Varint.write(entry.gap, to: bytes + length) }
        if traits.has(.callSites) {
            let distance = Int64(bitPattern: entry.callSite &- callSite)
            length &+= Varint.write(Varint.zigzag(distance), to: bytes + length)
            callSite = entry.callSite
        }
        return length
    }
}
