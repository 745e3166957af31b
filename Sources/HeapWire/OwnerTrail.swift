// SPDX-License-Identifier: Apache-2.0
//
// The variables that were left last in a frame. Programs use the same variables again, mostly the one whose block they
// freed last: then the next owner takes a bit, or a few.

/// Which variables hold nothing, the latest first, and what distances are counted from.
public struct OwnerTrail: Equatable, Sendable {
    /// The owner written last; the heap's base address at the start of a frame, and 0 after a reset.
    public var previous: UInt
    /// 0 where there is none, or where it isn't known.
    public var latest: UInt
    public var second: UInt

    @inline(__always)
    public init(previous: UInt) { (self.previous, latest, second) = (previous, 0, 0) }

    /// The variable holds nothing any more, or still nothing.
    @inline(__always)
    public mutating func leave(_ owner: UInt) {
        second = latest
        latest = owner
    }

    @inline(__always)
    public mutating func takeLatest() {
        latest = second
        second = 0
    }

    @inline(__always)
    public mutating func takeSecond() { second = 0 }

    /// At a reset a reader without the table, which could not tell what was left, knows again what is remembered.
    @inline(__always)
    public mutating func clear() { (previous, latest, second) = (0, 0, 0) }
}
