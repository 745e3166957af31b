// SPDX-License-Identifier: Apache-2.0
//
// What `GET /v1/devices/{device}/blocks/{number}` answers: the life of one block, from its allocation to its end.

public struct BlockLife: Codable, Equatable, Sendable {
    public struct Event: Codable, Equatable, Sendable {
        public enum Kind: String, Codable, Sendable, CaseIterable {
            case allocated, moved, resized
            case newOwner = "new_owner"
            case orphaned
            /// It does not move from now on.
            case pinned
            /// It moves again.
            case unpinned
            case freed
            /// The heap was made anew, and the block with it.
            case reset
        }

        public var time: Timestamp
        public var sequence: Int
        public var event: Kind
        /// The block's entry in the table after the event; when it ends, before.
        public var index: Int
        public var address: Address
        public var size: Int
        public var owner: Address?
        /// Where it was before it moved.
        public var from: Address?
        /// The block whose free or resize moved it, or that a lazy heap moved first: its number; absent when that is not known.
        public var cause: Int?

        public init(
            time: Timestamp, sequence: Int, event: Kind, index: Int, address: Address, size: Int, owner: Address?,
            from: Address? = nil, cause: Int? = nil
        ) {
            (self.time, self.sequence, self.event, self.index) = (time, sequence, event, index)
            (self.address, self.size, self.owner, self.from, self.cause) = (address, size, owner, from, cause)
        }
    }

    public var device: String
    public var boot: UInt32
    public var build: String
    public var heap: Int
    public var name: String
    /// The block's number in its boot.
    public var allocation: Int
    public var callSite: Address?
    public var events: [Event]
    /// How often it moved, and the bytes that were copied, padding included; more than `events` lists, perhaps.
    public var moves: Int
    public var bytesMoved: Int
    /// True when `limit` cut the list of events: its first and its last ones are in it.
    public var truncated: Bool
    /// The block is in the heap, as far as is known.
    public var live: Bool
    public var knownUntil: Timestamp?
    /// Where the search ended because it had done as much work as one question may, or because operations are missing from there on.
    public var stoppedAt: Timestamp?

    public init(
        device: String, boot: UInt32, build: String, heap: Int, name: String, allocation: Int, callSite: Address?,
        events: [Event], moves: Int, bytesMoved: Int, truncated: Bool, live: Bool, knownUntil: Timestamp?,
        stoppedAt: Timestamp?
    ) {
        (self.device, self.boot, self.build, self.heap, self.name) = (device, boot, build, heap, name)
        (self.allocation, self.callSite, self.events) = (allocation, callSite, events)
        (self.moves, self.bytesMoved, self.truncated, self.live) = (moves, bytesMoved, truncated, live)
        (self.knownUntil, self.stoppedAt) = (knownUntil, stoppedAt)
    }
}

extension BlockLife.Event: JSONWritable {}
