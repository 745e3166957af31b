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

    /// Nil when nobody knows them: the frame had no figures, and its table was unknown.
    init?(_ state: HeapState, in layout: HeapLayout) {
        guard state.hasFigures else { return nil }
        used = Int(min(state.used, layout.size))
        liveBlocks = Int(min(state.liveBlocks, layout.tableSize))
        peak = Int(min(max(state.peak, state.used), layout.size))
    }

    init(used: Int, liveBlocks: Int, peak: Int) {
        (self.used, self.liveBlocks, self.peak) = (used, liveBlocks, peak)
    }
}
