// SPDX-License-Identifier: Apache-2.0
//
// The zeros that an owner begins with tell its form. Some programs use again the variable that was left last, others
// never do; so the more distances were written since, the more zeros it takes.

public struct OwnerCode {
    /// How many were written since an owner of another form, at most ``quotients``: the zeros of the latest. Distances
    /// take the other numbers below ``far``.
    private(set) var distances: UInt8 = 0

    // The other forms.
    public static var latest: UInt32 { 0 }
    public static var second: UInt32 { 1 }
    public static var none: UInt32 { 2 }

    /// A distance is a quotient below this, and bits; any other is written with its length.
    static var quotients: UInt8 { 3 }
    /// The zeros of a distance that is written with its length.
    static var far: UInt32 { 4 }
    /// Those of the second. After one more there is no one: none.
    static var most: UInt32 { 5 }

    @inline(__always)
    mutating func useOther() { distances = 0 }

    @inline(__always)
    mutating func useDistance() { if distances < Self.quotients { distances &+= 1 } }

    /// The zeros that a distance with such a quotient begins with.
    @inline(__always)
    func zeros(quotient: UInt32) -> UInt32 { quotient &+ (quotient >= UInt32(distances) ? 1 : 0) }

    /// The quotient of a distance that begins with so many zeros, at most ``far``.
    @inline(__always)
    func quotient(zeros: UInt32) -> UInt32 { zeros &- (zeros > UInt32(distances) ? 1 : 0) }
}
