// SPDX-License-Identifier: Apache-2.0
//
// One block in a replica: what the device's table says of it, and what only its history tells.

public struct ReplicaEntry: Equatable, Sendable {
    /// Bytes asked for, padding not included.
    public var size: UInt32
    /// False for a block of an uncertain table that may be gone, or another one by now.
    public var isCertain = true
    /// Bytes from the heap's base to the block.
    public var offset: UInt64
    /// Address of the pointer variable that owns the block; 0 for an orphan, and in watched heaps.
    public var owner: UInt64
    /// Where the call that allocated it returns to; 0 when the device doesn't say.
    public var callSite: UInt64
    /// The device's clock when the block was allocated; ``unknownTick`` when that is inside a gap.
    public var tick: UInt64
    /// The block's number in its boot, 1 for the first; 0 when it was allocated inside a gap.
    public var allocation: UInt64

    public static var unknownTick: UInt64 { 0xFFFF_FFFF_FFFF_FFFF }

    public init(
        size: UInt32, offset: UInt64, owner: UInt64, callSite: UInt64 = 0, tick: UInt64 = Self.unknownTick,
        allocation: UInt64 = 0
    ) {
        (self.size, self.offset, self.owner, self.callSite) = (size, offset, owner, callSite)
        (self.tick, self.allocation) = (tick, allocation)
    }
}
