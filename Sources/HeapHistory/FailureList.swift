// SPDX-License-Identifier: Apache-2.0
//
// What `GET /v1/devices/{device}/failures` answers: the allocations that failed.

public struct FailureList: Codable, Equatable, Sendable {
    public struct Failure: Codable, Equatable, Sendable {
        public var time: Timestamp
        public var boot: UInt32
        /// The frame that carried it, and its place in that frame.
        public var sequence: Int
        public var place: Int
        /// Bytes that were asked for.
        public var size: Int
        public var reason: HeapOperation.FailureReason
        /// Address of the pointer variable that the block was meant for, or that owns the block that was to be resized; absent where there
        /// is none.
        public var owner: Address?
        /// Where the call that failed returns to; absent where the heap has no call sites.
        public var callSite: Address?
        /// Free bytes then, and the largest piece of them; in a lazy heap compaction could make one piece of all. Absent where the heap's
        /// size isn't known, and, as the number of blocks, where a summary tells of the failure and not of that.
        public var free: Int?
        public var largestFree: Int?
        public var liveBlocks: Int?
        /// The most blocks.
        public var tableSize: Int
        /// The table at that moment, where it was asked for, and is known.
        public var entries: [SnapshotEntry]?

        public init(
            time: Timestamp, boot: UInt32, sequence: Int, place: Int, size: Int, reason: HeapOperation.FailureReason,
            owner: Address? = nil, callSite: Address? = nil, free: Int?, largestFree: Int?, liveBlocks: Int?,
            tableSize: Int, entries: [SnapshotEntry]? = nil
        ) {
            (self.time, self.boot, self.sequence, self.place) = (time, boot, sequence, place)
            (self.size, self.reason, self.owner, self.callSite) = (size, reason, owner, callSite)
            (self.free, self.largestFree) = (free, largestFree)
            (self.liveBlocks, self.tableSize, self.entries) = (liveBlocks, tableSize, entries)
        }
    }

    public var device: String
    public var heap: Int
    public var name: String
    public var since: Timestamp
    public var until: Timestamp
    /// In order of time.
    public var failures: [Failure]
    /// How many the device counted in the range, as far as that is known by the minute; more than are listed, where the operations
    /// are no longer
    /// kept, or are missing.
    public var counted: Int
    /// Ask again with `until` set to it: there are earlier ones. Absent at the end.
    public var next: Timestamp?
    public var knownUntil: Timestamp?
    public var gaps: [Gap]

    public init(
        device: String, heap: Int, name: String, since: Timestamp, until: Timestamp, failures: [Failure], counted: Int,
        next: Timestamp?, knownUntil: Timestamp?, gaps: [Gap]
    ) {
        (self.device, self.heap, self.name, self.since, self.until) = (device, heap, name, since, until)
        (self.failures, self.counted, self.next) = (failures, counted, next)
        (self.knownUntil, self.gaps) = (knownUntil, gaps)
    }
}

extension FailureList.Failure: JSONWritable {}
