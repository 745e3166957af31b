// SPDX-License-Identifier: Apache-2.0
//
// What the bits of an operation mean: schema/wire.md, DELTA. Low bits come first, so `0b10` is written 0, 1.

/// The first bits of an operation.
public struct OperationCode {
    let bits: UInt8
    let count: UInt8

    public static var alloc: OperationCode { OperationCode(bits: 0b1, count: 1) }
    public static var free: OperationCode { OperationCode(bits: 0b10, count: 2) }
    public static var resize: OperationCode { OperationCode(bits: 0b100, count: 3) }
    public static var reown: OperationCode { OperationCode(bits: 0b0_1000, count: 5) }
    public static var failed: OperationCode { OperationCode(bits: 0b1_1000, count: 5) }
    // Four zeros, and three bits; zeros alone fill the last byte.
    public static var orphan: OperationCode { OperationCode(bits: 0b001_0000, count: 7) }
    public static var badPointer: OperationCode { OperationCode(bits: 0b010_0000, count: 7) }
    public static var reset: OperationCode { OperationCode(bits: 0b011_0000, count: 7) }
    public static var compact: OperationCode { OperationCode(bits: 0b100_0000, count: 7) }
}

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
