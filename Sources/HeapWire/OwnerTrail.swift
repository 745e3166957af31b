// SPDX-License-Identifier: Apache-2.0
//
// The variables that were mentioned last in a frame. Programs use the same variables again, mostly the one whose block
// they freed last: then the next owner takes two bits.

/// Which variables are free, the latest first, and what distances are counted from.
///
/// As in a move-to-front code (Bentley and others 1986), of variables that hold nothing now: a block's owner is not
/// used for another block.
public struct OwnerTrail: Equatable, Sendable {
    /// As wide as the device's pointers, or wider.
    public typealias Address = UInt

    /// The owner written last; the heap's base address at the start of a frame.
    public var previous: Address
    /// 0 where there is none, or where it isn't known.
    public var recent: (Address, Address, Address, Address)

    @inline(__always)
    public init(previous: Address, recent: (Address, Address, Address, Address) = (0, 0, 0, 0)) {
        (self.previous, self.recent) = (previous, recent)
    }

    @inline(__always)
    public static func == (one: OwnerTrail, other: OwnerTrail) -> Bool {
        one.previous == other.previous && one.recent == other.recent
    }

    /// The variable holds nothing any more, or still nothing.
    @inline(__always)
    public mutating func leave(_ owner: Address) {
        recent = (owner, recent.0, recent.1, recent.2)
    }

    /// Where it stands among the recent ones; 4 when it doesn't.
    @inline(__always)
    func place(of owner: Address) -> UInt32 {
        if recent.0 == owner { return 0 }
        if recent.1 == owner { return 1 }
        if recent.2 == owner { return 2 }
        return recent.3 == owner ? 3 : 4
    }

    /// Takes out the one at a place, 0 to 3: it holds a block now.
    @inline(__always)
    mutating func take(_ place: UInt32) {
        if place == 0 { recent.0 = recent.1 }
        if place <= 1 { recent.1 = recent.2 }
        if place <= 2 { recent.2 = recent.3 }
        recent.3 = 0
    }

    @inline(__always)
    subscript(place: UInt32) -> Address {
        switch place {
        case 0: recent.0
        case 1: recent.1
        case 2: recent.2
        default: recent.3
        }
    }
}
