// SPDX-License-Identifier: Apache-2.0
//
// The most that a heap can have done between two of its frames. A frame with larger figures is stored as it came, but
// neither its table nor its totals are believed.

internal import HeapHistory
internal import HeapWire

extension HeapWork {
    /// What a heap did between an earlier frame of the same boot and this one; nil when no heap can have done that.
    /// - Parameters:
    ///   - earlier: the running totals of the heap's last frame, whose number was `sequence`; 0 when there was none.
    init?(plausible state: HeapState, since earlier: HeapTotals, after sequence: UInt32, in layout: HeapLayout) {
        self.init(state.totals, since: earlier)
        // What was allocated and not freed is in the table. A device may count in 32 bits.
        guard UInt32(truncatingIfNeeded: state.totals.allocations &- state.totals.frees) == state.liveBlocks,
            UInt64(state.used) <= layout.room, UInt64(state.gaps) <= layout.room &- UInt64(state.used),
            state.liveBlocks <= layout.tableSize
        else { return nil }
        // Nobody saw the heap before its first frame.
        guard sequence > 0 else { return }
        // An operation takes at least six bits of a frame. Frames in between may have been lost, with all that they said was lost.
        let frames = Count(clamping: Int64(state.sequence) &- Int64(sequence))
        let missing = Count(clamping: frames.value &- 1)
        let most =
            frames.times(Count(clamping: WireLimits.payload * 4 / 3)) + Count(clamping: state.lost)
            + missing.times(Count(clamping: UInt32.max))
        guard operations <= most, moves <= most.times(Count(clamping: layout.tableSize)),
            bytesMoved <= most.times(Count(clamping: layout.size))
        else { return nil }
    }
}
