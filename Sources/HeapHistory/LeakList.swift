// SPDX-License-Identifier: Apache-2.0
//
// What `GET /v1/leaks` and `GET /v1/devices/{device}/leaks` answer: groups of blocks whose live bytes grow and don't come back.

public struct LeakList: Codable, Equatable, Sendable {
    /// Where one can look at it.
    public struct Sample: Codable, Equatable, Sendable {
        public var device: String
        public var heap: Int
        public var boot: UInt32

        public init(device: String, heap: Int, boot: UInt32) {
            (self.device, self.heap, self.boot) = (device, heap, boot)
        }
    }

    /// What of a heap runs out.
    public enum Limit: String, Codable, Sendable {
        case bytes
        /// Entries of the table: a heap can be full of blocks that are small.
        case table
    }

    /// When a heap that grows will be full; absent: beyond a hundred years, or never.
    public struct Full: Codable, Equatable, Sendable {
        public var expected: Timestamp?
        /// By the bounds of the slope.
        public var earliest: Timestamp?
        public var latest: Timestamp?
        /// What runs out first, at the mean size of the group's blocks.
        public var limit: Limit

        public init(expected: Timestamp?, earliest: Timestamp?, latest: Timestamp?, limit: Limit) {
            (self.expected, self.earliest, self.latest, self.limit) = (expected, earliest, latest, limit)
        }
    }

    /// The same growth in one device, or in all devices with the same build.
    public struct Leak: Codable, Equatable, Sendable {
        public var group: GroupName
        public var build: String
        public var heapName: String
        /// Devices that show it, of those with this build and heap of which enough is known.
        public var devices: Int
        public var devicesSeen: Int
        /// Of the sample: bytes an hour, with bounds.
        public var bytesPerHour: Double
        public var atLeast: Double
        public var atMost: Double
        /// Of the sample: since when. Where it was so from the beginning of the range or boot on, it may be older.
        public var since: Timestamp
        public var isOlder: Bool
        /// Of the sample: bytes since then, and what the group holds now.
        public var growth: Int
        public var liveBlocks: Int
        public var liveBytes: Int
        /// The sample's heap.
        public var full: Full
        /// A job that comes back less often than that, in hours, looks like this.
        public var longestJobHours: Double
        /// The part of the range, or of the boot in it, in which the sample's table was known: 0 to 1.
        public var known: Double
        /// The device with the fastest growth that is sure.
        public var sample: Sample

        public init(
            group: GroupName, build: String, heapName: String, devices: Int, devicesSeen: Int, bytesPerHour: Double,
            atLeast: Double, atMost: Double, since: Timestamp, isOlder: Bool, growth: Int, liveBlocks: Int,
            liveBytes: Int,
            full: Full, longestJobHours: Double, known: Double, sample: Sample
        ) {
            (self.group, self.build, self.heapName) = (group, build, heapName)
            (self.devices, self.devicesSeen) = (devices, devicesSeen)
            (self.bytesPerHour, self.atLeast, self.atMost) = (bytesPerHour, atLeast, atMost)
            (self.since, self.isOlder, self.growth) = (since, isOlder, growth)
            (self.liveBlocks, self.liveBytes, self.full) = (liveBlocks, liveBytes, full)
            (self.longestJobHours, self.known, self.sample) = (longestJobHours, known, sample)
        }
    }

    /// Blocks without an owner: nobody can free them by it.
    public struct Orphans: Codable, Equatable, Sendable {
        public var group: GroupName
        public var build: String
        public var heapName: String
        public var devices: Int
        /// In all devices.
        public var liveBlocks: Int
        public var liveBytes: Int
        /// The device with the most of them.
        public var sample: Sample

        public init(
            group: GroupName, build: String, heapName: String, devices: Int, liveBlocks: Int, liveBytes: Int,
            sample: Sample
        ) {
            (self.group, self.build, self.heapName, self.devices) = (group, build, heapName, devices)
            (self.liveBlocks, self.liveBytes, self.sample) = (liveBlocks, liveBytes, sample)
        }
    }

    public var device: String?
    public var build: String?
    public var since: Timestamp
    public var until: Timestamp
    /// Devices that were looked at, and those of them of which enough is known.
    public var devicesSeen: Int
    public var devicesKnown: Int
    /// A job that comes back less often than that, in hours, looks like a leak in such a range. A leak in a device of a fleet that is
    /// known for hours at most has its own.
    public var longestJobHours: Double
    /// Of the bounds.
    public var confidence: Double
    /// The fastest first.
    public var leaks: [Leak]
    /// The most bytes first.
    public var orphans: [Orphans]
    /// Leaks that `limit` has left out.
    public var leftOut: Int
    /// Up to when the device is known, or the last of them; absent when nothing is.
    public var knownUntil: Timestamp?

    public init(
        device: String?, build: String?, since: Timestamp, until: Timestamp, devicesSeen: Int, devicesKnown: Int,
        longestJobHours: Double, confidence: Double, leaks: [Leak], orphans: [Orphans], leftOut: Int,
        knownUntil: Timestamp?
    ) {
        (self.device, self.build, self.since, self.until) = (device, build, since, until)
        (self.devicesSeen, self.devicesKnown) = (devicesSeen, devicesKnown)
        (self.longestJobHours, self.confidence) = (longestJobHours, confidence)
        (self.leaks, self.orphans, self.leftOut, self.knownUntil) = (leaks, orphans, leftOut, knownUntil)
    }
}

extension LeakList.Leak: JSONWritable {}
