// SPDX-License-Identifier: Apache-2.0
//
// A watched heap after a loss. Where its device can't list it, its table would be unknown until the heap is empty. But a block that came
// after the loss, or was resized, is certain from then on. Those from before may have gone in between, or have another size: they are
// kept apart, until something comes to their place. When the certain ones alone are all that the device has, which their number and the
// digest of their addresses prove, the table is exact again.

internal import HeapWire

extension HeapReplica {
    /// From now on nothing that is known is certain.
    mutating func doubt() {
        standing = .uncertain
        for index in 0..<Int(known) { entries[index].isCertain = false }
        countSteps(Int(known))
        (certainBlocks, certainSum, liveBlocks, areTotalsKnown) = (0, 0, known, false)
    }

    /// What a frame proves of an uncertain table.
    mutating func prove(_ state: HeapState) {
        guard state.hasFigures else { return }
        (totals, areTotalsKnown) = (state.totals, true)
        guard certainBlocks == state.liveBlocks, certainSum == state.digest else { return }
        var kept = 0
        for index in 0..<Int(known) where entries[index].isCertain {
            entries[kept] = entries[index]
            kept &+= 1
        }
        countSteps(Int(known))
        known = certainBlocks
        (liveBlocks, addressSum) = (known, certainSum)
        used = (0..<Int(known)).reduce(0) { $0 &+ UInt64(wide: entries[$1].size) }
        end = end(before: Int(known))
        standing = .exact
    }

    /// A block that came is certain. What was thought to be in its place has gone. False when that was certain, too.
    mutating func see(_ address: UInt64, size: UInt32, callSite: UInt64, _ tick: UInt64) -> Bool {
        let entry = TableEntry(size: size, gap: 0, owner: address, callSite: callSite)
        guard makeRoom(address, size),
            enter(entry, tick: tick, allocation: areTotalsKnown ? totals.allocations : 0) != nil
        else { return false }
        liveBlocks = known
        return true
    }

    /// Nobody can say whether a block that goes and isn't known has come in the loss.
    mutating func miss(_ address: UInt64) -> Bool {
        totals.frees &+= 1
        if let index = index(ofBlockAt: address) { leave(index) }
        liveBlocks = known
        return true
    }

    /// A block that was resized is certain, but only what was certain before is known of it besides.
    mutating func see(_ address: UInt64, movedTo target: UInt64, size: UInt32) -> Bool {
        var block = ReplicaEntry(size: size, offset: 0, owner: 0)
        if let index = index(ofBlockAt: address) {
            if entries[index].isCertain { block = entries[index] }
            leave(index)
        }
        let entry = TableEntry(size: size, gap: 0, owner: target, callSite: block.callSite)
        guard makeRoom(target, size), enter(entry, tick: block.tick, allocation: block.allocation) != nil else {
            return false
        }
        liveBlocks = known
        return true
    }

    /// Drops the uncertain blocks that lie where one is now. False when one of them is certain.
    private mutating func makeRoom(_ address: UInt64, _ size: UInt32) -> Bool {
        guard address >= layout.baseAddress else { return false }
        let offset = address &- layout.baseAddress
        var index = firstIndex(atOrAfter: offset)
        if index > 0, end(before: index) > offset { index &-= 1 }
        let (sum, overflow) = offset.addingReportingOverflow(UInt64(wide: size))
        while index < Int(known), entries[index].offset < (overflow ? UInt64.max : sum) {
            guard !entries[index].isCertain else { return false }
            leave(index)
        }
        liveBlocks = known
        return true
    }
}
