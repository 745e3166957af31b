// One operation of a heap. Blocks are named by their depth: how far their entry is from the end of the table,
// because most frees are of recent blocks.

public enum Operation: Equatable, Sendable {
    /// A block of `size` bytes is appended. The owner is 0 only in a stream that lost it.
    case alloc(size: UInt32, owner: UInt64)
    case free(depth: UInt32)
    case resize(depth: UInt32, size: UInt32)
    case reown(depth: UInt32, owner: UInt64)
    case orphan(depth: UInt32)
    case failed(size: UInt32, why: UInt32)
    case badPointer(owner: UInt64)
    case reset
}

/// Reads the operations of a DELTA.
public struct OperationReader {
    private var reader: PayloadReader
    private var owners: OwnerCode
    /// When the operation that was read last happened.
    public private(set) var tick: UInt64
    private let end: UInt64

    init(_ reader: PayloadReader, tick: UInt64, end: UInt64, layout: HeapLayout) {
        (self.reader, self.tick, self.end) = (reader, tick, end)
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
            return .alloc(size: high &<< 4 | low, owner: try owners.read(from: &reader))
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
        default: throw .valueOutOfRange
        }
    }
}

extension Operation {
    /// Bytes of the longest one.
    public static var longest: Int { 1 + 5 + 5 + OwnerCode.longest }

    /// Writes the operation, `elapsed` ticks after the one before it, at `bytes`, which must have room for ``longest``. Returns
    /// how many it took.
    @inline(__always)
    public func write(elapsed: UInt32, owners: inout OwnerCode, to bytes: UnsafeMutablePointer<UInt8>) -> Int {
        switch self {
        case .alloc(let size, let owner):
            var length = Self.writeHead(kind: 0x00, elapsed: elapsed, low: size & 15, to: bytes)
            length &+= Varint.write(UInt64(wide: size &>> 4), to: bytes + length)
            return length &+ owners.write(owner, to: bytes + length)
        case .free(let depth):
            return Self.writeHead(kind: 0x40, elapsed: elapsed, depth: depth, to: bytes)
        case .resize(let depth, let size):
            let length = Self.writeHead(kind: 0x80, elapsed: elapsed, depth: depth, to: bytes)
            return length &+ Varint.write(UInt64(wide: size), to: bytes + length)
        case .reown(let depth, let owner):
            var length = Self.writeHead(kind: 0xC0, elapsed: elapsed, low: 0, to: bytes)
            length &+= Varint.write(UInt64(wide: depth), to: bytes + length)
            return length &+ owners.write(owner, to: bytes + length)
        case .orphan(let depth):
            let length = Self.writeHead(kind: 0xC0, elapsed: elapsed, low: 1, to: bytes)
            return length &+ Varint.write(UInt64(wide: depth), to: bytes + length)
        case .failed(let size, let why):
            var length = Self.writeHead(kind: 0xC0, elapsed: elapsed, low: 2, to: bytes)
            length &+= Varint.write(UInt64(wide: size), to: bytes + length)
            return length &+ Varint.write(UInt64(wide: why), to: bytes + length)
        case .badPointer(let owner):
            let length = Self.writeHead(kind: 0xC0, elapsed: elapsed, low: 3, to: bytes)
            return length &+ owners.write(owner, to: bytes + length)
        case .reset:
            return Self.writeHead(kind: 0xC0, elapsed: elapsed, low: 4, to: bytes)
        }
    }

    @inline(__always)
    private static func writeHead(
        kind: UInt8, elapsed: UInt32, low: UInt32, to bytes: UnsafeMutablePointer<UInt8>
    ) -> Int {
        let ticks = elapsed < 3 ? elapsed : 3
        bytes[0] = kind | UInt8(truncatingIfNeeded: ticks &<< 4) | UInt8(truncatingIfNeeded: low)
        return elapsed < 3 ? 1 : 1 &+ Varint.write(UInt64(wide: elapsed &- 3), to: bytes + 1)
    }

    @inline(__always)
    private static func writeHead(
        kind: UInt8, elapsed: UInt32, depth: UInt32, to bytes: UnsafeMutablePointer<UInt8>
    ) -> Int {
        let length = writeHead(kind: kind, elapsed: elapsed, low: depth < 15 ? depth : 15, to: bytes)
        return depth < 15 ? length : length &+ Varint.write(UInt64(wide: depth &- 15), to: bytes + length)
    }
}
