// SPDX-License-Identifier: Apache-2.0
//
// What a device told of a heap in place of its operations.

public struct Summary: Codable, Equatable, Sendable {
    /// When the heap's frame before it came; absent where that is not stored.
    public var start: Timestamp?
    /// When the device made it.
    public var end: Timestamp
    public var boot: UInt32
    public var build: String
    /// The frame that carried it.
    public var sequence: Int
    /// Bytes of the heap; 0 where that is not known.
    public var size: Int
    /// At the end: bytes in use, padding included; bytes in gaps between blocks, in a lazy heap; blocks.
    public var used: Int
    public var gaps: Int
    public var liveBlocks: Int
    /// Highest `used` since the heap's last frame.
    public var peak: Int
    /// Allocations that failed since the start; absent where the totals at the start are not known.
    public var failures: Int?
    /// Operations that it stands for, those that it brings among them.
    public var operations: Int
    /// All allocations of the sums.
    public var allocations: Int
    public var bytes: Int
    /// The sums are of all allocations since the start. False where frames of that time are missing, or the start is.
    public var complete: Bool
    /// The most bytes first, others last.
    public var sums: [AllocationSum]
    /// The latest of those that it brings, in order.
    public var lastOperations: [LastOperation]

    public init(
        start: Timestamp?, end: Timestamp, boot: UInt32, build: String, sequence: Int, size: Int, used: Int, gaps: Int,
        liveBlocks: Int, peak: Int, failures: Int?, operations: Int, allocations: Int, bytes: Int, complete: Bool,
        sums: [AllocationSum], lastOperations: [LastOperation]
    ) {
        (self.start, self.end, self.boot, self.build, self.sequence) = (start, end, boot, build, sequence)
        (self.size, self.used, self.gaps, self.liveBlocks, self.peak) = (size, used, gaps, liveBlocks, peak)
        (self.failures, self.operations, self.allocations, self.bytes) = (failures, operations, allocations, bytes)
        (self.complete, self.sums, self.lastOperations) = (complete, sums, lastOperations)
    }
}

extension Summary: JSONWritable {
    var bytesInMemory: Int {
        MemoryLayout<Summary>.stride + sums.count * MemoryLayout<AllocationSum>.stride
            + lastOperations.count * MemoryLayout<LastOperation>.stride
    }

    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("allocations", allocations)
            $0.field("boot", boot)
            $0.field("build", build)
            $0.field("bytes", bytes)
            $0.field("complete", complete)
            $0.field("end", end)
            $0.field("failures", failures)
            $0.field("gaps", gaps)
            $0.field("last_operations", lastOperations)
            $0.field("live_blocks", liveBlocks)
            $0.field("operations", operations)
            $0.field("peak", peak)
            $0.field("sequence", sequence)
            $0.field("size", size)
            $0.field("start", start)
            $0.field("sums", sums)
            $0.field("used", used)
        }
    }
}
