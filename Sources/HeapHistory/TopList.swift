// SPDX-License-Identifier: Apache-2.0
//
// What `GET /v1/top` answers: the heaps of the fleet that stand out.

public struct TopList: Codable, Equatable, Sendable {
    public enum Figure: String, Codable, Sendable, CaseIterable {
        /// Percent of the heap in use now, and at the worst moment of the range.
        case usage, peak
        /// Allocations that failed in the range.
        case failures
        /// Allocations an hour.
        case churn
        /// Bytes an hour that compaction moved.
        case moved
    }

    public struct Entry: Codable, Equatable, Sendable {
        public var device: String
        public var build: String
        public var heap: Int
        public var name: String
        /// In the unit of the figure.
        public var value: Double
        /// Bytes of the heap; of the largest one that the device had in the range under this name.
        public var size: Int
        /// Most bytes in use in the range; now, for `usage`.
        public var used: Int
        /// Hours of the range in which the table was known.
        public var knownHours: Double

        public init(
            device: String, build: String, heap: Int, name: String, value: Double, size: Int, used: Int,
            knownHours: Double
        ) {
            (self.device, self.build, self.heap, self.name) = (device, build, heap, name)
            (self.value, self.size, self.used, self.knownHours) = (value, size, used, knownHours)
        }
    }

    public var by: Figure
    public var build: String?
    /// Whole days in UTC, up to the last frames that are gathered; the present, for `usage`.
    public var since: Timestamp
    public var until: Timestamp
    /// The worst first.
    public var heaps: [Entry]
    /// Heaps that were looked at.
    public var heapsSeen: Int

    public init(by: Figure, build: String?, since: Timestamp, until: Timestamp, heaps: [Entry], heapsSeen: Int) {
        (self.by, self.build, self.since, self.until) = (by, build, since, until)
        (self.heaps, self.heapsSeen) = (heaps, heapsSeen)
    }
}

extension TopList.Entry: JSONWritable {}
