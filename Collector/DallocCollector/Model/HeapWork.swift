// SPDX-License-Identifier: Apache-2.0
//
// What a heap did between two moments.

internal import HeapHistory
internal import HeapWire

struct HeapWork: Equatable, Sendable {
    var allocated = Count.zero
    var freed = Count.zero
    var failures = Count.zero
    /// Blocks that compaction relocated, and their bytes.
    var moves = Count.zero
    var bytesMoved = Count.zero

    init() {}

    /// By how much running totals grew. When a total has gone down, the heap was made anew, and all of its totals are new.
    init(_ totals: HeapTotals, since earlier: HeapTotals) {
        let isAnew =
            totals.allocations < earlier.allocations || totals.frees < earlier.frees
            || totals.failures < earlier.failures || totals.moves < earlier.moves
            || totals.bytesMoved < earlier.bytesMoved
        let base = isAnew ? HeapTotals() : earlier
        // No total is below the base's.
        allocated = Count(clamping: totals.allocations &- base.allocations)
        freed = Count(clamping: totals.frees &- base.frees)
        failures = Count(clamping: totals.failures &- base.failures)
        moves = Count(clamping: totals.moves &- base.moves)
        bytesMoved = Count(clamping: totals.bytesMoved &- base.bytesMoved)
    }

    /// Allocations, frees and failures.
    var operations: Count { allocated + freed + failures }

    static func += (sum: inout HeapWork, more: HeapWork) {
        sum.allocated += more.allocated
        sum.freed += more.freed
        sum.failures += more.failures
        sum.moves += more.moves
        sum.bytesMoved += more.bytesMoved
    }
}
