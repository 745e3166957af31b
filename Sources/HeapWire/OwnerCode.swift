// SPDX-License-Identifier: Apache-2.0
//
// How an owner's address is written: as its distance from the owner written before it, because pointer variables are
// close together.

public struct OwnerCode {
    /// The owner coded last; the heap's base address at the start of a frame.
    public private(set) var previous: UInt64
    private let pointerWidth: UInt64

    public init(baseAddress: UInt64, pointerWidth: UInt32) {
        previous = baseAddress
        self.pointerWidth = UInt64(wide: pointerWidth)
    }

    /// Continues after owners that were coded earlier.
    public init(previous: UInt64, pointerWidth: UInt32) {
        self.init(baseAddress: previous, pointerWidth: pointerWidth)
    }

    /// Bytes that ``write(_:to:)`` may need.
    public static var longest: Int { 1 + Varint.longest }

    /// Writes an owner: 0 for none (an orphan), 1 and the address itself, or 2 and up for a distance in pointers.
    #if arch(arm)
        // Flash is scarcer than time there.
        @inline(never)
    #else
        @inline(__always)
    #endif
    public mutating func write(_ owner: UInt64, to bytes: UnsafeMutablePointer<UInt8>) -> Int {
        if owner == 0 {
            bytes[0] = 0
            return 1
        }
        let distance = Int64(bitPattern: owner &- previous)
        previous = owner
        #if hasFeature(Embedded)
            // A device writes its own pointers, so the shift is constant.
            let shift: Int64 = MemoryLayout<UInt>.size == 8 ? 3 : 2
        #else
            let shift: Int64 = pointerWidth == 8 ? 3 : 2
        #endif
        let pointers = distance &>> shift
        if pointers &<< shift == distance, pointers > -0x4000_0000, pointers < 0x4000_0000 {
            // 31 bits, the sign included, and 2.
            return Varint.write(UInt32(truncatingIfNeeded: Varint.zigzag(pointers)) &+ 2, to: bytes)
        }
        bytes[0] = 1
        return 1 &+ Varint.write(owner, to: bytes + 1)
    }

    @inline(__always)
    mutating func read(from reader: inout PayloadReader) throws(Malformed) -> UInt64 {
        let code = try reader.varint()
        if code == 0 { return 0 }
        if code == 1 {
            previous = try reader.varint()
        } else {
            let pointers = Varint.unzigzag(code &- 2)
            guard pointers > -0x4000_0000, pointers < 0x4000_0000 else { throw .valueOutOfRange }
            previous = previous &+ UInt64(bitPattern: pointers) &* pointerWidth
        }
        guard pointerWidth == 8 || previous <= 0xFFFF_FFFF else { throw .valueOutOfRange }
        return previous
    }
}
