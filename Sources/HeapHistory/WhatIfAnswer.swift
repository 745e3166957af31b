// SPDX-License-Identifier: Apache-2.0
//
// What `GET /v1/devices/{device}/whatif` answers: how the same operations would have gone in another heap.

public struct WhatIfAnswer: Codable, Equatable, Sendable {
    public enum Allocator: String, Codable, Sendable, CaseIterable {
        /// This project's own, which closes gaps at once.
        case eager
        /// The same, which closes gaps when an allocation needs the room.
        case lazy
        case firstFit = "first-fit"
        case bestFit = "best-fit"
        case tlsf
        case heap4 = "heap_4"

        /// Exact up to the first failure. Of the others the answer is as good as their model.
        public var isExact: Bool { self == .eager || self == .lazy }
    }

    public struct Failure: Codable, Equatable, Sendable {
        public enum Reason: String, Codable, Sendable, CaseIterable {
            case noRoom = "no_room"
            /// The free bytes are enough, but they are in pieces.
            case fragmented
            case tableFull = "table_full"
        }

        public var time: Timestamp
        public var boot: UInt32
        /// The frame that carried the operation, and its place in that frame; absent where a block of the table at the beginning
        /// had no room.
        public var sequence: Int?
        public var place: Int?
        /// Bytes that were asked for.
        public var size: Int
        /// It was a resize.
        public var resize: Bool
        public var reason: Reason
        public var free: Int
        public var largestFree: Int

        public init(
            time: Timestamp, boot: UInt32, sequence: Int?, place: Int?, size: Int, resize: Bool, reason: Reason,
            free: Int,
            largestFree: Int
        ) {
            (self.time, self.boot, self.sequence, self.place) = (time, boot, sequence, place)
            (self.size, self.resize, self.reason) = (size, resize, reason)
            (self.free, self.largestFree) = (free, largestFree)
        }
    }

    /// The worst of a stretch of time, of each figure for itself.
    public struct Point: Codable, Equatable, Sendable {
        public var time: Timestamp
        /// The most bytes in use, and the fewest that were free.
        public var used: Int
        public var free: Int
        /// The fewest bytes of the largest free piece.
        public var largestFree: Int
        /// The highest share of the free bytes that the largest piece did not have: 0 to 1.
        public var fragmentation: Double

        public init(time: Timestamp, used: Int, free: Int, largestFree: Int, fragmentation: Double) {
            (self.time, self.used, self.free) = (time, used, free)
            (self.largestFree, self.fragmentation) = (largestFree, fragmentation)
        }
    }

    public var device: String
    public var heap: Int
    public var name: String
    public var since: Timestamp
    public var until: Timestamp
    public var allocator: Allocator
    /// True: exact up to the first failure. False: of a model of that allocator, or blocks were pinned on the device.
    public var exact: Bool
    /// Of the other heap: bytes, and the most blocks where it has a table.
    public var size: Int
    public var tableSize: Int?
    /// Bytes of the device's heap.
    public var recordedSize: Int
    /// Operations that were replayed.
    public var operations: Int
    public var firstFailure: Failure?
    /// All failures, assumed that the program goes on without the blocks that it did not get.
    public var failures: Int
    /// Frees and resizes that were left out for that reason.
    public var assumed: Int
    /// Allocations that failed on the device. What it would have done with them nobody knows: they are not replayed.
    public var recordedFailures: Int
    /// Pins that the device told of. They are not replayed: the other heap moves these blocks as well.
    public var pins: Int
    public var peakUsed: Int
    public var peakLiveBlocks: Int
    public var bytesMoved: Int
    public var recordedBytesMoved: Int
    /// The highest fragmentation: 0 to 1.
    public var fragmentation: Double
    public var points: [Point]
    public var knownUntil: Timestamp?
    /// Where the replay ended because it had done as much work as one question may.
    public var stoppedAt: Timestamp?
    public var gaps: [Gap]

    public init(
        device: String, heap: Int, name: String, since: Timestamp, until: Timestamp, allocator: Allocator, size: Int,
        tableSize: Int?, recordedSize: Int
    ) {
        (self.device, self.heap, self.name, self.since, self.until) = (device, heap, name, since, until)
        (self.allocator, exact, self.size) = (allocator, allocator.isExact, size)
        (self.tableSize, self.recordedSize) = (tableSize, recordedSize)
        (operations, failures, assumed, recordedFailures, pins) = (0, 0, 0, 0, 0)
        (peakUsed, peakLiveBlocks, bytesMoved, recordedBytesMoved) = (0, 0, 0, 0)
        (fragmentation, points, gaps) = (0, [], [])
    }
}

extension WhatIfAnswer.Point: JSONWritable {}
