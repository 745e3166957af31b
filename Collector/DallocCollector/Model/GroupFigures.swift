// SPDX-License-Identifier: Apache-2.0
//
// What the blocks of one group were and did in a period.

internal import HeapHistory

struct GroupFigures: Equatable, Sendable {
    /// At the end of the period.
    var liveBlocks: UInt32 = 0
    /// Bytes asked for, padding not included.
    var liveBytes: UInt64 = 0
    /// Blocks that were allocated and freed.
    var allocated = Count.zero
    var freed = Count.zero
    /// Calls that failed: for the group that the block would have been in, or of the call that was to resize one.
    var failures = Count.zero
    /// Bytes that compaction moved because blocks of the group were freed or resized; in a lazy heap, because they were moved
    /// themselves, and
    /// first in line.
    var bytesMoved = Count.zero
    /// Of the blocks that were freed and whose allocation was seen.
    var lifetimes = Lifetimes()
    /// Age of the oldest block at the end, in seconds; nil when there is none, or its allocation was not seen.
    var oldest: Int64?

    /// Nothing is there, and nothing happened.
    var isIdle: Bool {
        liveBlocks == 0 && allocated.isZero && freed.isZero && failures.isZero && bytesMoved.isZero
    }

    /// Adds another group's.
    static func += (sum: inout GroupFigures, more: GroupFigures) {
        sum.liveBlocks = sum.liveBlocks.addingClamped(more.liveBlocks)
        sum.liveBytes = sum.liveBytes.addingClamped(more.liveBytes)
        sum.allocated += more.allocated
        sum.freed += more.freed
        sum.failures += more.failures
        sum.bytesMoved += more.bytesMoved
        sum.lifetimes += more.lifetimes
        sum.oldest = [sum.oldest, more.oldest].compactMap { $0 }.max()
    }
}
