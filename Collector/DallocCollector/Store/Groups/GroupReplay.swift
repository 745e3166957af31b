// SPDX-License-Identifier: Apache-2.0
//
// Replays the frames of a heap once more when they are gathered, and counts by group. They were proven exact when they came, so
// digests are not
// computed again.

internal import HeapHistory
internal import HeapReplica
internal import HeapWire

struct GroupReplay {
    let table: ReplicaTable
    var tally = GroupTally()
    /// The table is the device's.
    private(set) var isKnown = false
    /// Most blocks at a time in the frame that was replayed last.
    private(set) var peakBlocks: UInt32 = 0
    /// The device's clock at the frame that was replayed last.
    private(set) var tick: UInt64 = 0
    /// Hours that the current period has closed: what a new group has as points.
    var closedHours = 0
    let ticksPerSecond: UInt64

    init(_ layout: HeapLayout, ticksPerSecond: UInt32) {
        // What is in doubt is not counted.
        table = ReplicaTable(layout: layout, keepsDoubt: false)
        self.ticksPerSecond = UInt64(max(ticksPerSecond, 1))
    }

    private var layout: HeapLayout { table.layout }

    /// Nothing is known until the next whole table.
    mutating func forget() {
        table.replica.forget()
        loseTable()
    }

    /// Takes a table that was exact, with the groups of its blocks.
    /// - Returns: false when the two don't fit.
    mutating func restore(
        _ checkpoint: [UInt8], _ entries: [GroupTally.Entry], _ members: [UInt16], tick: UInt64
    ) -> Bool {
        self.tick = tick
        guard Checkpoint.restore(checkpoint, into: table) else { return false }
        tally.restore(entries, members)
        isKnown = tally.isSound(table.replica)
        if !isKnown { forget() }
        return isKnown
    }

    /// Replays a frame.
    /// - Returns: true when the table was known before it, is known after it, and all in between was seen.
    mutating func apply(_ stored: StoredFrame) -> Bool {
        peakBlocks = table.replica.liveBlocks
        let wasKnown = isKnown
        // What is said of it then can be right by chance.
        if !stored.isExact, isKnown { forget() }
        let isWhole = stored.payload.withUnsafeBufferPointer { bytes -> Bool in
            guard let base = bytes.baseAddress, let frame = try? StateFrame(payload: base, count: bytes.count) else {
                forget()
                return false
            }
            tick = frame.state.tick
            // A watched heap may be proven empty after operations that were not told.
            if isKnown, frame.state.lost > 0 { forget() }
            defer { peakBlocks = max(peakBlocks, min(frame.state.liveBlocks, layout.tableSize)) }
            if isKnown || table.replica.standing == .unknown && stored.isExact,
                let operations = frame.operations(in: layout)
            {
                return replay(operations)
            }
            return applyTable(frame, payload: bytes.count)
        }
        // A checkpoint helps where the frames before it could not be replayed.
        if stored.isExact, !isKnown, let state = stored.state, Checkpoint.restore(state, into: table) { findTable() }
        return wasKnown && isKnown && isWhole
    }

    /// A KEYFRAME, or the operations of a table that isn't known.
    private mutating func applyTable(_ frame: StateFrame, payload: Int) -> Bool {
        let verdict = try? table.apply(frame, payload: payload)
        guard table.replica.standing == .exact else {
            loseTable()
            return false
        }
        // Nothing new.
        if isKnown, verdict == .exact, frame.state.lost == 0 { return true }
        findTable()
        return false
    }

    private mutating func loseTable() {
        isKnown = false
        tally.empty()
    }

    /// Counts a table that came whole. When its blocks were allocated is not known.
    private mutating func findTable() {
        tally.empty()
        for index in 0..<Int(table.replica.known) {
            let entry = table.replica[index]
            let group = group(of: entry)
            tally.found(entry.size, in: tally.index(of: group, entry.size, points: closedHours))
        }
        tally.beginLow()
        isKnown = true
    }

    // MARK: Operations

    /// Where nothing is known, operations count from a reset on.
    private mutating func replay(_ source: consuming OperationReader) -> Bool {
        let wasKnown = isKnown
        while true {
            do {
                guard let operation = try source.next({ table.replica.owner(atDepth: $0) }) else { break }
                guard isKnown || operation == .reset else { continue }
                perform(operation, at: source.tick)
            } catch {
                forget()
                return false
            }
            if wasKnown, !isKnown { return false }
            peakBlocks = max(peakBlocks, table.replica.liveBlocks)
        }
        assert(tally.members.count == Int(table.replica.known), "each block is in a group")
        return true
    }

