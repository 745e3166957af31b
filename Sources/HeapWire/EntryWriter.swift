// SPDX-License-Identifier: Apache-2.0

/// Packs the entries of a KEYFRAME in bits, with the frame's encoder. Remembers what the next one is written relative to.
public struct EntryWriter {
    /// The owner written last; the heap's base address at first.
    private var previous: UInt
    private let pointerWidth: UInt32
    private let traits: HeapTraits
    private let shift: UInt32

    /// - Parameter shift: distances are counted in so many bytes, as a power of two: pointers, or a watched heap's alignment.
    @inline(__always)
    public init(baseAddress: UInt, pointerWidth: UInt32, traits: HeapTraits, shift: UInt32) {
        (previous, self.pointerWidth, self.traits, self.shift) = (baseAddress, pointerWidth, traits, shift)
    }

    public init(layout: HeapLayout) {
        self.init(
            baseAddress: UInt(truncatingIfNeeded: layout.baseAddress), pointerWidth: layout.pointerWidth,
            traits: layout.traits, shift: layout.unitShift)
    }

    /// Bytes of the longest entry: size, owner, gap and call site.
    public static var longest: Int { (41 + 76 + 42 + 73 + 7) / 8 }

    /// Writes an entry. Gap and call site are asked for only where the heap has them, which a device counts in instructions.
    @inline(__always)
    public mutating func write(
        size: UInt32, gap: @autoclosure () -> UInt32, owner: UInt, callSite site: @autoclosure () -> UInt,
        to encoder: inout OperationEncoder
    ) {
        encoder.size(size)
        if owner == 0 {
            encoder.noOwner()
        } else {
            encoder.owner(owner, after: previous, pointerWidth: pointerWidth, shift: shift)
            previous = owner
        }
        if traits.has(.lazy) { encoder.gap(gap()) }
        if traits.has(.callSites) { encoder.callSite(site(), pointerWidth: pointerWidth) }
    }

    public mutating func write(
        _ entry: TableEntry, to encoder: inout OperationEncoder
    ) {
        write(
            size: entry.size, gap: entry.gap, owner: UInt(truncatingIfNeeded: entry.owner),
            callSite: UInt(truncatingIfNeeded: entry.callSite), to: &encoder)
    }
}
