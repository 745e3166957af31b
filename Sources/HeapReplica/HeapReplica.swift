// SPDX-License-Identifier: Apache-2.0
//
// An exact copy of a device's heap table, made from the device's frames alone. It implements schema/wire.md and shares
// no code with the allocator, so that the two check each other: after every frame, table, totals and digest must equal
// the device's.
//
// A replica is in one of four states:
//   unknown   nothing is known of the table; a KEYFRAME from entry 0 starts over
//   partial   the first `known` entries are exact, and a KEYFRAME must go on from there; operations in between apply to them
//   exact     the table is the device's, as its digest proved at the last frame
//   uncertain what a watched heap held before operations were lost, and what has come since: HeapReplica+Uncertain
// Anything that does not fit makes it unknown again. It never guesses.

public import HeapWire

public struct HeapReplica: ~Copyable {
    public enum Standing: Equatable, Sendable {
        case unknown, partial, exact
        /// Some blocks of a watched heap are known: see ``HeapReplica/doubt()``.
        case uncertain
    }

    /// What a frame did to the replica.
    public enum Verdict: Equatable, Sendable {
        /// The table is the device's.
        case exact
        /// More KEYFRAMEs are needed before the table is known.
        case incomplete
        /// The table was believed to be exact, and the frame shows that it is not.
        case diverged
        /// The same, and the frame brings the whole table, or a reset: it is exact now, but was not all the time
        /// before.
        case corrected
    }

    public let layout: HeapLayout
    private let keepsDoubt: Bool
    public internal(set) var standing = Standing.unknown
    /// Blocks on the device.
    public internal(set) var liveBlocks: UInt32 = 0
    /// Entries that are known, from the first on; `liveBlocks` of them when the replica is exact.
    public internal(set) var known: UInt32 = 0
    /// Bytes that the known entries take, padding included.
    public internal(set) var used: UInt64 = 0
    /// Where the last known entry ends, in bytes from the heap's base; beyond ``used`` by the gaps of a lazy or watched heap.
    public internal(set) var end: UInt64 = 0
    public internal(set) var totals = HeapTotals()
    /// Of a watched heap: its digest, and, in a partial table, the first bytes from its base that KEYFRAMEs have not listed blocks of.
    var (addressSum, listedEnd): (UInt32, UInt64) = (0, 0)
    /// Of an uncertain table: blocks that are certain, and the sum of their addresses.
    var (certainBlocks, certainSum): (UInt32, UInt32) = (0, 0)
    /// ``totals`` are the device's; not always while the table is uncertain.
    var areTotalsKnown = false
    /// Most bytes in use while the last DELTA was replayed.
    var peak: UInt64 = 0
    #if !hasFeature(Embedded)
        /// What the last DELTA told of how full the recorder got; nil when it told nothing.
        public private(set) var fill: RecorderFill?
    #endif
    /// The digest of the table that was compared last: of an exact one, after the last frame.
    var comparedDigest: UInt32 = 0
    /// Entries that were read or moved since the replica was made: the cost of its work. One operation can take
    /// 130,000.
    public private(set) var steps: UInt64 = 0
    var entries: UnsafeMutablePointer<ReplicaEntry>
    /// Entries that the memory has room for.
    private(set) var capacity: Int

    /// Keeps its table in `entries`, which must live as long as the replica, or until ``moveTable(to:capacity:)``.
    /// - Parameter keepsDoubt: of a watched heap, keeps what may still hold after a loss. A reader that goes by schema/wire.md alone
    ///   doesn't.
    public init(
        layout: HeapLayout, entries: UnsafeMutablePointer<ReplicaEntry>, capacity: Int, keepsDoubt: Bool = true
    ) {
        (self.layout, self.entries, self.capacity, self.keepsDoubt) = (layout, entries, capacity, keepsDoubt)
    }

    public subscript(index: Int) -> ReplicaEntry {
        precondition(index >= 0 && index < Int(known))
        return entries[index]
    }

