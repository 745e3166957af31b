// SPDX-License-Identifier: Apache-2.0
//
// An entry of a table that was exact, as it is kept between two replicas: what a KEYFRAME would say of it, and its
// history.

public import HeapWire

public struct RememberedEntry: Equatable, Sendable {
    public var entry: TableEntry
    /// The device's clock when the block was allocated; ``ReplicaEntry/unknownTick`` when that is inside a gap.
    public var tick: UInt64
    /// The block's number in its boot, 1 for the first; 0 when it was allocated inside a gap.
    public var allocation: UInt64

    public init(entry: TableEntry, tick: UInt64, allocation: UInt64) {
        (self.entry, self.tick, self.allocation) = (entry, tick, allocation)
    }
}
