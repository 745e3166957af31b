// SPDX-License-Identifier: Apache-2.0
//
// What `GET /v1/devices/{device}/boots` answers: the runs of a device, from reset to reset.

public struct BootList: Codable, Equatable, Sendable {
    public struct Boot: Codable, Equatable, Sendable {
        /// The device's boot id, and which of its runs under that id: 1, where the device keeps to the rule.
        public var boot: UInt32
        public var run: Int
        public var build: String
        public var link: String
        /// The first and the last report; absent when none came.
        public var firstTime: Timestamp?
        public var lastTime: Timestamp?
        /// It is the device's latest.
        public var current: Bool
        public var heaps: [Heap]

        public init(
            boot: UInt32, run: Int, build: String, link: String, firstTime: Timestamp?, lastTime: Timestamp?,
            current: Bool,
            heaps: [Heap]
        ) {
            (self.boot, self.run, self.build, self.link) = (boot, run, build, link)
            (self.firstTime, self.lastTime, self.current, self.heaps) = (firstTime, lastTime, current, heaps)
        }
    }

    public struct Heap: Codable, Equatable, Sendable {
        public var heap: Int
        public var name: String
        public var size: Int
        /// At the last report, in bytes and blocks.
        public var used: Int
        public var liveBlocks: Int
        /// Most bytes at a time.
        public var peak: Int
        public var totalAllocations: Int
        public var totalFailures: Int
        public var totalBytesMoved: Int
        /// Parts of its history that are known to be missing.
        public var gaps: Int
        /// As in ``HeapSummary``.
        public var recorderMost: Int?
        public var recorderSize: Int?

        public init(
            heap: Int, name: String, size: Int, used: Int, liveBlocks: Int, peak: Int, totalAllocations: Int,
            totalFailures: Int, totalBytesMoved: Int, gaps: Int
        ) {
            (self.heap, self.name, self.size, self.used, self.liveBlocks) = (heap, name, size, used, liveBlocks)
            (self.peak, self.totalAllocations, self.totalFailures) = (peak, totalAllocations, totalFailures)
            (self.totalBytesMoved, self.gaps) = (totalBytesMoved, gaps)
        }
    }

    public var device: String
    /// The latest first.
    public var boots: [Boot]
    /// Ask again with `after` set to it: there are earlier boots. Absent at the end.
    public var next: String?

    public init(device: String, boots: [Boot], next: String? = nil) {
        (self.device, self.boots, self.next) = (device, boots, next)
    }
}

extension BootList.Boot: JSONWritable {}
