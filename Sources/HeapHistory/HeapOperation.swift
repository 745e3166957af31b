// SPDX-License-Identifier: Apache-2.0
//
// One operation of a heap, and what it did.

public struct HeapOperation: Codable, Equatable, Sendable {
    public enum Kind: String, Codable, Sendable, CaseIterable {
        case alloc, free, resize
        /// Another pointer variable owns the block.
        case reown
        /// The block lost its owner.
        case orphan
        /// An allocation failed.
        case failed
        /// A free or resize of something that is no block.
        case badPointer = "bad_pointer"
        /// A lazy heap closed a gap.
        case compact
        /// The block does not move from now on.
        case pin
        /// It moves again.
        case unpin
        /// The heap was made anew.
        case reset
    }

    /// Why an allocation failed.
    public enum FailureReason: String, Codable, Sendable, CaseIterable {
        case noRoom = "no_room"
        case tableFull = "table_full"
        case badSize = "bad_size"
    }

    public var time: Timestamp
    public var boot: UInt32
    /// The frame that carried it, and its place in that frame, 0 for the first; pins and unpins count.
    public var sequence: Int
    public var place: Int
    public var operation: Kind
    /// The block's number in its boot; absent where there is none, or it was allocated inside a gap.
    public var allocation: Int?
    /// The block's entry in the table, and its address, before the operation; those that it got, where it was allocated.
    public var index: Int?
    public var address: Address?
    /// The block's address after a resize that took it elsewhere; in heaps of other allocators.
    public var newAddress: Address?
    /// Bytes asked for: of the block after the operation, or those that could not be allocated.
    public var size: Int?
    /// Bytes of the block before; in a resize.
    public var oldSize: Int?
    /// Address of the pointer variable that owns the block after the operation - of a free before it - or that held no block; of a
    /// failure the one that the call was given.
    public var owner: Address?
    /// The owner before; in a reown or orphan.
    public var oldOwner: Address?
    /// Where the call that allocated the block returns to, or the call that failed.
    public var callSite: Address?
    public var reason: FailureReason?
    /// Blocks that the operation relocated, and their bytes with padding, in a lazy heap with the gaps between them.
    public var moves: Int
    public var bytesMoved: Int
    /// Bytes in use after the operation, padding included, and blocks.
    public var used: Int
    public var liveBlocks: Int

    public init(
        time: Timestamp, boot: UInt32, sequence: Int, place: Int, operation: Kind, moves: Int = 0, bytesMoved: Int = 0,
        used: Int = 0, liveBlocks: Int = 0
    ) {
        (self.time, self.boot, self.sequence, self.place) = (time, boot, sequence, place)
        (self.operation, self.moves, self.bytesMoved) = (operation, moves, bytesMoved)
        (self.used, self.liveBlocks) = (used, liveBlocks)
    }
}

extension HeapOperation: JSONWritable {
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("address", address)
            $0.field("allocation", allocation)
            $0.field("boot", boot)
            $0.field("bytes_moved", bytesMoved)
            $0.field("call_site", callSite)
            $0.field("index", index)
            $0.field("live_blocks", liveBlocks)
            $0.field("moves", moves)
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
