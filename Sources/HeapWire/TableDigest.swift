// SPDX-License-Identifier: Apache-2.0
//
// The digest of an allocation table: MurmurHash3_x86_32 with seed 0 over (size as 4 bytes, owner as 8) of each entry - with the
// gap before it as 4 in a lazy heap, the call site as 8 where there are any - little-endian, in the order of the table (Austin Appleby's public-domain algorithm). It catches a replica that
// went wrong; it is no protection against a forger.

public struct TableDigest {
    private var hash: UInt32 = 0
    private var length: UInt32 = 0

    public init() {}

    @inline(__always)
    public mutating func add(size: UInt32, owner: UInt64) {
        add(word: size)
        add(owner)
    }

    @inline(__always)
    public mutating func add(gap: UInt32) {
        add(word: gap)
    }

    @inline(__always)
    public mutating func add(callSite: UInt64) {
        add(callSite)
    }

    @inline(__always)
    private mutating func add(_ address: UInt64) {
        add(word: UInt32(truncatingIfNeeded: address))
        add(word: UInt32(truncatingIfNeeded: address &>> 32))
    }

    @inline(never)
    private mutating func add(word: UInt32) {
        length &+= 4
        var mixed = word &* 0xCC9E_2D51
        mixed = (mixed &<< 15) | (mixed &>> 17)
        hash ^= mixed &* 0x1B87_3593
        hash = (hash &<< 13) | (hash &>> 19)
        hash = hash &* 5 &+ 0xE654_6B64
    }

    public var value: UInt32 {
        var result = hash ^ length
        result ^= result &>> 16
        result = result &* 0x85EB_CA6B
        result ^= result &>> 13
        result = result &* 0xC2B2_AE35
        return result ^ (result &>> 16)
    }
}
