// SPDX-License-Identifier: Apache-2.0
//
// LEB128: seven bits a byte, low ones first, the high bit set on all but the last. Zig-zag maps signed numbers
// to it: 0, -1, 1, -2, … become 0, 1, 2, 3, …

public enum Varint {
    /// Bytes of the longest one: 64 bits in groups of seven.
    public static var longest: Int { 10 }

    /// Writes `value` at `bytes`, which must have room for 5 bytes. Returns where the next byte comes.
    #if arch(arm)
        // Flash is scarcer than time there.
        @inline(never)
    #else
        @inline(__always)
    #endif
    public static func write(_ value: UInt32, at bytes: UnsafeMutablePointer<UInt8>) -> UnsafeMutablePointer<UInt8> {
        #if !arch(arm)
            guard value >= 0x80 else {
                bytes[0] = UInt8(truncatingIfNeeded: value)
                // Within the caller's 5 bytes.
                return bytes + 1
            }
        #endif
        return writeAny(value, at: bytes)
    }

    #if arch(arm)
        @inline(__always)
    #else
        @inline(never)
    #endif
    private static func writeAny(
        _ value: UInt32, at bytes: UnsafeMutablePointer<UInt8>
    ) -> UnsafeMutablePointer<UInt8> {
        var (rest, next) = (value, bytes)
        while rest >= 0x80 {
            next[0] = UInt8(truncatingIfNeeded: rest) | 0x80
            rest &>>= 7
            next += 1
        }
        next[0] = UInt8(truncatingIfNeeded: rest)
        return next + 1
    }

    /// Writes `value` at `bytes`, which must have room for ``longest`` bytes. Returns how many it took.
    @inline(never)
    public static func write(_ value: UInt64, to bytes: UnsafeMutablePointer<UInt8>) -> Int {
        var rest = value
        var length = 0
        while rest >= 0x80 {
            bytes[length] = UInt8(truncatingIfNeeded: rest) | 0x80
            rest &>>= 7
            length &+= 1
        }
        bytes[length] = UInt8(truncatingIfNeeded: rest)
        return length &+ 1
    }

    @inline(__always)
    public static func zigzag(_ value: Int64) -> UInt64 {
        UInt64(bitPattern: (value &<< 1) ^ (value &>> 63))
    }

    @inline(__always)
    public static func unzigzag(_ value: UInt64) -> Int64 {
        Int64(bitPattern: value &>> 1) ^ -Int64(bitPattern: value & 1)
    }
}
