// SPDX-License-Identifier: Apache-2.0
//
// The figures of a frame, limited to what the heap can hold: a device can send any number.

internal import HeapWire

struct HeapFigures {
    /// Bytes, padding included.
    let used: Int
    let liveBlocks: Int
    /// Highest `used` since the heap's frame before, in bytes.
    let peak: Int

    init(_ state: HeapState, in layout: HeapLayout) {
        used = Int(min(state.used, layout.size))
        liveBlocks = Int(min(state.count, layout.tableSize))
        peak = Int(min(max(state.peak, state.used), layout.size))
    }
}
