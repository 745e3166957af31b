// SPDX-License-Identifier: Apache-2.0
//
// Reads fields of a few bits, low bits first, up to the end of a payload. The bytes must stay where they are for as
// long as the reader lives.

struct BitReader {
    private let base: UnsafePointer<UInt8>
    /// In bits.
    private let end: Int
    private var place = 0

    /// Reads the rest of a payload.
    init(_ reader: PayloadReader) {
        (base, end) = (reader.next, reader.remaining &* 8)
    }

    /// True when nothing is left but the zeros that fill the last byte.
    @inline(__always)
    var isAtEnd: Bool { end &- place < 8 && window == 0 }

    /// The next 57 bits or more; zeros beyond the end.
    @inline(__always)
    private var window: UInt64 {
        let byte = place &>> 3
        var word: UInt64 = 0
        if byte &+ 8 <= end &>> 3 {
            word = UInt64(littleEndian: UnsafeRawPointer(base + byte).loadUnaligned(as: UInt64.self))
        } else {
            var index = end &>> 3
            while index > byte {
                index &-= 1
                word = word &<< 8 | UInt64(wide: base[index])
            }
        }
        return word &>> UInt64(wide: place & 7)
    }

    @inline(__always)
    private mutating func skip(_ count: Int) throws(Malformed) {
        guard count <= end &- place else { throw .truncatedField }
        place &+= count
    }

    /// A number of at most 56 bits.
    @inline(__always)
    mutating func bits(_ count: UInt32) throws(Malformed) -> UInt64 {
        let value = window & ((1 &<< UInt64(wide: count)) &- 1)
        try skip(Int(truncatingIfNeeded: count))
        return value
    }

    @inline(__always)
    mutating func bits32(_ count: UInt32) throws(Malformed) -> UInt32 {
        UInt32(truncatingIfNeeded: try bits(count))
    }

    /// A number of at most 64 bits, in pieces.
    mutating func longBits(_ count: UInt32) throws(Malformed) -> UInt64 {
        guard count > 32 else { return try bits(count) }
        let low = try bits(32)
        return low | (try bits(count &- 32)) &<< 32
    }

    /// How many zeros come next, up to `most`, of which there are 32 at most. The one after fewer is taken, too.
    @inline(__always)
    mutating func zeros(_ most: UInt32) throws(Malformed) -> UInt32 {
        let zeros = UInt32(truncatingIfNeeded: window.trailingZeroBitCount)
        guard zeros < most else {
            try skip(Int(truncatingIfNeeded: most))
            return most
        }
        try skip(Int(truncatingIfNeeded: zeros &+ 1))
        return zeros
    }
}
