// SPDX-License-Identifier: Apache-2.0
//
// The addresses of a watched heap that a frame remembers. An allocator mostly gives what was freed last, and programs mostly
// free what they allocated last: then an address takes two bits.

/// What addresses are written relative to.
public struct AddressTrail: Equatable, Sendable {
    /// Whether a block comes at an address, or goes from it.
    public enum Direction: Sendable {
        case comes, goes
    }

    /// The address written last; the heap's base address at the start of a frame, and 0 after a reset.
    public var previous: UInt
    /// The address that was freed last; 0 where there is none. Words one by one, as C has them.
    public var freed: UInt = 0
    public var freedBefore: UInt = 0
    /// The address that was allocated last; 0 where there is none.
    public var allocated: UInt = 0
    public var allocatedBefore: UInt = 0

    @inline(__always)
    public init(previous: UInt) { self.previous = previous }

    /// The address that is written in two bits.
    @inline(__always)
    public func latest(_ direction: Direction) -> UInt { direction == .comes ? freed : allocated }

    /// The address that is written in three bits.
    @inline(__always)
    public func second(_ direction: Direction) -> UInt { direction == .comes ? freedBefore : allocatedBefore }

    /// The latest one is written, and is not remembered any more.
    @inline(__always)
    public mutating func takeLatest(_ direction: Direction) {
        previous = latest(direction)
        if direction == .comes {
            (freed, freedBefore) = (freedBefore, 0)
        } else {
            (allocated, allocatedBefore) = (allocatedBefore, 0)
        }
    }

    @inline(__always)
    public mutating func takeSecond(_ direction: Direction) {
        previous = second(direction)
        if direction == .comes { freedBefore = 0 } else { allocatedBefore = 0 }
    }

    /// A block has come to an address, or gone from there.
    @inline(__always)
    public mutating func remember(_ address: UInt, _ direction: Direction) {
        if direction == .comes {
            (allocatedBefore, allocated) = (allocated, address)
        } else {
            (freedBefore, freed) = (freed, address)
        }
    }

    @inline(__always)
    public mutating func clear() { self = AddressTrail(previous: 0) }
}
