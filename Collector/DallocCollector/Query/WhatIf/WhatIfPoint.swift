// SPDX-License-Identifier: Apache-2.0
//
// One point of a ``WhatIfSeries``: the worst that was in its stretch of time, of each figure for itself.

struct WhatIfPoint: Equatable, Sendable {
    /// Where its stretch begins, in microseconds since 1970.
    let time: Int64
    /// The most bytes in use.
    private(set) var used: Int
    /// The fewest free bytes.
    private(set) var free: Int
    /// The fewest bytes of the largest free block.
    private(set) var largestFreeBlock: Int
    /// The highest share of the free bytes that the largest free block did not have: 0 to 1.
    private(set) var fragmentation: Double

    /// A stretch that begins with these figures.
    init(_ figures: WhatIfFigures, at time: Int64) {
        self.time = time
        (used, free, largestFreeBlock) = (figures.used, figures.free, figures.largestFreeBlock)
        fragmentation = figures.fragmentation
    }

    mutating func add(_ figures: WhatIfFigures) {
        used = max(used, figures.used)
        free = min(free, figures.free)
        largestFreeBlock = min(largestFreeBlock, figures.largestFreeBlock)
        fragmentation = max(fragmentation, figures.fragmentation)
    }
}
