// SPDX-License-Identifier: Apache-2.0
//
// An operation as people see it: with its block, and with what it did.

internal import HeapHistory
internal import HeapReplica
internal import HeapWire

extension HeapOperation {
    /// - Parameter table: before the operation.
    init(_ step: OperationWalk.Step<Operation>, in table: ReplicaTable) {
        self.init(step, Kind(step.operation), in: table)
        switch step.operation {
        case .alloc(let size, let owner, let callSite):
            allocate(step.operation, size, owner: owner, callSite: callSite, in: table)
        case .allocAt(_, let size, let callSite):
            allocate(step.operation, size, owner: 0, callSite: callSite, in: table)
        case .free, .freeAt:
            guard let block = name(table.replica.block(of: step.operation), in: table) else { return }
            used = used.subtractingClamped(Int(clamping: table.replica.alignedSize(block)))
            liveBlocks -= 1
        case .resize(_, let new), .resizeAt(_, let new, _):
            guard let block = name(table.replica.block(of: step.operation), in: table) else { return }
            if case .resizeAt(let address, _, let target) = step.operation, target != address {
                newAddress = Address(target)
            }
            oldSize = size
            size = Int(new)
            used = used.subtractingClamped(Int(clamping: table.replica.alignedSize(block)))
                .addingClamped(Int(clamping: table.layout.aligned(new)))
        case .reown(_, let new):
            guard name(table.replica.block(of: step.operation), in: table) != nil else { return }
            (oldOwner, owner) = (owner, new == 0 ? nil : Address(new))
        case .orphan:
            guard name(table.replica.block(of: step.operation), in: table) != nil else { return }
            (oldOwner, owner) = (owner, nil)
        case .compact: _ = name(table.replica.block(of: step.operation), in: table)
        case .failed(let size, let why, let owner, let callSite):
            (self.size, reason) = (Int(size), FailureReason(why))
            self.owner = owner == 0 ? nil : Address(owner)
            self.callSite = callSite == 0 ? nil : Address(callSite)
        case .badPointer(let owner): self.owner = Address(owner)
        case .reset: (used, liveBlocks) = (0, 0)
        }
        guard let relocation = table.replica.relocation(by: step.operation) else { return }
        moves = relocation.moved.count
        guard let first = relocation.moved.first, let last = relocation.moved.last else { return }
        // Gaps between blocks of a lazy heap move with them.
        let end = table.replica[last].offset &+ table.replica.alignedSize(last)
        bytesMoved = Int(clamping: end &- table.replica[first].offset)
    }

    /// - Parameter table: at the moment of the pin or unpin, which changes nothing in it.
    init(_ step: OperationWalk.Step<PinChange>, in table: ReplicaTable) {
        self.init(step, Kind(step.event), in: table)
        _ = name(table.replica.knownIndex(step.event.depth), in: table)
    }

    private init<Event>(_ step: OperationWalk.Step<Event>, _ kind: Kind, in table: ReplicaTable) {
        self.init(
            time: step.time, boot: step.heap.boot, sequence: Int(step.sequence), place: step.place, operation: kind,
            used: Int(clamping: table.replica.used), liveBlocks: Int(table.replica.liveBlocks))
    }

    private mutating func allocate(
        _ operation: Operation, _ size: UInt32, owner: UInt64, callSite: UInt64, in table: ReplicaTable
    ) {
        index = table.replica.target(of: operation)
        address = table.replica.newAddress(of: operation).map { Address($0) }
        (self.size, self.owner) = (Int(size), owner == 0 ? nil : Address(owner))
        self.callSite = callSite == 0 ? nil : Address(callSite)
        allocation = Int(clamping: table.replica.totals.allocations &+ 1)
        used = used.addingClamped(Int(clamping: table.layout.aligned(size)))
        liveBlocks += 1
    }

    /// Fills in what the table says of the block.
    private mutating func name(_ block: Int?, in table: ReplicaTable) -> Int? {
        guard let block else { return nil }
        let entry = table.replica[block]
        (index, address) = (block, Address(table.layout.baseAddress &+ entry.offset))
        (size, owner) = (Int(entry.size), entry.owner == 0 ? nil : Address(entry.owner))
        callSite = entry.callSite == 0 ? nil : Address(entry.callSite)
        allocation = entry.allocation == 0 ? nil : Int(clamping: entry.allocation)
        return block
    }
}

extension HeapOperation.Kind {
    init(_ operation: Operation) {
        switch operation {
        case .alloc, .allocAt: self = .alloc
        case .free, .freeAt: self = .free
        case .resize, .resizeAt: self = .resize
        case .reown: self = .reown
        case .orphan: self = .orphan
        case .failed: self = .failed
        case .badPointer: self = .badPointer
        case .reset: self = .reset
        case .compact: self = .compact
        }
    }

    init(_ change: PinChange) { self = change.isPinned ? .pin : .unpin }
}

extension HeapOperation.FailureReason {
    /// - Parameter why: as in schema/wire.md.
    init(_ why: UInt32) { self = why == 0 ? .noRoom : why == 1 ? .tableFull : .badSize }
}
