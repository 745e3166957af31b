// SPDX-License-Identifier: Apache-2.0
//
// `block`: the life of one block.

internal import GRDB
public import HeapHistory
internal import HeapReplica
internal import HeapWire

extension HistoryQuery {
    /// - Parameters:
    ///   - boot: one of the device's boots; nil for the latest.
    ///   - number: the block's number in its boot, 1 for the first.
    ///   - limit: the most events to answer with: the first one, and the latest.
    /// - Throws: ``Problem`` when there is no such device, heap or block, or its allocation lies in a gap.
    public func block(
        device: String, heap: String?, boot: BootName? = nil, number: UInt64, limit: Int
    ) async throws -> BlockLife {
        let work = WorkBudget(limit: mostWork)
        return try await read(device, heap, work) { db, selection in
            let name = selection.current.name
            let row = selection.rows.first { row in boot.map { $0.ids.contains(row.boot) } ?? true }
            guard let row else {
                throw Problem(
                    .notFound, "The heap \(name) of \(device) has no boot \(boot.map { "\($0)" } ?? "").",
                    hint: "`dalloc boots \(device)` lists them.")
            }
            let frames = try selection.frames(db, row)
            guard let first = try frames.first(withAllocation: number) else {
                throw Problem(
                    .notFound, "Nothing is known of block #\(number) of the heap \(name) of \(device) in this boot.",
                    hint:
                        "Blocks are numbered as they are allocated; `dalloc snapshot` and `dalloc ops` show the numbers."
                )
            }
            var life = BlockFollower(number: number, limit: limit)
            let range = try OperationRange(
                db, selection, since: .time(Timestamp(microseconds: .min)), until: .time(Timestamp(microseconds: .max)))
            var walk = OperationWalk(range: range, work: work)
            try walk.walk(
                frames, row, after: first.sequence &- 1,
                pin: { step, table in life.see(step, table) }, visit: { step, table in life.see(step, table) })
            guard let beginning = life.events.first else {
                throw Problem(
                    .unknownInGap,
                    "The allocation of block #\(number) of \(device) is not known: operations are missing there.",
                    hint: "`dalloc gaps \(device)` lists what is missing.")
            }
            return BlockLife(
                device: device, boot: row.boot, build: row.build, heap: row.number, name: row.name,
                allocation: Int(clamping: number), callSite: life.callSite, events: life.listed(after: beginning),
                moves: life.moves, bytesMoved: life.bytesMoved.int,
                truncated: life.isTruncated || life.events.count > limit, live: life.isLive,
                knownUntil: selection.knownUntil, stoppedAt: walk.stoppedAt ?? life.lostAt)
        }
    }
}

extension HeapFrames {
    /// The frame in which the allocation with this number was made; nil when it is not there.
    fileprivate func first(withAllocation number: UInt64) throws -> StoredFrame? {
        var found: StoredFrame?
        var isSearchable = true
        func reaches(_ frame: StoredFrame) -> Bool {
            let totals = frame.reported?.totals
            // Of a frame whose totals nobody knows it can't be told on which side of the block it is.
            if totals == nil { isSearchable = false }
            return totals.map { $0.allocations >= number } ?? false
        }
        let start = try chunkBefore(reaches)
        try forEach(after: isSearchable ? start : 0) { frame in
            guard reaches(frame) else { return true }
            found = frame
            return false
        }
        return found
    }
}

/// Follows one block through operations.
private struct BlockFollower {
    let number: UInt64
    let limit: Int
    private(set) var events: [BlockLife.Event] = []
    private(set) var moves = 0
    private(set) var bytesMoved = Count.zero
    private(set) var isTruncated = false
    private(set) var isLive = false
    private(set) var callSite: Address?
    /// From here on nothing is known of it.
    private(set) var lostAt: Timestamp?
    private var index: Int?

    init(number: UInt64, limit: Int) { (self.number, self.limit) = (number, limit) }

    func listed(after first: BlockLife.Event) -> [BlockLife.Event] {
        events.count <= limit ? events : [first] + events.suffix(limit - 1)
    }

