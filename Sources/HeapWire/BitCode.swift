// SPDX-License-Identifier: Apache-2.0

/// A few bits, low ones first.
struct BitCode {
    let bits: UInt
    /// At most ``most``; 0 for a field that takes more.
    let count: UInt32

    /// With the seven bits of a byte that is begun they fit in a word, and one is left: then the byte after them is 0.
    static var most: UInt32 { UInt32(truncatingIfNeeded: UInt.bitWidth &- 8) }

    @inline(__always)
    init(_ bits: UInt, _ count: UInt32) { (self.bits, self.count) = (bits, count) }

    @inline(__always)
    init(_ bits: UInt32, _ count: UInt32) { self.init(UInt(bits), count) }

    @inline(__always)
    static var none: BitCode { BitCode(UInt(0), 0) }

    /// This one, and another after it.
    @inline(__always)
    func then(_ other: BitCode) -> BitCode {
        BitCode(bits | other.bits &<< UInt(truncatingIfNeeded: count), count &+ other.count)
    }
}
