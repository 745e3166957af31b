// What a heap did between two moments.

internal import HeapWire

struct HeapWork: Equatable, Sendable {
    var allocated = 0
    var freed = 0
    var failures = 0
    /// Blocks that compaction relocated, and their bytes.
    var moves = 0
    var bytesMoved = 0

    init() {}

    /// By how much running totals grew. Totals that went down belong to a heap that was made anew: all of them are new.
    init(_ totals: HeapTotals, since earlier: HeapTotals) {
        let isAnew =
            totals.allocations < earlier.allocations || totals.frees < earlier.frees
            || totals.failures < earlier.failures || totals.moves < earlier.moves
            || totals.bytesMoved < earlier.bytesMoved
        let base = isAnew ? HeapTotals() : earlier
        // Totals are below 2^62.
        allocated = Int(totals.allocations - base.allocations)
        freed = Int(totals.frees - base.frees)
        failures = Int(totals.failures - base.failures)
        moves = Int(totals.moves - base.moves)
        bytesMoved = Int(totals.bytesMoved - base.bytesMoved)
    }

    static func += (sum: inout HeapWork, more: HeapWork) {
        sum.allocated &+= more.allocated
        sum.freed &+= more.freed
        sum.failures &+= more.failures
        sum.moves &+= more.moves
        sum.bytesMoved &+= more.bytesMoved
    }
}
