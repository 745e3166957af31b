// SPDX-License-Identifier: Apache-2.0
//
// How the ticks between two operations are written: as Rice does it (1979), with a parameter that follows the rate of
// operations, so that a clock of any speed costs little more than the time itself tells.

public struct TickCode {
    /// Four times the parameter: bits that are written as they are. At most ``most``.
    public private(set) var quarters: UInt8

    /// At the start of a frame.
    private static var first: UInt8 { 4 }
    static var most: UInt32 { 63 }
    /// So many times two to the parameter, and above, the number is written with its length.
    static var escape: UInt32 { 6 }

    @inline(__always)
    public init() { quarters = Self.first }

    @inline(__always)
    var parameter: UInt32 { UInt32(quarters) &>> 2 }

    /// After a number that was so many times two to the parameter.
    @inline(__always)
    mutating func follow(_ quotient: UInt32) {
        let next = UInt32(quarters) &+ quotient
        quarters = UInt8(truncatingIfNeeded: min(next &- (next == 0 ? 0 : 1), Self.most))
    }

    /// After a number of so many bits that was written with its length.
    @inline(__always)
    mutating func follow(length: UInt32) {
        quarters = UInt8(truncatingIfNeeded: min(length &<< 2, Self.most))
    }
}
