// SPDX-License-Identifier: Apache-2.0

public struct HeapSummary: Codable, Equatable, Sendable {
    /// The heap's number on its device.
    public var heap: Int
    public var name: String
    public var baseAddress: Address
    /// Bytes of the heap.
    public var size: Int
    /// Bytes that blocks are aligned to.
    public var alignment: Int
    /// The most blocks that its table holds.
    public var tableSize: Int
    /// Bytes in use, padding included.
    public var used: Int
    /// Blocks in it.
    public var liveBlocks: Int
    /// Highest `used` since the boot, as far as it is known.
    public var peak: Int
    /// Allocations that failed within the last hour, and why the last of them did: `no_room`, `table_full` or `bad_size`.
    public var failuresLastHour: Int
    public var failureReason: String?
    /// The most bytes that were in use since the boot of those in which the device records operations, and how many can be before one is
    /// lost; absent as long as the device tells nothing of it: it does when more than half of them were.
    public var recorderMost: Int?
    public var recorderSize: Int?
    /// Sequence number of the frame that these figures are from; 0 when none has come yet.
    public var sequence: Int

    public init(
        heap: Int, name: String, baseAddress: Address, size: Int, alignment: Int, tableSize: Int, used: Int,
        liveBlocks: Int, peak: Int, failuresLastHour: Int = 0, failureReason: String? = nil, sequence: Int
    ) {
        (self.heap, self.name, self.baseAddress, self.size) = (heap, name, baseAddress, size)
        (self.alignment, self.tableSize, self.used) = (alignment, tableSize, used)
        (self.liveBlocks, self.peak, self.sequence) = (liveBlocks, peak, sequence)
        (self.failuresLastHour, self.failureReason) = (failuresLastHour, failureReason)
    }
}

extension HeapSummary: JSONWritable {
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("alignment", alignment)
            $0.field("base_address", baseAddress)
            if let failureReason { $0.field("failure_reason", failureReason) }
            $0.field("failures_last_hour", failuresLastHour)
            $0.field("heap", heap)
            $0.field("live_blocks", liveBlocks)
            $0.field("name", name)
            $0.field("peak", peak)
            $0.field("recorder_most", recorderMost)
            $0.field("recorder_size", recorderSize)
            $0.field("sequence", sequence)
            $0.field("size", size)
            $0.field("table_size", tableSize)
            $0.field("used", used)
        }
    }
}
