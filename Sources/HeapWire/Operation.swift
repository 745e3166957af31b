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
        if elapsed == 3 { elapsed = 3 + UInt64(wide: try reader.varint32(0...UInt32.max - 3)) }
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
        switch self {
        case .alloc(let size, let owner, let callSite):
            return codes.alloc(size: size, owner: owner, callSite: callSite, elapsed: elapsed, to: bytes)
        case .free(let depth): return codes.write(kind: 0x40, depth: depth, elapsed: elapsed, to: bytes)
        case .resize(let depth, let size):
            return codes.write(kind: 0x80, depth: depth, elapsed: elapsed, then: size, to: bytes)
        case .reown(let depth, let owner):
            return codes.write(rare: 0, elapsed: elapsed, depth, owner: owner, to: bytes)
        case .orphan(let depth): return codes.write(rare: 1, elapsed: elapsed, depth, to: bytes)
        case .failed(let size, let why): return codes.write(rare: 2, elapsed: elapsed, size, why, to: bytes)
        case .badPointer(let owner): return codes.write(rare: 3, elapsed: elapsed, owner: owner, to: bytes)
        case .reset: return codes.write(rare: 4, elapsed: elapsed, to: bytes)
        case .compact(let depth, let size): return codes.write(rare: 5, elapsed: elapsed, depth, size, to: bytes)
        }
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

    @inline(__always)
    public mutating func alloc(
        size: UInt32, owner: UInt64, callSite site: UInt64, elapsed: UInt32, to bytes: UnsafeMutablePointer<UInt8>
    ) -> Int {
        var length = head(UInt8(truncatingIfNeeded: size & 15), elapsed: elapsed, to: bytes)
        length &+= Varint.write(size &>> 4, to: bytes + length)
        length &+= owners.write(owner, to: bytes + length)
        guard hasCallSites else { return length }
        let distance = Varint.zigzag(Int64(bitPattern: site &- callSite))
        callSite = site
        return length &+ Varint.write(distance, to: bytes + length)
    }

    /// An operation whose head has the depth of its block.
    @inline(__always)
    public func write(
        kind: UInt8, depth: UInt32, elapsed: UInt32, then size: UInt32? = nil, to bytes: UnsafeMutablePointer<UInt8>
    ) -> Int {
        let low = depth < 15 ? depth : 15
        var length = head(kind | UInt8(truncatingIfNeeded: low), elapsed: elapsed, to: bytes)
        if depth >= 15 { length &+= Varint.write(depth &- 15, to: bytes + length) }
        if let size { length &+= Varint.write(size, to: bytes + length) }
        return length
    }

    /// An operation that its head alone names.
    @inline(never)
    public mutating func write(
        rare code: UInt8, elapsed: UInt32, _ first: UInt32? = nil, _ second: UInt32? = nil, owner: UInt64? = nil,
        to bytes: UnsafeMutablePointer<UInt8>
    ) -> Int {
        var length = head(0xC0 | code, elapsed: elapsed, to: bytes)
        if let first { length &+= Varint.write(first, to: bytes + length) }
        if let second { length &+= Varint.write(second, to: bytes + length) }
        if let owner { length &+= owners.write(owner, to: bytes + length) }
        return length
    }

    @inline(__always)
    private func head(_ head: UInt8, elapsed: UInt32, to bytes: UnsafeMutablePointer<UInt8>) -> Int {
        let ticks = elapsed < 3 ? elapsed : 3
        bytes[0] = head | UInt8(truncatingIfNeeded: ticks &<< 4)
        return elapsed < 3 ? 1 : 1 &+ Varint.write(elapsed &- 3, to: bytes + 1)
    }
}