    /// Entries that the table must have room for before a frame of `payload` bytes is applied: an entry takes at
    /// least nine bits, an operation that adds one ten.
    public func capacityNeeded(payload: Int) -> Int {
        min(Int(layout.tableSize), Int(known) + payload)
    }

    /// Copies the known entries to other memory and goes on there.
    public mutating func moveTable(to memory: UnsafeMutablePointer<ReplicaEntry>, capacity: Int) {
        precondition(capacity >= Int(known))
        memory.update(from: entries, count: Int(known))
        (entries, self.capacity) = (memory, capacity)
    }

    /// Nothing is known any more: frames were lost. Of a watched heap that was known some may still hold: ``doubt()``.
    public mutating func forget() {
        if keepsDoubt, layout.isWatched, standing == .exact || standing == .uncertain { doubt() } else { drop() }
    }

    mutating func drop() {
        standing = .unknown
        empty()
    }

    mutating func empty() {
        (liveBlocks, known, used, end, addressSum, listedEnd) = (0, 0, 0, 0, 0, 0)
        (certainBlocks, certainSum) = (0, 0)
    }

    /// Starts from a table that was exact earlier. False, and unknown, when it can't be a table of this heap.
    public mutating func restore(totals: HeapTotals, table: UnsafeBufferPointer<RememberedEntry>) -> Bool {
        drop()
        for remembered in table {
            guard take(remembered) else {
                drop()
                return false
            }
        }
        liveBlocks = known
        self.totals = totals
        standing = .exact
        assert(isSound, "a table that was taken is in order")
        return true
    }
}

// MARK: - Frames

extension HeapReplica {
    /// Replays a frame and checks the result. Throws when the frame's operations or entries can't be read; then
    /// nothing is known any more.
    public mutating func apply(_ frame: StateFrame) throws(Malformed) -> Verdict {
        let wasExact = standing == .exact
        var contradicted = false
        // The table agrees already: a KEYFRAME leaves it as it is.
        var isCompared = false
        if frame.state.lost > 0 { forget() }
        do {
            if let operations = frame.operations(in: layout) {
                contradicted = try replay(operations)
            } else if let entries = frame.entries(in: layout), case .keyframe(let first) = frame.body {
                isCompared = standing == .exact && agrees(with: frame.state)
                contradicted = standing == .exact && !isCompared
                if contradicted { forget() }
                try take(entries, from: first, of: frame.state)
            } else if let (listing, entries) = try frame.listing(in: layout) {
                isCompared = standing == .exact && agrees(with: frame.state)
                contradicted = standing == .exact && !isCompared
                if contradicted { forget() }
                try take(entries, listing, of: frame.state)
            }
        } catch {
            forget()
            throw error
        }
        if standing == .exact, !isCompared, !agrees(with: frame.state) {
            contradicted = wasExact
            forget()
        }
        if standing == .uncertain { prove(frame.state) }
        if standing == .partial, frame.state.hasFigures, liveBlocks != frame.state.liveBlocks { forget() }
        assert(isSound, "a frame leaves the table in order")
        if standing == .exact { return contradicted ? .corrected : .exact }
        return wasExact && frame.state.lost == 0 ? .diverged : .incomplete
    }

    /// True when a table that was exact could not do an operation: nothing was known then until a reset.
    private mutating func replay(_ source: consuming OperationReader) throws(Malformed) -> Bool {
        var contradicted = false
        peak = used
        #if !hasFeature(Embedded)
            fill = nil
        #endif
        while let operation = try source.next({ owner(atDepth: $0) }) {
            guard standing != .unknown || operation == .reset else { continue }
            if !perform(operation, at: source.tick) {
                contradicted = contradicted || standing == .exact
                forget()
            }
            peak = max(peak, used)
        }
        #if !hasFeature(Embedded)
            fill = source.fills.last
        #endif
        return contradicted
    }

