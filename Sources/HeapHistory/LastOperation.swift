// SPDX-License-Identifier: Apache-2.0
//
// One of the last operations that a summary brings. The table before them is not known: what only it could tell is absent.

public struct LastOperation: Codable, Equatable, Sendable {
    public var time: Timestamp
    public var boot: UInt32
    /// The frame that carried it, and its place in that frame, 0 for the first; pins and unpins count.
    public var sequence: Int
    public var place: Int
    public var operation: HeapOperation.Kind
    /// How far the block's entry is from the end of the table, before the operation. Absent of other operations, and in heaps of other
    /// allocators.
    public var depth: Int?
    /// The block's number in its boot; absent where there is no block, or it was allocated before these operations.
    public var allocation: Int?
    /// Of the block, in heaps of other allocators; after a resize that took it elsewhere ``newAddress``.
    public var address: Address?
    public var newAddress: Address?
    /// Bytes asked for: of the block after the operation, or those that could not be allocated.
    public var size: Int?
    /// Bytes of a resized block before.
    public var oldSize: Int?
    public var owner: Address?
    public var oldOwner: Address?
    public var callSite: Address?
    public var reason: HeapOperation.FailureReason?
    /// Bytes in use after the operation, padding included, and blocks; absent where that can't be told from the operations after it.
    public var used: Int?
    public var liveBlocks: Int?

    public init(time: Timestamp, boot: UInt32, sequence: Int, place: Int, operation: HeapOperation.Kind) {
        (self.time, self.boot, self.sequence, self.place) = (time, boot, sequence, place)
        self.operation = operation
    }
}

extension LastOperation: JSONWritable {
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("address", address)
            $0.field("allocation", allocation)
            $0.field("boot", boot)
            $0.field("call_site", callSite)
            $0.field("depth", depth)
            $0.field("live_blocks", liveBlocks)
            $0.field("new_address", newAddress)
            $0.field("old_owner", oldOwner)
            $0.field("old_size", oldSize)
            $0.field("operation", operation.rawValue)
            $0.field("owner", owner)
            $0.field("place", place)
            if let reason { $0.field("reason", reason.rawValue) }
            $0.field("sequence", sequence)
            $0.field("size", size)
            $0.field("time", time)
            $0.field("used", used)
        }
    }
}
