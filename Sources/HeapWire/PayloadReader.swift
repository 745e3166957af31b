// SPDX-License-Identifier: Apache-2.0
//
// Reads the fields of one payload. The bytes must stay where they are for as long as the reader lives. The collector
// inlines the hot methods; a device has no flash for the copies.

public struct PayloadReader {
    private let base: UnsafePointer<UInt8>
    private var end: Int
    private var offset = 0

    public init(_ bytes: UnsafePointer<UInt8>, count: Int) {
        base = bytes
        end = count
    }

    public var remaining: Int { end &- offset }
    /// Where the next byte is.
    var next: UnsafePointer<UInt8> { base + offset }

    /// Without taking it.
    func lastByte() throws(Malformed) -> UInt8 {
        guard offset < end else { throw .truncatedField }
        return base[end &- 1]
    }

    /// Cuts off the last `count` bytes, and reads them.
    mutating func cutEnd(_ count: Int) throws(Malformed) -> PayloadReader {
        guard count <= remaining else { throw .truncatedField }
        end &-= count
        return PayloadReader(base + end, count: count)
    }

    @inline(__always)
    public mutating func byte() throws(Malformed) -> UInt8 {
        guard offset < end else { throw .truncatedField }
        defer { offset &+= 1 }
        return base[offset]
    }

    /// A LEB128 number of at most 64 bits.
    @inline(__always)
    public mutating func varint() throws(Malformed) -> UInt64 {
        let first = try byte()
        return first < 0x80 ? UInt64(wide: first) : try longVarint(first)
    }

    private mutating func longVarint(_ first: UInt8) throws(Malformed) -> UInt64 {
        let start = offset
        while try byte() >= 0x80 {
            // Ten bytes with the first.
            if offset &- start == 9 { throw .valueOutOfRange }
        }
        // The tenth byte has room for the 64th bit only.
        if offset &- start == 9 && base[offset &- 1] > 1 { throw .valueOutOfRange }
        // From the last byte on.
        var value: UInt64 = 0
        var place = offset
        while place > start {
            place &-= 1
            value = value &<< 7 | UInt64(wide: base[place] & 0x7F)
        }
        return value &<< 7 | UInt64(wide: first & 0x7F)
    }

    /// A LEB128 number of at most 32 bits; like any, it may have leading zeros, up to ten bytes in all.
    #if hasFeature(Embedded)
        @inline(never)
    #else
        @inline(__always)
    #endif
    public mutating func varint32() throws(Malformed) -> UInt32 {
        // What there is room for in the bits from `shift` on.
        var (value, shift, most) = (UInt32(0), UInt32(0), UInt32.max)
        while true {
            let byte = try byte()
            let bits = UInt32(byte & 0x7F)
            guard bits <= most, shift < 70 else { throw .valueOutOfRange }
            value |= bits &<< shift
            if byte < 0x80 { return value }
            shift &+= 7
            most &>>= 7
        }
    }

    /// A LEB128 number within `range`.
    @inline(__always)
    public mutating func varint32(_ range: ClosedRange<UInt32>) throws(Malformed) -> UInt32 {
        let value = try varint32()
        guard range.contains(value) else { throw .valueOutOfRange }
        return value
    }

    /// Four bytes, little-endian.
    public mutating func word() throws(Malformed) -> UInt32 {
        var value: UInt32 = 0
        for shift in 0..<4 { value |= UInt32(try byte()) &<< UInt32(truncatingIfNeeded: shift &* 8) }
        return value
    }

    /// A length within `range`, and as many bytes.
    public mutating func bytes(_ range: ClosedRange<Int>) throws(Malformed) -> UnsafeBufferPointer<UInt8> {
        let length = Int(truncatingIfNeeded: try varint32(0...0xFFFF))
        guard range.contains(length) else { throw .valueOutOfRange }
        guard length <= remaining else { throw .truncatedField }
        defer { offset &+= length }
        return UnsafeBufferPointer(start: base + offset, count: length)
    }

    /// So many bytes.
    public mutating func bytes(count: UInt64) throws(Malformed) -> UnsafeBufferPointer<UInt8> {
        guard count <= UInt64(wide: remaining) else { throw .truncatedField }
        let length = Int(truncatingIfNeeded: count)
        defer { offset &+= length }
        return UnsafeBufferPointer(start: base + offset, count: length)
    }

    public func finish() throws(Malformed) {
        guard offset == end else { throw .trailingBytes }
    }
}
