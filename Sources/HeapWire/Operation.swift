// SPDX-License-Identifier: Apache-2.0
//
// One operation of a heap. Blocks are named by their depth: how far their entry is from the end of the table,
// because most frees are of recent blocks.

public enum Operation: Equatable, Sendable {
    /// A block of `size` bytes is appended. The owner is 0 only in a stream that lost it, the call site where the heap has none.
    case alloc(size: UInt32, owner: UInt64, callSite: UInt64 = 0)
    case free(depth: UInt32)
    case resize(depth: UInt32, size: UInt32)
    case reown(depth: UInt32, owner: UInt64)
    case orphan(depth: UInt32)
    case failed(size: UInt32, why: UInt32)
    case badPointer(owner: UInt64)
    case reset
    /// In a lazy heap, blocks of `bytes` bytes, from this one on, move down to the end of the one before.
    case compact(depth: UInt32, bytes: UInt32)
}

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

extension Operation {
    /// Bytes of the longest one.
    public static var longest: Int { 1 + 5 + 5 + OwnerCode.longest + Varint.longest }

    /// Writes the operation, `elapsed` ticks after the one before it, at `bytes`, which must have room for ``longest``. Returns
    /// how many it took.
    public func write(
        elapsed: UInt32, codes: inout OperationCodes, to bytes: UnsafeMutablePointer<UInt8>
    ) -> Int {
        codes.write(fields, elapsed: elapsed, to: bytes)
    }

    private var fields: OperationFields {
        switch self {
        case .alloc(let size, let owner, let callSite): .alloc(size: size, owner: owner, callSite: callSite)
        case .free(let depth): .block(0x40, depth: depth)
        case .resize(let depth, let size): .block(0x80, depth: depth, size: size)
        case .reown(let depth, let owner): OperationFields(0xC0, .first | .owner, depth, owner: owner)
        case .orphan(let depth): OperationFields(0xC1, .first, depth)
        case .failed(let size, let why): OperationFields(0xC2, .first | .second, size, why)
        case .badPointer(let owner): OperationFields(0xC3, .owner, owner: owner)
        case .reset: OperationFields(0xC4, .none)
        case .compact(let depth, let bytes): OperationFields(0xC5, .first | .second, depth, bytes)
        }
    }
}

/// An operation as it is written: its head, and which fields follow.
public struct OperationFields {
    /// A set of fields, in the order in which they are written.
    public struct Presence: Sendable {
        let bits: UInt8

        public static var none: Presence { Presence(bits: 0) }
        public static var first: Presence { Presence(bits: 1) }
        public static var second: Presence { Presence(bits: 2) }
        public static var owner: Presence { Presence(bits: 4) }
        static var callSite: Presence { Presence(bits: 8) }

        @inline(__always)
        public static func | (one: Presence, other: Presence) -> Presence { Presence(bits: one.bits | other.bits) }

        @inline(__always)
        func has(_ field: Presence) -> Bool { bits & field.bits != 0 }
    }

    let head: UInt8
    let presence: Presence
    let first: UInt32
    let second: UInt32
    let owner: UInt64
    let callSite: UInt64

    @inline(__always)
    public var hasOwner: Bool { presence.has(.owner) }

    @inline(__always)
    public init(
        _ head: UInt8, _ presence: Presence, _ first: UInt32 = 0, _ second: UInt32 = 0, owner: UInt64 = 0,
        callSite: UInt64 = 0
    ) {
        (self.head, self.presence, self.first, self.second) = (head, presence, first, second)
        (self.owner, self.callSite) = (owner, callSite)
    }

    @inline(__always)
    public static func alloc(size: UInt32, owner: UInt64, callSite: UInt64) -> OperationFields {
        OperationFields(
            UInt8(truncatingIfNeeded: size & 15), .first | .owner | .callSite, size &>> 4, owner: owner,
            callSite: callSite)
    }

    /// A free or resize: depths below 15 fit in the head.
    @inline(__always)
    public static func block(_ kind: UInt8, depth: UInt32, size: UInt32? = nil) -> OperationFields {
        let isFar = depth >= 15
        let rest = size == nil ? Presence.none : Presence.second
        return OperationFields(
            kind | UInt8(truncatingIfNeeded: isFar ? 15 : depth), isFar ? .first | rest : rest, depth &- 15, size ?? 0)
    }
}

/// Writes operations. Remembers what the next one is written relative to.
public struct OperationCodes {
    public var owners: OwnerCode
    /// The call site written last; 0 at the start of a frame.
    public var callSite: UInt64
    private let hasCallSites: Bool

    public init(owners: OwnerCode, callSite: UInt64 = 0, hasCallSites: Bool = false) {
        (self.owners, self.callSite, self.hasCallSites) = (owners, callSite, hasCallSites)
    }

    /// Writes an operation, `elapsed` ticks after the one before it. Returns the bytes that it took.
    @inline(__always)
    public mutating func write(
        _ fields: OperationFields, elapsed: UInt32, to bytes: UnsafeMutablePointer<UInt8>
    ) -> Int {
        let ticks = elapsed < 3 ? elapsed : 3
        bytes[0] = fields.head | UInt8(truncatingIfNeeded: ticks &<< 4)
        var end = bytes + 1
        if elapsed >= 3 { end += Varint.write(elapsed &- 3, to: end) }
        if fields.presence.has(.first) { end += Varint.write(fields.first, to: end) }
        if fields.presence.has(.second) { end += Varint.write(fields.second, to: end) }
        if fields.presence.has(.owner) { end += owners.write(fields.owner, to: end) }
        if hasCallSites, fields.presence.has(.callSite) {
            end += Varint.write(Varint.zigzag(Int64(bitPattern: fields.callSite &- callSite)), to: end)
            callSite = fields.callSite
        }
        return end - bytes
    }
}