    private mutating func take(_ remembered: RememberedEntry) -> Bool {
        guard layout.isWatched else {
            return append(remembered.entry, tick: remembered.tick, allocation: remembered.allocation)
        }
        return enter(remembered.entry, tick: remembered.tick, allocation: remembered.allocation) != nil
    }

    private mutating func take(
        _ source: consuming EntryReader, from first: UInt32, of state: HeapState
    ) throws(Malformed) {
        let isExact = standing == .exact
        if !isExact, first == 0 {
            forget()
            standing = .partial
            liveBlocks = state.liveBlocks
        }
        if standing == .partial, first != known { forget() }
        while let entry = try source.next() {
            guard standing == .partial else { continue }
            if known >= state.liveBlocks || !append(entry) { forget() }
        }
        if standing == .partial, known == state.liveBlocks {
            totals = state.totals
            standing = .exact
        }
    }
}

// MARK: - Operations

extension HeapReplica {
    /// Does one operation. False when a heap in this state can't have done it.
    public mutating func perform(_ operation: Operation, at tick: UInt64) -> Bool {
        countSteps(1)
        switch operation {
        case .alloc(let size, let owner, let callSite):
            totals.allocations &+= 1
            guard size > 0, liveBlocks < layout.tableSize else { return false }
            // While parts of the table are missing, a new entry comes with the last of them.
            if standing == .partial {
                liveBlocks &+= 1
                return true
            }
            let entry = TableEntry(size: size, gap: 0, owner: owner, callSite: callSite)
            guard append(entry, tick: tick, allocation: totals.allocations) else { return false }
            liveBlocks = known
        case .free(let depth):
            guard let index = index(depth) else { return false }
            totals.frees &+= 1
            if index < known { remove(Int(index)) }
            liveBlocks &-= 1
        case .resize(let depth, let size):
            guard let index = index(depth) else { return false }
            return index >= known || resize(Int(index), to: size)
        case .compact(let depth, let bytes):
            guard layout.isLazy, let index = index(depth) else { return false }
            return index >= known || compact(Int(index), bytes: UInt64(wide: bytes))
        case .reown(let depth, let owner):
            guard let index = index(depth) else { return false }
            if index < known { entries[Int(index)].owner = owner }
        case .orphan(let depth):
            guard let index = index(depth) else { return false }
            if index < known { entries[Int(index)].owner = 0 }
        case .failed: totals.failures &+= 1
        case .badPointer: break
        case .reset:
            empty()
            totals = HeapTotals()
            standing = .exact
        case .allocAt(let address, let size, let callSite):
            return allocate(address, size: size, callSite: callSite, tick)
        case .freeAt(let address): return free(address)
        case .resizeAt(let address, let size, let target): return resize(address, to: target, size: size)
        }
        return true
    }

    /// The entry that is `depth` entries before the last one.
    public func index(_ depth: UInt32) -> UInt32? {
        depth < liveBlocks ? liveBlocks &- 1 &- depth : nil
    }

    /// The owner of the block with this depth; 0 where it has none, or it isn't known.
    public func owner(atDepth depth: UInt32) -> UInt64 {
        knownIndex(depth).map { entries[$0].owner } ?? 0
    }

    /// Appends an entry. False when the heap or the table has no room for it.
    private mutating func append(
        _ entry: TableEntry, tick: UInt64 = ReplicaEntry.unknownTick, allocation: UInt64 = 0
    ) -> Bool {
        let start = end &+ UInt64(wide: entry.gap)
        let aligned = layout.aligned(entry.size)
        guard entry.size > 0, known < layout.tableSize, Int(known) < capacity,
            start &+ aligned <= UInt64(wide: layout.size), start & (UInt64(wide: layout.alignment) &- 1) == 0
        else { return false }
        entries[Int(known)] = ReplicaEntry(
            size: entry.size, offset: start, owner: entry.owner, callSite: entry.callSite, tick: tick,
            allocation: allocation)
        known &+= 1
        used &+= aligned
        end = start &+ aligned
        return true
    }

