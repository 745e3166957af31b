// SPDX-License-Identifier: Apache-2.0

/// Reads the operations of a DELTA.
public struct OperationReader {
    private var reader: PayloadReader
    private var owners: OwnerCode
    private var callSite: UInt64 = 0
    private let traits: HeapTraits
    /// When the operation that was read last happened.
    public private(set) var tick: UInt64
    private let end: UInt64

    init(_ reader: PayloadReader, tick: UInt64, end: UInt64, layout: HeapLayout) {
        (self.reader, self.tick, self.end, traits) = (reader, tick, end, layout.traits)
        owners = OwnerCode(baseAddress: layout.baseAddress, pointerWidth: layout.pointerWidth)
    }

    /// The next operation; nil at the end of the payload.
    public mutating func next() throws(Malformed) -> Operation? {
        if reader.remaining == 0 { return nil }
        let head = try reader.byte()
        var elapsed = UInt64(wide: (head &>> 4) & 3)
        if elapsed == 3 { elapsed = 3 &+ UInt64(wide: try reader.varint32(0...UInt32.max &- 3)) }
        tick &+= elapsed
        guard tick <= end else { throw .valueOutOfRange }
        let low = UInt32(head & 15)
        switch head &>> 6 {
        case 0:
            let high = try reader.varint32(0...UInt32.max &>> 4)
            let owner = try owners.read(from: &reader)
            if traits.has(.callSites) {
                callSite = callSite &+ UInt64(bitPattern: Varint.unzigzag(try reader.varint()))
            }
            return .alloc(size: high &<< 4 | low, owner: owner, callSite: callSite)
        case 1: return .free(depth: try depth(low))
        case 2: return .resize(depth: try depth(low), size: try reader.varint32(1...UInt32.max))
        default: return try rare(low)
        }
    }

    private mutating func depth(_ low: UInt32) throws(Malformed) -> UInt32 {
        low < 15 ? low : 15 &+ (try reader.varint32(0...WireLimits.table))
    }

    private mutating func rare(_ code: UInt32) throws(Malformed) -> Operation {
        switch code {
        case 0: return .reown(depth: try reader.varint32(), owner: try owners.read(from: &reader))
        case 1: return .orphan(depth: try reader.varint32())
        case 2: return .failed(size: try reader.varint32(), why: try reader.varint32(0...2))
        case 3: return .badPointer(owner: try owners.read(from: &reader))
        case 4: return .reset
        case 5 where traits.has(.lazy):
            return .compact(depth: try reader.varint32(), bytes: try reader.varint32(1...UInt32.max))
        default: throw .valueOutOfRange
        }
    }
}
