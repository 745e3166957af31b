// SPDX-License-Identifier: Apache-2.0
//
// Follows the blocks that the last operations of a summary allocate. The table before them is not known, so a free or resize of any other
// block names its depth alone, or its address: which block that is, nobody knows.

internal import HeapHistory
internal import HeapWire

struct LastOperationTrail {
    private struct Block {
        var size: UInt32
        var owner: UInt64
        var callSite: UInt64
        /// Which allocation of these operations made it, from 1.
        var number: Int
    }

    /// What an operation adds to the heap; nil where that is not known.
    private struct Change {
        var used: Int? = 0
        var liveBlocks = 0
        /// All that was before it is gone.
        var isReset = false
    }

    private let boot: UInt32
    private let sequence: Int
    private let layout: HeapLayout
    /// The last entries of the table.
    private var blocks: [Block] = []
    /// Of a watched heap, by address.
    private var watched: [UInt64: Block] = [:]
    private var allocations = 0
    /// Operations up to and with the last reset.
    private var reset = 0
    private var operations: [LastOperation] = []
    private var changes: [Change] = []

    init(_ frame: StoredFrame, _ heap: HeapRow) {
        (boot, sequence, layout) = (heap.boot, Int(frame.sequence), heap.layout)
    }

    /// As ``OperationReader/next(_:)`` asks for it.
    func owner(atDepth depth: UInt32) -> UInt64 { index(depth).map { blocks[$0].owner } ?? 0 }

    private func index(_ depth: UInt32) -> Int? {
        Int(depth) < blocks.count ? blocks.count - 1 - Int(depth) : nil
    }

    mutating func add(_ operation: Operation, at time: Timestamp) {
        var told = LastOperation(
            time: time, boot: boot, sequence: sequence, place: operations.count, operation: .init(operation))
        var change = Change()
        switch operation {
        case .alloc(let size, let owner, let callSite):
            let block = allocate(size, owner: owner, callSite: callSite, &told, &change)
            blocks.append(block)
        case .allocAt(let address, let size, let callSite):
            told.address = Address(address)
            watched[address] = allocate(size, owner: 0, callSite: callSite, &told, &change)
        case .free(let depth):
            told.depth = Int(depth)
            free(index(depth).map { blocks.remove(at: $0) }, &told, &change)
        case .freeAt(let address):
            told.address = Address(address)
            free(watched.removeValue(forKey: address), &told, &change)
        case .resize(let depth, let size):
            told.depth = Int(depth)
            let index = index(depth)
            resize(index.map { blocks[$0] }, to: size, &told, &change)
            if let index { blocks[index].size = size }
        case .resizeAt(let address, let size, let target):
            told.address = Address(address)
            if target != address { told.newAddress = Address(target) }
            var block = watched.removeValue(forKey: address)
            resize(block, to: size, &told, &change)
            block?.size = size
            watched[target] = block
        case .reown(let depth, let owner): hand(depth, to: owner, &told)
        case .orphan(let depth): hand(depth, to: 0, &told)
        case .compact(let depth, _):
            told.depth = Int(depth)
            if let index = index(depth) { describe(blocks[index], &told) }
        case .failed(let size, let why, let owner, let callSite):
            (told.size, told.reason) = (Int(size), HeapOperation.FailureReason(why))
            (told.owner, told.callSite) = (Self.address(owner), Self.address(callSite))
        case .badPointer(let owner): told.owner = Self.address(owner)
        case .reset:
            (blocks, watched, change.isReset) = ([], [:], true)
            (allocations, reset) = (0, operations.count + 1)
        }
        operations.append(told)
        changes.append(change)
    }

    mutating func add(_ change: PinChange, at time: Timestamp) {
        var told = LastOperation(
            time: time, boot: boot, sequence: sequence, place: operations.count, operation: .init(change))
        told.depth = Int(change.depth)
        if let index = index(change.depth) { describe(blocks[index], &told) }
        operations.append(told)
        changes.append(Change())
    }

    private mutating func allocate(
        _ size: UInt32, owner: UInt64, callSite: UInt64, _ told: inout LastOperation, _ change: inout Change
    ) -> Block {
        // Can't overflow: one for each operation of a frame, which has 4096 bytes.
        allocations += 1
        let block = Block(size: size, owner: owner, callSite: callSite, number: allocations)
        describe(block, &told)
        change = Change(used: Int(clamping: layout.aligned(size)), liveBlocks: 1)
        return block
    }

    private func free(_ block: Block?, _ told: inout LastOperation, _ change: inout Change) {
        if let block { describe(block, &told) }
        change = Change(used: block.map { 0 - Int(clamping: layout.aligned($0.size)) }, liveBlocks: -1)
    }

    private func resize(_ block: Block?, to size: UInt32, _ told: inout LastOperation, _ change: inout Change) {
        if let block {
            describe(block, &told)
            told.oldSize = Int(block.size)
        }
        told.size = Int(size)
        change.used = block.map { Int(clamping: layout.aligned(size)) - Int(clamping: layout.aligned($0.size)) }
    }

    private mutating func hand(_ depth: UInt32, to owner: UInt64, _ told: inout LastOperation) {
        told.depth = Int(depth)
        if let index = index(depth) {
            describe(blocks[index], &told)
            told.oldOwner = told.owner
            blocks[index].owner = owner
        }
        told.owner = Self.address(owner)
    }

    private func describe(_ block: Block, _ told: inout LastOperation) {
        (told.size, told.allocation) = (Int(block.size), block.number)
        (told.owner, told.callSite) = (Self.address(block.owner), Self.address(block.callSite))
    }

    private static func address(_ value: UInt64) -> Address? { value == 0 ? nil : Address(value) }

    /// The operations, with what the heap's state after them tells of each.
    func finished(_ state: HeapState) -> [LastOperation] {
        var operations = operations
        // Until these operations the heap had made so many; what was before a reset is not counted on.
        let before = Int(clamping: state.totals.allocations) - allocations
        var (used, liveBlocks): (Int?, Int?) = (Int(state.used), Int(state.liveBlocks))
        for index in operations.indices.reversed() {
            let number = operations[index].allocation
            operations[index].allocation = before >= 0 && index >= reset ? number.map { $0.addingClamped(before) } : nil
            // Figures that no heap has are not shown.
            (operations[index].used, operations[index].liveBlocks) = (
                used.flatMap { $0 < 0 ? nil : $0 }, liveBlocks.flatMap { $0 < 0 ? nil : $0 }
            )
            let change = changes[index]
            if change.isReset {
                (operations[index].used, operations[index].liveBlocks) = (0, 0)
                (used, liveBlocks) = (nil, nil)
            }
            used = change.used.flatMap { change in used?.subtractingClamped(change) }
            liveBlocks = liveBlocks?.subtractingClamped(change.liveBlocks)
        }
        return operations
    }
}