    /// Where the entry before `index` ends.
    func end(before index: Int) -> UInt64 {
        index == 0 ? 0 : entries[index &- 1].offset &+ layout.aligned(entries[index &- 1].size)
    }

    /// Where the entry after `index` starts; after the last known one, where that ends.
    func next(after index: Int) -> UInt64 {
        index &+ 1 < Int(known) ? entries[index &+ 1].offset : end
    }

    /// Free bytes between an entry and the one before it; of the first one, the heap's base.
    public func gap(before index: Int) -> UInt64 { self[index].offset &- end(before: index) }

    private mutating func remove(_ index: Int) {
        let size = layout.aligned(entries[index].size)
        let tail = entries[index].offset &+ size
        let distance: UInt64 = layout.isLazy ? 0 : 0 &- size
        if !layout.isLazy { moveOwners(from: tail, to: endOfAll, by: distance) }
        countSteps(Int(known) &- index)
        for later in index &+ 1..<Int(known) {
            var entry = entries[later]
            entry.offset &+= distance
            entries[later &- 1] = entry
        }
        known &-= 1
        if !layout.isLazy { countMoves(Int(known) &- index, bytes: end &- tail) }
        used &-= size
        end = end(before: Int(known))
    }

    private mutating func resize(_ index: Int, to size: UInt32) -> Bool {
        let (old, new) = (layout.aligned(entries[index].size), layout.aligned(size))
        let next = next(after: index)
        let target = resized(index, to: new)
        guard size > 0, end &- next &+ target <= UInt64(wide: layout.size) else { return false }
        if layout.isLazy, hasMissing, index &+ 1 == Int(known), target > next {
            // The gap after it isn't known, nor whether those after it move.
            guard !hasOwner(from: next, to: endOfAll) else { return false }
        }
        entries[index].size = size
        used = used &- old &+ new
        guard target != next else {
            // More entries may follow the last known one. Each comes with the gap before it.
            end = end(before: Int(known))
            return true
        }
        moveOwners(from: next, to: endOfAll, by: target &- next)
        countSteps(Int(known) &- index)
        for later in index &+ 1..<Int(known) {
            entries[later].offset &+= target &- next
        }
        countMoves(Int(known) &- 1 &- index, bytes: end &- next)
        end = end(before: Int(known))
        return true
    }

    /// Where the next entry starts once this one takes `new` bytes. In a lazy heap, the gap between them shrinks or
    /// grows first.
    func resized(_ index: Int, to new: UInt64) -> UInt64 {
        let (end, next) = (entries[index].offset &+ new, next(after: index))
        return layout.isLazy && index &+ 1 < Int(liveBlocks) && end <= next ? next : end
    }

    /// Moves `bytes` bytes of blocks, which have no gaps between them, down to the end of the one before.
    private mutating func compact(_ first: Int, bytes: UInt64) -> Bool {
        let (from, to) = (entries[first].offset, end(before: first))
        guard let last = runEnd(from: first, bytes: bytes), from > to else { return false }
        moveOwners(from: from, to: from &+ bytes, by: to &- from)
        for index in first..<last { entries[index].offset &-= from &- to }
        countMoves(last &- first, bytes: bytes)
        end = end(before: Int(known))
        return true
    }

    /// The entry after those that take `bytes` bytes without a gap; nil when no entry ends there. The run may include
    /// entries that are missing.
    func runEnd(from first: Int, bytes: UInt64) -> Int? {
        let start = entries[first].offset
        var last = first
        while last < Int(known), end(before: last &+ 1) &- start <= bytes {
            last &+= 1
            if end(before: last) &- start == bytes { return last }
            if last < Int(known), entries[last].offset != end(before: last) { return nil }
        }
        return standing == .partial && last == Int(known) ? last : nil
    }

    mutating func countSteps(_ entries: Int) {
        steps &+= UInt64(wide: entries)
    }

    private mutating func countMoves(_ blocks: Int, bytes: UInt64) {
        totals.moves &+= UInt64(wide: blocks)
        totals.bytesMoved &+= bytes
    }
}
