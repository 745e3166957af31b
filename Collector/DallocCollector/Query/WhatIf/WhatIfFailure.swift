// SPDX-License-Identifier: Apache-2.0
//
// The first operation that a heap of another kind or size would have refused, and how it stood then.

struct WhatIfFailure: Equatable, Sendable {
    enum Reason: Equatable, Sendable {
        /// The free bytes are too few.
        case noRoom
        /// The free bytes are enough, but not where the allocator can use them.
        case noContiguousRoom
        /// There is no entry left for a block.
        case tableFull
    }

    /// Microseconds since 1970.
    var time: Int64
    /// Which operation of the range, counted from 1; 0: a block that was live at its start.
    var operation: Int
    /// The number of the block that was to be allocated or resized.
    var block: UInt64
    /// Bytes asked for.
    var size: UInt32
    /// False: an allocation.
    var isResize: Bool
    var reason: Reason
    /// Bytes of all free blocks.
    var free: Int
    /// Bytes of the largest one, with the header that an allocation would take from it.
    var largestFreeBlock: Int
    /// The largest size that would have been granted.
    var largestAllocation: Int
}
