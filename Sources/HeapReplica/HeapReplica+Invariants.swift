// SPDX-License-Identifier: Apache-2.0
//
// What is true of a replica after every frame, whatever the frame said. Only assertions ask: it looks at every entry.

internal import HeapWire

extension HeapReplica {
    var isSound: Bool {
        guard known <= liveBlocks, known <= layout.tableSize, Int(known) <= capacity else { return false }
        guard used <= end, end <= layout.room, isInOrder else { return false }
        switch standing {
        case .unknown: return liveBlocks == 0 && used == 0 && end == 0
        case .partial: return true
        case .uncertain: return known == liveBlocks && certainBlocks <= known
        case .exact: return known == liveBlocks && (layout.hasGaps || used == end)
        }
    }

    /// Each entry starts aligned, at or after the end of the one before, and the sizes add up.
    private var isInOrder: Bool {
        var (sum, end) = (UInt64(0), UInt64(0))
        for index in 0..<Int(known) {
            let start = self[index].offset
            let isInPlace = layout.hasGaps ? start >= end : start == end
            let isAligned = layout.isWatched || start % UInt64(layout.alignment) == 0
            guard isInPlace, isAligned, self[index].size > 0 else { return false }
            sum &+= alignedSize(index)
            end = start &+ alignedSize(index)
        }
        return sum == used && end == self.end
    }
}
