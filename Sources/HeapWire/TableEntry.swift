// SPDX-License-Identifier: Apache-2.0
//
// An entry of a heap's table, as a KEYFRAME has it.

public struct TableEntry: Equatable, Sendable {
    /// Bytes asked for, padding not included.
    public var size: UInt32
    /// Free bytes between the block and the one before it; 0 but in lazy heaps.
    public var gap: UInt32
    /// Address of the pointer variable that owns the block; 0 for an orphan. In a watched heap, the block's own address.
    public var owner: UInt64
    /// Where the call that allocated it returns to; 0 when the device doesn't say.
    public var callSite: UInt64

    @inline(__always)
    public init(size: UInt32, gap: UInt32, owner: UInt64, callSite: UInt64 = 0) {
        (self.size, self.gap, self.owner, self.callSite) = (size, gap, owner, callSite)
    }
}
