// SPDX-License-Identifier: Apache-2.0
//
// How a heap stands, for ``WhatIfSeries``.

struct WhatIfFigures: Equatable, Sendable {
    var used: Int
    /// Bytes of all free blocks.
    var free: Int
    /// Bytes of the largest one.
    var largestFreeBlock: Int

    init(_ model: any HeapModel) {
        (used, free, largestFreeBlock) = (model.used, model.free, model.largestFreeBlock)
    }

    /// How much of the free bytes the largest free block does not have: 0 to 1.
    var fragmentation: Double {
        free > 0 ? 1 - Double(largestFreeBlock) / Double(free) : 0
    }
}
