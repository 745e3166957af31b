// What one frame adds to the history.

internal import HeapHistory
internal import HeapWire

/// A frame on its way into the database, and the figures that plain SQL shows of it.
struct FrameRecord: Sendable {
    var heapID: Int64
    /// The heap's first one.
    var isFirst = false
    var frame: StoredFrame
    var used: UInt32
    var allocations: UInt32
    var peak: UInt32
    /// Operations that the device could not record.
    var lost: UInt32
    var work: HeapWork

    /// - Parameter earlier: the running totals of the heap's frame before.
    init(heapID: Int64, frame: StoredFrame, fields: HeapState, since earlier: HeapTotals) {
        (self.heapID, self.frame) = (heapID, frame)
        (used, allocations, peak, lost) = (fields.used, fields.count, max(fields.peak, fields.used), fields.lost)
        work = HeapWork(fields.totals, since: earlier)
    }
}
