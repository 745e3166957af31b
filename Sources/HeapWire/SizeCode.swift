// SPDX-License-Identifier: Apache-2.0

/// How a size of 1 or more is written: its place among the powers of two, then the bits below that.
enum SizeCode {
    /// The powers that take three bits.
    static var short: ClosedRange<UInt32> { 3...9 }
    /// 7, then 0 to 2: the powers that take five bits.
    static var medium: ClosedRange<UInt32> { 10...12 }
}
