// SPDX-License-Identifier: Apache-2.0
//
// How the fields of an operation are written: schema/wire.md, DELTA.

/// How a size of 1 or more is written: its place among the powers of two, then the bits below that.
enum SizeCode {
    /// The powers that take three bits.
    static var short: ClosedRange<UInt32> { 3...9 }
    /// 7, then 0 to 2: the powers that take five bits.
    static var medium: ClosedRange<UInt32> { 10...12 }
}

/// How a depth is written: as Exp-Golomb does it, with two bits at least.
enum DepthCode {
    static var parameter: UInt32 { 2 }
    /// Zeros that begin the deepest.
    static var most: UInt32 { 14 }
}

/// How the distance to another owner is written: as Rice does it, with six bits, or with its length.
enum DistanceCode {
    static var parameter: UInt32 { 6 }
    static var escape: UInt32 { 4 }
    /// Bits of a length from 0 to 64.
    static var length: UInt32 { 7 }
}