    /// False when the block's life is over.
    mutating func see(_ step: OperationWalk.Step<Operation>, _ table: ReplicaTable) -> Bool {
        guard let index else { return waitForIt(step, table) }
        // After a gap, the table is another one.
        guard isStillThere(index, step.time, table) else { return false }
        if let relocation = table.replica.relocation(by: step.operation), relocation.moved.contains(index) {
            move(step, relocation, table, index)
        }
        let block = table.replica.block(of: step.operation)
        switch step.operation {
        case .free, .freeAt:
            guard let block else { return true }
            if block == index { return end(.freed, step, table, index) }
            if block < index { self.index = index - 1 }
        case .allocAt:
            if let target = table.replica.target(of: step.operation), target <= index { self.index = index + 1 }
        case .resize(_, let size) where block == index:
            add(.resized, step, table, index) { $0.size = Int(size) }
        case .resizeAt(let address, let size, let new):
            guard let block, let target = table.replica.target(of: step.operation) else { return true }
            if block == index {
                add(.resized, step, table, index) { event in
                    (event.size, event.index) = (Int(size), target)
                    if new != address { (event.from, event.address) = (Address(address), Address(new)) }
                }
                self.index = target
            } else {
                let left = block < index ? index - 1 : index
                self.index = target <= left ? left + 1 : left
            }
        case .reown(_, let owner) where block == index:
            add(.newOwner, step, table, index) { $0.owner = owner == 0 ? nil : Address(owner) }
        case .orphan where block == index:
            add(.orphaned, step, table, index) { $0.owner = nil }
        case .reset: return end(.reset, step, table, index)
        default: break
        }
        return true
    }

    /// False when what the table says of the block is another one's: after a gap.
    mutating func see(_ step: OperationWalk.Step<PinChange>, _ table: ReplicaTable) -> Bool {
        guard let index else { return true }
        guard isStillThere(index, step.time, table) else { return false }
        if table.replica.knownIndex(step.event.depth) == index {
            add(step.event.isPinned ? .pinned : .unpinned, step, table, index) { _ in }
        }
        return true
    }

    private mutating func isStillThere(_ index: Int, _ time: Timestamp, _ table: ReplicaTable) -> Bool {
        if index < Int(table.replica.known), table.replica[index].allocation == number { return true }
        (lostAt, isLive) = (time, false)
        return false
    }

    private mutating func waitForIt(_ step: OperationWalk.Step<Operation>, _ table: ReplicaTable) -> Bool {
        let made = table.replica.totals.allocations
        guard made &+ 1 == number, let target = table.replica.target(of: step.operation),
            let address = table.replica.newAddress(of: step.operation)
        else { return made < number }
        var (size, owner, site): (UInt32, UInt64, UInt64) = (0, 0, 0)
        if case .alloc(let bytes, let variable, let caller) = step.operation {
            (size, owner, site) = (bytes, variable, caller)
        } else if case .allocAt(_, let bytes, let caller) = step.operation {
            (size, site) = (bytes, caller)
        }
        (index, isLive) = (target, true)
        callSite = site == 0 ? nil : Address(site)
        events.append(
            BlockLife.Event(
                time: step.time, sequence: Int(step.sequence), event: .allocated, index: target,
                address: Address(address), size: Int(size),
                owner: owner == 0 ? nil : Address(owner)))
        return true
    }

    private mutating func move(
        _ step: OperationWalk.Step<Operation>, _ relocation: Relocation, _ table: ReplicaTable, _ index: Int
    ) {
        moves = moves.addingClamped(1)
        bytesMoved += Int(clamping: table.replica.alignedSize(index))
        let (cause, from) = (table.replica[relocation.cause].allocation, address(table, index))
        add(.moved, step, table, index) { event in
            event.from = from
            event.address = Address(from.value &+ UInt64(bitPattern: relocation.distance))
            if cause != 0 { event.cause = Int(clamping: cause) }
            if case .free = step.operation { event.index -= 1 }
        }
    }

    private func address(_ table: ReplicaTable, _ index: Int) -> Address {
        Address(table.layout.baseAddress &+ table.replica[index].offset)
    }

    private mutating func end(
        _ kind: BlockLife.Event.Kind, _ step: OperationWalk.Step<Operation>, _ table: ReplicaTable, _ index: Int
    ) -> Bool {
        add(kind, step, table, index) { _ in }
        isLive = false
        return false
    }

    private mutating func add<Event>(
        _ kind: BlockLife.Event.Kind, _ step: OperationWalk.Step<Event>, _ table: ReplicaTable, _ index: Int,
        _ change: (inout BlockLife.Event) -> Void
    ) {
        let entry = table.replica[index]
        var event = BlockLife.Event(
            time: step.time, sequence: Int(step.sequence), event: kind, index: index, address: address(table, index),
            size: Int(entry.size), owner: entry.owner == 0 ? nil : Address(entry.owner))
        change(&event)
        events.append(event)
        guard events.count > 2 * limit + 64 else { return }
        events.removeSubrange(1..<(events.count - limit))
        isTruncated = true
    }
}
