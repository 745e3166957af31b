// SPDX-License-Identifier: Apache-2.0

/// Reads the entries of a KEYFRAME.
public struct EntryReader {
    private var reader: PayloadReader
    private var owners: OwnerCode
    private var callSite: UInt64 = 0
    private let traits: HeapTraits

    init(_ reader: PayloadReader, layout: HeapLayout) {
        (self.reader, traits) = (reader, layout.traits)
        owners = OwnerCode(baseAddress: layout.baseAddress, pointerWidth: layout.pointerWidth)
    }

    /// The next entry; nil at the end of the payload.
    public mutating func next() throws(Malformed) -> TableEntry? {
        if reader.remaining == 0 { return nil }
        let size = try reader.varint32(1...UInt32.max)
        let owner = try owners.read(from: &reader)
        let gap = traits.has(.lazy) ? try reader.varint32() : 0
        if traits.has(.callSites) {
            callSite = callSite &+ UInt64(bitPattern: Varint.unzigzag(try reader.varint()))
        }
        return TableEntry(size: size, gap: gap, owner: owner, callSite: callSite)
    }
}
