// SPDX-License-Identifier: Apache-2.0
//
// What proves that a replica is right: the state that a frame tells of, and the digest of the whole table.

public import HeapWire

extension HeapReplica {
    mutating func agrees(with state: HeapState) -> Bool {
        if layout.isWatched { return agreesWatched(with: state) }
        if state.hasFigures {
            guard liveBlocks == state.liveBlocks, used == UInt64(wide: state.used),
                end &- used == UInt64(wide: state.gaps), totals == state.totals
            else { return false }
        }
        comparedDigest = digest()
        return comparedDigest == state.digest || !state.hasFigures && comparedDigest & 0xFFFF == state.digest
    }

    /// ``TableDigest`` of the known entries.
    private mutating func digest() -> UInt32 {
        var digest = TableDigest()
        countSteps(Int(known))
        for index in 0..<Int(known) {
            digest.add(size: entries[index].size, owner: entries[index].owner)
            if layout.isLazy { digest.add(gap: UInt32(truncatingIfNeeded: gap(before: index))) }
            if layout.hasCallSites { digest.add(callSite: entries[index].callSite) }
        }
        return digest.value
    }

    /// What a frame that has no figures leaves to those who know the table; the same state when it has some, or the table isn't
    /// exact. The frame is the one that was applied last.
    public func completed(_ state: HeapState) -> HeapState {
        guard standing == .exact, !state.hasFigures || layout.isWatched else { return state }
        var state = state
        state.used = UInt32(clamping: used)
        state.gaps = layout.isWatched ? 0 : UInt32(truncatingIfNeeded: end &- used)
        state.liveBlocks = liveBlocks
        state.peak = UInt32(clamping: peak)
        state.totals = totals
        state.digest = layout.isWatched ? addressSum : comparedDigest
        state.hasFigures = true
        return state
    }
}
