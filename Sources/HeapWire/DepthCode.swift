// SPDX-License-Identifier: Apache-2.0
//
// How a depth is written: one of the last blocks in three bits, any other in as many bits as depths took before it. So
// a heap of ten blocks and one of a thousand both cost little more than what the depth tells.

struct DepthCode {
    /// Eight times the bits, and how many small depths must come until they are fewer.
    private var eighths = first

    /// At the start of a frame.
    private static var first: UInt8 { 55 }
    /// Depths below this take three bits.
    static var near: UInt32 { 4 }
    /// Bits that the deepest takes.
    static var most: UInt32 { 16 }

    @inline(__always)
    var width: UInt32 { UInt32(eighths) &>> 3 }

    /// The next depth takes one bit more.
    @inline(__always)
    mutating func widen() { eighths &+= 8 }

    /// After a number below `ones`, the number of as many ones as ``width`` says.
    @inline(__always)
    mutating func follow(_ number: UInt32, of ones: UInt32) {
        if number &<< 1 < ones { eighths &-= 1 } else { eighths |= 7 }
    }
}