    private mutating func perform(_ operation: Operation, at tick: UInt64) {
        switch operation {
        case .alloc(let size, let owner, let callSite):
            allocate(operation, size, group(size, owner: owner, callSite: callSite), tick)
        case .allocAt(_, let size, let callSite):
            allocate(operation, size, asker(size, owner: 0, callSite: callSite), tick)
        case .free, .freeAt:
            guard let block = table.replica.block(of: operation) else { return forget() }
            let (entry, moved) = (table.replica[block], table.replica.totals.bytesMoved)
            guard perform(operation, tick) else { return }
            tally.free(
                block, entry.size, lifetime: lifetime(entry, until: tick),
                moved: table.replica.totals.bytesMoved &- moved)
        case .resize(_, let size), .resizeAt(_, let size, _):
            guard let block = table.replica.block(of: operation) else { return forget() }
            let target = table.replica.target(of: operation)
            let (old, moved) = (table.replica[block].size, table.replica.totals.bytesMoved)
            guard perform(operation, tick) else { return }
            tally.resize(block, from: old, to: size, moved: table.replica.totals.bytesMoved &- moved)
            if let target { tally.place(block, at: target) }
        case .reown, .orphan:
            guard let block = table.replica.block(of: operation) else { return forget() }
            guard perform(operation, tick) else { return }
            let entry = table.replica[block]
            tally.hand(block, entry.size, to: tally.index(of: group(of: entry), entry.size, points: closedHours))
        case .compact(_, let bytes):
            guard let block = table.replica.block(of: operation) else { return forget() }
            guard perform(operation, tick) else { return }
            tally.move(block, UInt64(bytes))
        case .failed(let size, _, let owner, let callSite):
            guard perform(operation, tick) else { return }
            let group = asker(size, owner: owner, callSite: callSite)
            tally.fail(in: tally.index(of: group, size, points: closedHours))
        case .badPointer: _ = perform(operation, tick)
        case .reset:
            guard perform(operation, tick) else { return }
            tally.empty()
            isKnown = true
        }
    }

    /// False, and nothing is known any more, when the heap can't have done it.
    private mutating func perform(_ operation: Operation, _ tick: UInt64) -> Bool {
        table.perform(operation, at: tick)
        if table.replica.standing == .exact { return true }
        loseTable()
        return false
    }

    private mutating func allocate(_ operation: Operation, _ size: UInt32, _ group: BlockGroup, _ tick: UInt64) {
        guard let target = table.replica.target(of: operation), perform(operation, tick) else { return }
        tally.allocate(size, at: target, in: tally.index(of: group, size, points: closedHours))
    }

    /// In milliseconds; nil when the allocation was not seen.
    private func lifetime(_ entry: ReplicaEntry, until tick: UInt64) -> UInt64? {
        guard entry.tick != ReplicaEntry.unknownTick, tick >= entry.tick else { return nil }
        let ticks = tick &- entry.tick
        let (product, overflow) = ticks.multipliedReportingOverflow(by: 1000)
        return overflow ? ticks / ticksPerSecond &* 1000 : product / ticksPerSecond
    }

    // MARK: Groups

    private func group(of entry: ReplicaEntry) -> BlockGroup {
        // Blocks of other allocators have no owners, and are no orphans.
        layout.isWatched
            ? asker(entry.size, owner: 0, callSite: entry.callSite)
            : group(entry.size, owner: entry.owner, callSite: entry.callSite)
    }

    private func group(_ size: UInt32, owner: UInt64, callSite: UInt64) -> BlockGroup {
        if owner == 0 { return BlockGroup(kind: .orphan, value: callSite) }
        if callSite != 0 { return BlockGroup(kind: .callSite, value: callSite) }
        let place = owner &- layout.baseAddress
        guard place < UInt64(layout.size) else { return BlockGroup(kind: .variable, value: owner) }
        guard let block = lastBlock(through: place), case let holder = table.replica[block],
            case let offset = place &- holder.offset, offset < UInt64(holder.size)
        else { return BlockGroup(kind: .variable, value: owner) }
        return .inside(size: holder.size, offset: UInt32(truncatingIfNeeded: offset))
    }

    /// The group that a failed allocation counts for. Without a variable it is no orphan: there is no block.
    private func asker(_ size: UInt32, owner: UInt64, callSite: UInt64) -> BlockGroup {
        if callSite != 0 { return BlockGroup(kind: .callSite, value: callSite) }
        return owner == 0 ? .size(size) : group(size, owner: owner, callSite: 0)
    }

    /// The last block that starts at `place` in the heap, or before it.
    private func lastBlock(through place: UInt64) -> Int? {
        var (low, high) = (0, Int(table.replica.known))
        while low < high {
            let middle = (low + high) / 2
            if table.replica[middle].offset <= place { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? nil : low - 1
    }
}
