// SPDX-License-Identifier: Apache-2.0
//
// Counts the blocks of a heap by group, operation by operation.

internal import HeapHistory
internal import HeapReplica
internal import HeapWire

struct GroupTally {
    struct Entry: Equatable {
        var group: BlockGroup
        var figures = GroupFigures()
        /// The fewest live bytes since the hour began.
        var low: UInt64 = 0
        /// The same of the hours before, as many as the tally has closed.
        var points: [UInt64] = []
    }

    /// Groups that are told apart. Beyond them, new ones are counted by size, of which there are few.
    static let most = 256

    private(set) var entries: [Entry] = []
    /// Of each block in the table the index of its group.
    private(set) var members: [UInt16] = []
    /// Hash table of indices into `entries`, plus 1; 0: free. Linear probing (Knuth, TAOCP vol. 3, 6.4).
    private var places: [UInt16] = Array(repeating: 0, count: 64)
    private var bits = 6

    // MARK: Groups

    /// The index of a group, which is made when it is new; with `points` that say it held nothing.
    mutating func index(of group: BlockGroup, _ size: UInt32, points: Int) -> Int {
        if let index = find(group) { return index }
        if entries.count >= Self.most, group.kind != .size, !(group.kind == .orphan && group.value == 0) {
            return index(
                of: group.kind == .orphan ? BlockGroup(kind: .orphan, value: 0) : .size(size), size, points: points)
        }
        entries.append(Entry(group: group, points: Array(repeating: 0, count: points)))
        if entries.count * 2 > places.count { grow() } else { place(entries.count - 1) }
        return entries.count - 1
    }

    private func find(_ group: BlockGroup) -> Int? {
        var place = group.place(bits: bits)
        while places[place] != 0 {
            let index = Int(places[place]) - 1
            if entries[index].group == group { return index }
            place = (place + 1) & (places.count - 1)
        }
        return nil
    }

    private mutating func place(_ index: Int) {
        var place = entries[index].group.place(bits: bits)
        while places[place] != 0 { place = (place + 1) & (places.count - 1) }
        places[place] = UInt16(index + 1)
    }

    private mutating func grow() {
        bits += 1
        places = Array(repeating: 0, count: 1 << bits)
        for index in entries.indices { place(index) }
    }

    // MARK: What happens

    /// - Parameter block: its entry in the table.
    mutating func allocate(_ size: UInt32, at block: Int, in group: Int) {
        members.insert(UInt16(group), at: block)
        entries[group].figures.allocated += 1
        enter(size, group)
    }

    /// - Parameter lifetime: in milliseconds; nil when it is not known.
    mutating func free(_ block: Int, _ size: UInt32, lifetime: UInt64?, moved: UInt64) {
        let group = Int(members.remove(at: block))
        leave(size, group)
        entries[group].figures.freed += 1
        entries[group].figures.bytesMoved += moved
        if let lifetime { entries[group].figures.lifetimes.add(milliseconds: lifetime) }
    }

    mutating func resize(_ block: Int, from old: UInt32, to new: UInt32, moved: UInt64) {
        let group = Int(members[block])
        let bytes = entries[group].figures.liveBytes &- UInt64(old) &+ UInt64(new)
        entries[group].figures.liveBytes = bytes
        entries[group].low = min(entries[group].low, bytes)
        entries[group].figures.bytesMoved += moved
    }

    /// The block has another entry.
    mutating func place(_ block: Int, at target: Int) {
        if block != target { members.insert(members.remove(at: block), at: target) }
    }

    mutating func fail(in group: Int) { entries[group].figures.failures += 1 }

    mutating func move(_ block: Int, _ bytes: UInt64) { entries[Int(members[block])].figures.bytesMoved += bytes }

    /// The block has another owner.
    mutating func hand(_ block: Int, _ size: UInt32, to group: Int) {
        guard members[block] != UInt16(group) else { return }
        leave(size, Int(members[block]))
        members[block] = UInt16(group)
        enter(size, group)
    }

    private mutating func enter(_ size: UInt32, _ group: Int) {
        entries[group].figures.liveBlocks &+= 1
        entries[group].figures.liveBytes &+= UInt64(size)
    }

    private mutating func leave(_ size: UInt32, _ group: Int) {
        entries[group].figures.liveBlocks &-= 1
        entries[group].figures.liveBytes &-= UInt64(size)
        entries[group].low = min(entries[group].low, entries[group].figures.liveBytes)
    }

    /// Nothing is in the heap any more, or nothing is known of it.
    mutating func empty() {
        members.removeAll(keepingCapacity: true)
        for index in entries.indices {
            (entries[index].figures.liveBlocks, entries[index].figures.liveBytes, entries[index].low) = (0, 0, 0)
        }
    }

    /// A block of a table that was read whole.
    mutating func found(_ size: UInt32, in group: Int) {
        members.append(UInt16(group))
        enter(size, group)
    }

    /// From now on, the fewest bytes count.
    mutating func beginLow() {
        for index in entries.indices { entries[index].low = entries[index].figures.liveBytes }
    }

    // MARK: Periods

    mutating func closeHour() {
        for index in entries.indices {
            entries[index].points.append(entries[index].low)
            entries[index].low = entries[index].figures.liveBytes
        }
    }

    /// Forgets what happened, and the groups of which nothing is left.
    mutating func beginPeriod() {
        var kept: [Entry] = []
        var indices = Array(repeating: UInt16.max, count: entries.count)
        for (index, entry) in entries.enumerated() where entry.figures.liveBlocks > 0 {
            indices[index] = UInt16(kept.count)
            var figures = GroupFigures()
            (figures.liveBlocks, figures.liveBytes) = (entry.figures.liveBlocks, entry.figures.liveBytes)
            kept.append(Entry(group: entry.group, figures: figures, low: entry.low))
        }
        for block in members.indices { members[block] = indices[Int(members[block])] }
        restore(kept, members)
    }

    mutating func restore(_ entries: [Entry], _ members: [UInt16]) {
        (self.entries, self.members) = (entries, members)
        bits = 6
        while 1 << bits < entries.count * 2 { bits += 1 }
        places = Array(repeating: 0, count: 1 << bits)
        for index in entries.indices { place(index) }
    }

    /// Every block is in one group, and the groups hold all of them.
    func isSound(_ table: borrowing HeapReplica) -> Bool {
        guard members.count == Int(table.known), members.allSatisfy({ Int($0) < entries.count }) else { return false }
        var blocks = Array(repeating: UInt32(0), count: entries.count)
        var bytes = Array(repeating: UInt64(0), count: entries.count)
        for (block, group) in members.enumerated() {
            blocks[Int(group)] &+= 1
            bytes[Int(group)] &+= UInt64(table[block].size)
        }
        return entries.indices.allSatisfy {
            entries[$0].figures.liveBlocks == blocks[$0] && entries[$0].figures.liveBytes == bytes[$0]
                && entries[$0].low <= bytes[$0]
        }
    }
}
