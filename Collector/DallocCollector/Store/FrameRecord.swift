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
    var used: UInt32
    var allocations: UInt32
    var peak: UInt32
    /// Operations that the device could not record.
    var lost: UInt32
    var work: HeapWork

    /// - Parameter work: what the heap did since its frame before.
    init(heapID: Int64, frame: StoredFrame, fields: HeapState, in layout: HeapLayout, work: HeapWork) {
        (self.heapID, self.frame) = (heapID, frame)
        let figures = HeapFigures(fields, in: layout)
        (used, allocations) = (UInt32(clamping: figures.used), UInt32(clamping: figures.blocks))
        (peak, lost) = (UInt32(clamping: figures.peak), fields.lost)
        self.work = work
    }
}

/// What a frame says of its heap, as far as the heap can hold it: a device may say anything.
struct HeapFigures {
    /// Bytes, padding included.
    let used: Int
    let blocks: Int
    /// Highest `used` since the heap's frame before, in bytes.
    let peak: Int

    init(_ state: HeapState, in layout: HeapLayout) {
        used = Int(min(state.used, layout.size))
        blocks = Int(min(state.liveBlocks, layout.tableSize))
        peak = Int(min(max(state.peak, state.used), layout.size))
    }
}
