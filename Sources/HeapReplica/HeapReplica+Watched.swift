// SPDX-License-Identifier: Apache-2.0
//
// Heaps of other allocators: schema/wire.md, "Watched heaps". Blocks come and go by their addresses, entries stand in the order
// of these, and nothing moves but by a resize.

public import HeapWire

extension HeapReplica {
    /// More blocks than this at a time are not followed: each operation moves the entries after it.
    static var mostWatched: UInt32 { 262_144 }

    var mostBlocks: UInt32 { min(layout.tableSize, Self.mostWatched) }

    // MARK: Frames

    mutating func take(
        _ source: consuming EntryReader, _ listing: StateFrame.Listing, of state: HeapState
    ) throws(Malformed) {
        let isBeginning = listing == .blocks(isFirst: true) || listing == .none && state.liveBlocks == 0
        if isBeginning, standing != .exact {
            drop()
            standing = .partial
            liveBlocks = state.liveBlocks
        }
        while let entry = try source.next() {
            guard standing == .partial else { continue }
            let offset = entry.owner &- layout.baseAddress
            let isNext = offset >= listedEnd && known < state.liveBlocks
            if isNext, enter(entry) != nil { listedEnd = offset &+ 1 } else { forget() }
        }
        guard standing == .partial, known >= state.liveBlocks else { return }
        guard known == state.liveBlocks else { return forget() }
        (liveBlocks, totals) = (known, state.totals)
        standing = .exact
    }

    /// What a frame tells of a watched heap is what its table has.
    public func agreesWatched(with state: HeapState) -> Bool {
        guard state.hasFigures else { return addressSum & 0xFFFF == state.digest }
        return liveBlocks == state.liveBlocks && totals.allocations == state.totals.allocations
            && totals.frees == state.totals.frees && totals.failures == state.totals.failures
            && addressSum == state.digest
    }

    // MARK: Operations

    mutating func allocate(_ address: UInt64, size: UInt32, callSite: UInt64, _ tick: UInt64) -> Bool {
        totals.allocations &+= 1
        if standing == .uncertain { return see(address, size: size, callSite: callSite, tick) }
        guard liveBlocks < mostBlocks else { return false }
        let entry = TableEntry(size: size, gap: 0, owner: address, callSite: callSite)
        guard isListed(address) ? enter(entry, tick: tick, allocation: totals.allocations) != nil : place(entry) != nil
        else { return false }
        liveBlocks &+= 1
        return true
    }

    mutating func free(_ address: UInt64) -> Bool {
        if standing == .uncertain { return miss(address) }
        guard liveBlocks > 0 else { return false }
        totals.frees &+= 1
        if isListed(address) {
            guard let index = index(ofBlockAt: address) else { return false }
            leave(index)
        } else if known == liveBlocks {
            return false
        }
        liveBlocks &-= 1
        return true
    }

    mutating func resize(_ address: UInt64, to target: UInt64, size: UInt32) -> Bool {
        if standing == .uncertain { return see(address, movedTo: target, size: size) }
        var block = ReplicaEntry(size: size, offset: 0, owner: 0)
        if isListed(address) {
            guard let index = index(ofBlockAt: address) else { return false }
            block = entries[index]
            leave(index)
        } else if known == liveBlocks {
            return false
        }
        let entry = TableEntry(size: size, gap: 0, owner: target, callSite: block.callSite)
        guard isListed(target) else { return place(entry) != nil }
        return enter(entry, tick: block.tick, allocation: block.allocation) != nil
    }

    /// Where blocks are known: everywhere in an exact table.
    private func isListed(_ address: UInt64) -> Bool {
        standing == .exact
            || listedEnd > 0 && (address < layout.baseAddress || address &- layout.baseAddress < listedEnd)
    }

    /// The entry of the block that begins at an address; nil where none does that is known.
    public func index(ofBlockAt address: UInt64) -> Int? {
        guard address >= layout.baseAddress else { return nil }
        let offset = address &- layout.baseAddress
        let index = firstIndex(atOrAfter: offset)
        return index < Int(known) && entries[index].offset == offset ? index : nil
    }

    /// The entry that a block at an address has, or would have.
    public func place(forBlockAt address: UInt64) -> Int { firstIndex(atOrAfter: address &- layout.baseAddress) }

    func firstIndex(atOrAfter offset: UInt64) -> Int {
        var (low, high) = (0, Int(known))
        while low < high {
            let middle = (low &+ high) &>> 1
            if entries[middle].offset < offset { low = middle &+ 1 } else { high = middle }
        }
        return low
    }

    /// The entry that a block would have. Nil when it can't lie there.
    private func place(_ entry: TableEntry) -> Int? {
        let (offset, size) = (entry.owner &- layout.baseAddress, UInt64(wide: entry.size))
        guard entry.owner != 0, entry.owner >= layout.baseAddress, size > 0, offset <= layout.room,
            size <= layout.room &- offset
        else { return nil }
        let index = firstIndex(atOrAfter: offset)
        let isFree = end(before: index) <= offset && (index == Int(known) || offset &+ size <= entries[index].offset)
        return isFree ? index : nil
    }

    /// Enters a block. Nil when it can't lie there.
    mutating func enter(
        _ entry: TableEntry, tick: UInt64 = ReplicaEntry.unknownTick, allocation: UInt64 = 0
    ) -> Int? {
        guard known < mostBlocks, Int(known) < capacity, let index = place(entry) else { return nil }
        let (offset, size) = (entry.owner &- layout.baseAddress, UInt64(wide: entry.size))
        let later = Int(known) &- index
        countSteps(later)
        (entries + index + 1).update(from: entries + index, count: later)
        entries[index] = ReplicaEntry(
            size: entry.size, offset: offset, owner: 0, callSite: entry.callSite, tick: tick, allocation: allocation)
        known &+= 1
        used &+= size
        end = end(before: Int(known))
        let digest = AddressDigest.of(UInt(truncatingIfNeeded: entry.owner))
        addressSum &+= digest
        (certainBlocks, certainSum) = (certainBlocks &+ 1, certainSum &+ digest)
        return index
    }

    mutating func leave(_ index: Int) {
        let later = Int(known) &- index &- 1
        countSteps(later)
        used &-= UInt64(wide: entries[index].size)
        let digest = AddressDigest.of(UInt(truncatingIfNeeded: layout.baseAddress &+ entries[index].offset))
        addressSum &-= digest
        if entries[index].isCertain { (certainBlocks, certainSum) = (certainBlocks &- 1, certainSum &- digest) }
        (entries + index).update(from: entries + index + 1, count: later)
        known &-= 1
        end = end(before: Int(known))
    }
}
