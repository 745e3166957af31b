// SPDX-License-Identifier: Apache-2.0
//
// What holds of a replica's table after every frame.

import HeapReplica
import HeapWire

enum TableRules {
    /// Of a table that is known, in whole or in part: it is one that a heap can have.
    static func holdShape(_ replica: borrowing HeapReplica) {
        let layout = replica.layout
        var (end, used): (UInt64, UInt64) = (0, 0)
        hold(replica.known <= layout.tableSize, "the table fits in the heap's")
        hold(replica.standing != .unknown || replica.known == 0 && replica.liveBlocks == 0, "unknown is unknown")
        hold(replica.standing != .exact || replica.known == replica.liveBlocks, "an exact table has no entries missing")
        for index in 0..<Int(replica.known) {
            let entry = replica[index]
            let unit = layout.isWatched ? 1 : UInt64(layout.alignment)
            let taken = (UInt64(entry.size) + unit - 1) / unit
            hold(entry.size > 0, "entry \(index) is a block")
            hold(entry.offset >= end, "entry \(index) starts after the one before ends")
            hold(layout.hasGaps || entry.offset == end, "there is no gap before entry \(index)")
            hold(entry.offset - end == replica.gap(before: index), "the gap before \(index) is stated")
            hold(entry.offset % unit == 0, "entry \(index) is aligned")
            used += taken * unit
            end = entry.offset + taken * unit
        }
        hold(end <= layout.room, "the last entry ends inside the heap")
        hold(replica.end == end && replica.used == used, "used and end are sums of the table")
    }

    /// Of a table that was accepted: it is the one that the frame speaks of.
    static func holdAgreement(_ replica: borrowing HeapReplica, with state: HeapState) {
        hold(replica.standing == .exact, "an accepted table is exact")
        guard state.hasFigures else { return hold(digest(replica) & 0xFFFF == state.digest, "digest of 16 bits") }
        hold(replica.liveBlocks == state.liveBlocks, "count")
        if replica.layout.isWatched {
            let (own, told) = (replica.totals, state.totals)
            hold((own.allocations, own.frees) == (told.allocations, told.frees), "totals")
            hold(own.failures == told.failures, "failures")
        } else {
            hold(replica.used == UInt64(state.used), "used")
            hold(replica.end - replica.used == UInt64(state.gaps), "gaps")
            hold(replica.totals == state.totals, "totals")
        }
        hold(digest(replica) == state.digest, "digest")
    }

    static func holdTruth(_ replica: borrowing HeapReplica, _ truth: [ModelHeap.Block]) {
        if replica.layout.isWatched {
            hold(blocks(replica).map(\.start) == truth.map(\.start), "the places are the heap's")
            for (block, told) in zip(blocks(replica), truth) {
                hold(block.size == told.size, "the sizes are the heap's")
                // Of a block that was resized while the table was not known, nobody knows who allocated it.
                hold(block.callSite == told.callSite || block.callSite == 0, "the call sites are the heap's")
            }
            return
        }
        hold(blocks(replica) == truth, "the table is the heap's: \(blocks(replica)) \(truth)")
    }

    static func blocks(_ replica: borrowing HeapReplica) -> [ModelHeap.Block] {
        var blocks: [ModelHeap.Block] = []
        blocks.reserveCapacity(Int(replica.known))
        for index in 0..<Int(replica.known) {
            let entry = replica[index]
            blocks.append(
                ModelHeap.Block(
                    size: entry.size, start: entry.offset, owner: entry.owner, callSite: entry.callSite))
        }
        return blocks
    }

    private static func digest(_ replica: borrowing HeapReplica) -> UInt32 {
        if replica.layout.isWatched {
            return (0..<Int(replica.known)).reduce(0) {
                $0 &+ AddressDigest.of(UInt(truncatingIfNeeded: replica.layout.baseAddress &+ replica[$1].offset))
            }
        }
        var digest = TableDigest()
        for index in 0..<Int(replica.known) {
            digest.add(size: replica[index].size, owner: replica[index].owner)
            if replica.layout.isLazy { digest.add(gap: UInt32(replica.gap(before: index))) }
            if replica.layout.hasCallSites { digest.add(callSite: replica[index].callSite) }
        }
        return digest.value
    }
}
