// SPDX-License-Identifier: Apache-2.0
//
// What was found out about a line and the device on it.

public struct LineReport: Equatable, Sendable {
    public struct Heap: Equatable, Sendable, Encodable {
        public var number: UInt32
        public var name: String
        public var base: UInt64
        public var size: UInt32
        public var alignment: UInt32
        public var tableSize: UInt32
        public var policy: Policy
        public var hasCallSites: Bool
        /// The table that was replayed is the device's.
        public var isProven: Bool

        public enum Policy: String, Sendable, Encodable { case eager, lazy, watched }
    }

    public struct Device: Equatable, Sendable, Encodable {
        public var id: String
        public var build: String
        public var boot: UInt32
        public var ticksPerSecond: UInt32
        /// Bytes of a pointer: 4 or 8.
        public var pointerWidth: UInt32
        public var isOneWay: Bool
        /// It offers to tell of its heaps in summaries.
        public var offersSummaries: Bool
        public var heaps: [Heap]
    }

    public var path: String
    /// The speed that was given.
    public var baud: UInt32
    /// The one at which frames came; nil when none did.
    public var rate: UInt32?
    /// Those that were listened at, the given one first.
    public var triedRates: [UInt32]
    public var milliseconds: Int
    public var bytes: Int
    /// Frames whose checksum was right, frames whose wasn't, frames that came again, and frames that are missing on a one-way line.
    public var soundFrames: Int
    public var damagedFrames: Int
    public var repeatedFrames: Int
    public var missingFrames: Int
    public var operationsLost: Int
    /// The device of the last HELLO.
    public var device: Device?
    public var load: LineLoad
    public var findings: [LineFinding]

    public var isWell: Bool { !findings.contains { $0.isProblem } }
}
