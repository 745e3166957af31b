// SPDX-License-Identifier: Apache-2.0
//
// The digest of an allocation table: MurmurHash3_x86_32 (Austin Appleby's public-domain algorithm) with seed 0. It
// takes the entries in the order of the table, each little-endian: size as 4 bytes, owner as 8, in a lazy heap the gap
// before it as 4, and the call site as 8 where the heap has call sites. It detects a replica that went wrong. It does
// not protect against a forger.

public struct TableDigest {
    @usableFromInline
    var hash: UInt32 = 0
    @usableFromInline
    var length: UInt32 = 0

    @inlinable
    public init() {}

    @inlinable @inline(__always)
    public mutating func add(size: UInt32, owner: UInt64) {
        add(word: size)
        add(owner)
    }

    @inlinable @inline(__always)
    public mutating func add(gap: UInt32) {
        add(word: gap)
    }

    @inlinable @inline(__always)
    public mutating func add(callSite: UInt64) {
        add(callSite)
    }

    @inlinable @inline(__always)
    mutating func add(_ address: UInt64) {
        add(word: UInt32(truncatingIfNeeded: address))
        #if hasFeature(Embedded) && (arch(arm) || arch(riscv32))
            // The high half of an address there, of which nothing is to be mixed.
            length &+= 4
            hash = Self.take(0, into: hash)
        #else
            add(word: UInt32(truncatingIfNeeded: address &>> 32))
        #endif
    }

    // Every entry of a table is added after every frame.
    @inlinable @inline(__always)
    mutating func add(word: UInt32) {
        length &+= 4
        hash = Self.mix(hash, word)
    }

    // A device has no flash for copies.
    #if hasFeature(Embedded)
        @usableFromInline @inline(never)
    #else
        @inlinable @inline(__always)
    #endif
    static func mix(_ hash: UInt32, _ word: UInt32) -> UInt32 {
        var mixed = word &* 0xCC9E_2D51
        mixed = (mixed &<< 15) | (mixed &>> 17)
        return take(mixed &* 0x1B87_3593, into: hash)
    }

    @inlinable @inline(__always)
    static func take(_ mixed: UInt32, into hash: UInt32) -> UInt32 {
        let next = hash ^ mixed
        return ((next &<< 13) | (next &>> 19)) &* 5 &+ 0xE654_6B64
    }

    @inlinable
    public var value: UInt32 {
        var result = hash ^ length
        result ^= result &>> 16
        result = result &* 0x85EB_CA6B
        result ^= result &>> 13
        result = result &* 0xC2B2_AE35
        return result ^ (result &>> 16)
    }
}
