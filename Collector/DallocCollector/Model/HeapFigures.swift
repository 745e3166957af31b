// SPDX-License-Identifier: Apache-2.0
//
// The figures of a frame, limited to what the heap can hold: a device can send any number.

internal import HeapWire

struct HeapFigures: Equatable, Sendable {
    /// Bytes, padding included.
    var used: Int
    var liveBlocks: Int
    /// Highest `used` since the heap's frame before, in bytes.
    var peak: Int

    /// Nil when nobody knows them: the frame had no figures, and its table was unknown. Of a watched heap, a device tells how many
    /// blocks there are, but not their bytes.
    init?(_ state: HeapState, in layout: HeapLayout) {
        guard state.hasFigures, !layout.isWatched || state.used > 0 || state.liveBlocks == 0 else { return nil }
        let most = UInt32(clamping: layout.room)
        used = Int(min(state.used, most))
        liveBlocks = Int(min(state.liveBlocks, layout.tableSize))
        peak = Int(min(max(state.peak, state.used), most))
    }

    init(used: Int, liveBlocks: Int, peak: Int) {
        (self.used, self.liveBlocks, self.peak) = (used, liveBlocks, peak)
    }
}
