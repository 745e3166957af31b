// SPDX-License-Identifier: Apache-2.0

/// Reads the entries of a KEYFRAME.
public struct EntryReader {
    private var fields: FieldReader
    private var callSites = CallSiteTrail()
    private var previous: UInt
    private var isFirst = true
    private let traits: HeapTraits

    init(_ reader: PayloadReader, layout: HeapLayout) {
        (fields, traits) = (FieldReader(reader, layout: layout), layout.traits)
        previous = UInt(truncatingIfNeeded: layout.baseAddress)
    }

    /// The next entry; nil at the end of the payload.
    public mutating func next() throws(Malformed) -> TableEntry? {
        if fields.bits.isAtEnd { return nil }
        let size = try fields.size()
        let owner = try nextOwner()
        var entry = TableEntry(size: size, gap: 0, owner: UInt64(wide: Int(bitPattern: owner)))
        if traits.has(.lazy) { entry.gap = try fields.gap() }
        if traits.has(.callSites) { entry.callSite = UInt64(wide: Int(bitPattern: try fields.callSite(&callSites))) }
        return entry
    }

    private mutating func nextOwner() throws(Malformed) -> UInt {
        switch try fields.ownerStart() {
        case .none where traits.has(.watched): throw .valueOutOfRange
        case .none: return 0
        case .distance(let quotient):
            let owner = try fields.owner(quotient, after: previous)
            // A list is in order.
            guard !traits.has(.watched) || isFirst || owner > previous else { throw .valueOutOfRange }
            (previous, isFirst) = (owner, false)
            return owner
        // Nothing was left in a KEYFRAME.
        case .latest, .second: throw .valueOutOfRange
        }
    }
}
