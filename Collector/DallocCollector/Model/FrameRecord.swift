// SPDX-License-Identifier: Apache-2.0
//
// What one frame adds to the history.

internal import HeapHistory
internal import HeapWire

/// A frame on its way into the database, and the figures that plain SQL shows of it.
struct FrameRecord: Sendable {
    var heapID: Int64
    /// The heap's first one.
    var isFirst = false
    var frame: StoredFrame
    /// Nil when they are not known.
    var figures: HeapFigures?
    /// Operations that the device could not record; those that a summary leaves out are not among them.
    var lost: UInt32
    var work: HeapWork

    /// - Parameter work: what the heap did since its frame before.
    init(
        heapID: Int64, frame: StoredFrame, fields: HeapState, lost: UInt32, in layout: HeapLayout, work: HeapWork
    ) {
        (self.heapID, self.frame) = (heapID, frame)
        (figures, self.lost, self.work) = (HeapFigures(fields, in: layout), lost, work)
    }
}
