// SPDX-License-Identifier: Apache-2.0
//
// What `GET /v1/rightsize` answers: how large heaps would have had to be.

public struct RightSize: Codable, Equatable, Sendable {
    /// How many bytes, or entries of the table.
    public struct Need: Codable, Equatable, Sendable {
        /// As it is.
        public var now: Int
        /// What would have been enough for the share of device-days that were seen.
        public var enough: Int
        /// What is enough for that share of all device-days, with 95 % confidence; absent when too few were seen.
        public var bound: Int?
        /// The highest that was seen.
        public var highest: Int

        public init(now: Int, enough: Int, bound: Int?, highest: Int) {
            (self.now, self.enough, self.bound, self.highest) = (now, enough, bound, highest)
        }
    }

    /// Heaps with the same name and size.
    public struct Heap: Codable, Equatable, Sendable {
        public var name: String
        public var devices: Int
        public var deviceDays: Int
        /// Device-days on which an allocation failed: what was asked for then is not in the figures.
        public var failingDays: Int
        public var size: Need
        public var table: Need
        /// Bytes that all these devices would save with the bound; with what was enough, where there is none. Never below 0.
        public var saves: Int

        public init(
            name: String, devices: Int, deviceDays: Int, failingDays: Int, size: Need, table: Need, saves: Int
        ) {
            (self.name, self.devices, self.deviceDays) = (name, devices, deviceDays)
            (self.failingDays, self.size, self.table, self.saves) = (failingDays, size, table, saves)
        }
    }

    public var build: String?
    /// Whole days in UTC.
    public var since: Timestamp
    public var until: Timestamp
    /// The share of device-days.
    public var quantile: Double
    public var confidence: Double
    /// Device-days that a bound needs.
    public var needed: Int
    /// The most devices first.
    public var heaps: [Heap]

    public init(
        build: String?, since: Timestamp, until: Timestamp, quantile: Double, confidence: Double, needed: Int,
        heaps: [Heap]
    ) {
        (self.build, self.since, self.until, self.quantile) = (build, since, until, quantile)
        (self.confidence, self.needed, self.heaps) = (confidence, needed, heaps)
    }
}

extension RightSize.Heap: JSONWritable {}
