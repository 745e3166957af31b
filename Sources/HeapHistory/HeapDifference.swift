// SPDX-License-Identifier: Apache-2.0
//
// What `GET /v1/devices/{device}/diff` answers: how the table of a heap at one moment differs from that at another.

public struct HeapDifference: Codable, Equatable, Sendable {
    /// One of the two moments.
    public struct Side: Codable, Equatable, Sendable {
        public var at: Timestamp
        public var boot: UInt32
        public var build: String
        public var sequence: Int
        /// Bytes in use, padding included.
        public var used: Int
        public var liveBlocks: Int

        public init(at: Timestamp, boot: UInt32, build: String, sequence: Int, used: Int, liveBlocks: Int) {
            (self.at, self.boot, self.build, self.sequence) = (at, boot, build, sequence)
            (self.used, self.liveBlocks) = (used, liveBlocks)
        }
    }

    /// A block that differs.
    public struct Change: Codable, Equatable, Sendable {
        public enum Kind: String, Codable, Sendable, CaseIterable {
            case came, went
            case grew, shrank
            case moved
            /// It has another owner, or none.
            case reowned
        }

        public var change: Kind
        /// The block's number in its boot; absent when it was allocated inside a gap.
        public var allocation: Int?
        /// As it is in the later table; of a block that went, in the earlier one.
        public var address: Address
        public var size: Int
        public var owner: Address?
        public var callSite: Address?
        public var allocatedAt: Timestamp?
        /// As it was in the earlier table, where it differs.
        public var oldAddress: Address?
        public var oldSize: Int?
        public var oldOwner: Address?

        public init(_ change: Kind, _ entry: SnapshotEntry, before: SnapshotEntry? = nil) {
            (self.change, allocation, address) = (change, entry.allocation, entry.address)
            (size, owner, callSite, allocatedAt) = (entry.size, entry.owner, entry.callSite, entry.allocatedAt)
            guard let before else { return }
            if before.address != entry.address { oldAddress = before.address }
            if before.size != entry.size { oldSize = before.size }
            if before.owner != entry.owner { oldOwner = before.owner }
        }
    }

    public var device: String
    public var heap: Int
    public var name: String
    public var from: Side
    public var to: Side
    /// Blocks that are the same, where they were.
    public var unchanged: Int
    /// What came, grew, shrank or has another owner, in the order of the later table, then what only moved, then what went.
    public var changes: [Change]

    public init(device: String, heap: Int, name: String, from: Side, to: Side, unchanged: Int, changes: [Change]) {
        (self.device, self.heap, self.name, self.from, self.to) = (device, heap, name, from, to)
        (self.unchanged, self.changes) = (unchanged, changes)
    }
}

extension HeapDifference.Change: JSONWritable {}
