// SPDX-License-Identifier: Apache-2.0
//
// What a heap has room for. Its bytes can run out, and so can the entries of its table.

internal import HeapHistory

struct HeapRoom: Equatable, Sendable {
    /// Bytes.
    let size: UInt32
    /// Bytes of it in use, at most ``size``.
    let used: UInt32
    /// The most blocks.
    let tableSize: UInt32
    let liveBlocks: UInt32

    init(size: UInt32, used: UInt32, tableSize: UInt32, liveBlocks: UInt32) {
        (self.size, self.used) = (size, min(used, size))
        (self.tableSize, self.liveBlocks) = (tableSize, min(liveBlocks, tableSize))
    }

    /// So full that growth stops, though what grows goes on asking.
    var isNearlyFull: Bool {
        Double(used) > 0.85 * Double(size) || Double(liveBlocks) > 0.85 * Double(tableSize)
    }

    /// What blocks like these still find room for, and what runs out first.
    func left(forBlocks blocks: UInt32, of bytes: UInt64) -> (bytes: UInt64, limit: LeakList.Limit) {
        let free = UInt64(size &- used)
        guard blocks > 0 else { return (free, .bytes) }
        let entries = UInt64(tableSize &- liveBlocks).multipliedClamped(by: max(1, bytes / UInt64(blocks)))
        return entries < free ? (entries, .table) : (free, .bytes)
    }
}
