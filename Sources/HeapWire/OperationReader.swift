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
        tick &+= try elapsed(UInt32(head &>> 4 & 3))
        guard tick <= end else { throw .valueOutOfRange }
        let low = UInt32(head & 15)
        switch head & OperationCode.kind {
        case OperationCode.alloc.rawValue:
            let high = try reader.varint32(0...UInt32.max &>> 4)
            let owner = try owners.read(from: &reader)
            return .alloc(size: high &<< 4 | low, owner: owner, callSite: try nextCallSite())
        case OperationCode.free.rawValue: return .free(depth: try depth(low))
        case OperationCode.resize.rawValue:
            return .resize(depth: try depth(low), size: try reader.varint32(1...UInt32.max))
        default: return try rare(OperationCode(rawValue: head & OperationCode.kindAndLow))
        }
    }

    private mutating func elapsed(_ low: UInt32) throws(Malformed) -> UInt64 {
        guard low == OperationCode.farTicks else { return UInt64(wide: low) }
        return UInt64(wide: low) &+ UInt64(wide: try reader.varint32(0...UInt32.max &- low))
    }

    private mutating func depth(_ low: UInt32) throws(Malformed) -> UInt32 {
        low < OperationCode.farDepth ? low : low &+ (try reader.varint32(0...WireLimits.table))
    }

    /// 0 in a heap without call sites.
    private mutating func nextCallSite() throws(Malformed) -> UInt64 {
        if traits.has(.callSites) {
            callSite = callSite &+ UInt64(bitPattern: Varint.unzigzag(try reader.varint()))
        }
        return callSite
    }

    private mutating func rare(_ code: OperationCode?) throws(Malformed) -> Operation {
        switch code {
        case .reown: return .reown(depth: try reader.varint32(), owner: try owners.read(from: &reader))
        case .orphan: return .orphan(depth: try reader.varint32())
        case .failed:
            let (size, why) = (try reader.varint32(), try reader.varint32(0...2))
            return .failed(size: size, why: why, owner: try owners.read(from: &reader), callSite: try nextCallSite())
        case .badPointer: return .badPointer(owner: try owners.read(from: &reader))
        case .reset: return .reset
        case .compact where traits.has(.lazy):
            return .compact(depth: try reader.varint32(), bytes: try reader.varint32(1...UInt32.max))
        default: throw .valueOutOfRange
        }
    }
}
