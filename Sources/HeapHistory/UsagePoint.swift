// SPDX-License-Identifier: Apache-2.0

public struct UsagePoint: Codable, Equatable, Sendable {
    /// Start of the step.
    public var time: Timestamp
    /// The boot that the last frame of the step belongs to.
    public var boot: UInt32
    /// Bytes of the heap in that boot.
    public var size: Int
    /// Bytes in use at the last frame of the step, padding included.
    public var used: Int
    /// Blocks in it at the last frame of the step.
    public var liveBlocks: Int
    /// Highest `used` within the step.
    public var peak: Int
    /// Allocations, frees and failures that happened within the step.
    public var allocated: Int
    public var freed: Int
    public var failures: Int
    /// Blocks that compaction relocated within the step, and their bytes.
    public var moves: Int
    public var bytesMoved: Int

    public init(
        time: Timestamp, boot: UInt32, size: Int, used: Int, liveBlocks: Int, peak: Int, allocated: Int,
        freed: Int, failures: Int, moves: Int, bytesMoved: Int
    ) {
        (self.time, self.boot, self.size) = (time, boot, size)
        (self.used, self.liveBlocks, self.peak) = (used, liveBlocks, peak)
        (self.allocated, self.freed, self.failures) = (allocated, freed, failures)
        (self.moves, self.bytesMoved) = (moves, bytesMoved)
    }
}

extension UsagePoint: JSONWritable {
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("allocated", allocated)
            $0.field("boot", boot)
            $0.field("bytes_moved", bytesMoved)
            $0.field("failures", failures)
            $0.field("freed", freed)
            $0.field("live_blocks", liveBlocks)
            $0.field("moves", moves)
            $0.field("peak", peak)
            $0.field("size", size)
            $0.field("time", time)
            $0.field("used", used)
        }
    }
}
