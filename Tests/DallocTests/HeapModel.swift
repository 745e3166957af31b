// SPDX-License-Identifier: Apache-2.0
//
// The meaning of the C API (design.md, 4.1), written a second time and in another way: blocks in a list, and pointer variables as "this
// place in that block", so that nothing has to be adjusted when blocks move. Addresses are only summed up to compare.

/// Says what a heap must look like after each operation.
final class HeapModel {
    /// Where a pointer variable stands.
    enum Place {
        case outside(Int)
        case inside(Block, position: Int)
    }

    /// A place for a pointer variable inside a block.
    struct Slot {
        let position: Int
        var isOwner = false
    }

    final class Block {
        let token: Int
        var size: Int
        var owner: Place?
        /// How far the program has advanced the owner.
        var advance = 0
        var slots: [Slot] = []
        /// Bytes of a pointer variable that was cut off in its middle: nobody knows what they are.
        var remains: Range<Int>?
        /// Summed up by ``layOut()``.
        var offset = 0

        init(token: Int, size: Int) {
            (self.token, self.size) = (token, size)
        }

        /// What the program wrote at a place where no pointer variable is.
        func content(_ position: Int) -> UInt8 {
            UInt8(truncatingIfNeeded: token &* 37 &+ position &* 11) | 1
        }

        func isContent(_ position: Int) -> Bool {
            if let remains, remains.contains(position) { return false }
            for slot in slots where position >= slot.position && position < slot.position + 8 { return false }
            return true
        }
    }

    struct Totals: Equatable {
        var allocations = 0
        var frees = 0
        var failures = 0
        var moves = 0
        var bytesMoved = 0
        var peak = 0
        var peakBlocks = 0
    }

    let size: Int
    let tableSize: Int
    private(set) var blocks: [Block] = []
    private(set) var totals = Totals()
    private(set) var outsideIsOwner: [Bool]
    private var nextToken = 1

    init(size: Int, tableSize: Int, outside: Int) {
        (self.size, self.tableSize) = (size, tableSize)
        outsideIsOwner = Array(repeating: false, count: outside)
    }

    deinit {
        forgetOwners()
    }

    static func padded(_ size: Int) -> Int {
        (size + 3) / 4 * 4
    }

    var used: Int {
        blocks.reduce(0) { $0 + Self.padded($1.size) }
    }

    /// Sums up where each block starts.
    func layOut() {
        var offset = 0
        for block in blocks {
            block.offset = offset
            offset += Self.padded(block.size)
        }
    }

    func index(ownedBy place: Place) -> Int? {
        blocks.firstIndex { block in
            switch (block.owner, place) {
            case (.outside(let one), .outside(let other)): one == other
            case (.inside(let one, let here), .inside(let other, let there)): one === other && here == there
            default: false
            }
        }
    }

    // MARK: - Operations

    /// The new block, or nil when there must be none. For a variable that owns nothing.
    func allocate(_ size: Int, _ place: Place) -> Block? {
        guard size > 0, blocks.count < tableSize, used + Self.padded(size) <= self.size else {
            totals.failures += 1
            return nil
        }
        let block = Block(token: nextToken, size: size)
        nextToken += 1
        blocks.append(block)
        setOwner(blocks.count - 1, place)
        totals.allocations += 1
        notePeaks()
        return block
    }

    func free(_ index: Int) {
        let gone = blocks[index]
        giveUp(index)
        countMoves(after: index)
        blocks.remove(at: index)
        totals.frees += 1
        for (other, block) in blocks.enumerated() {
            if case .inside(let container, _) = block.owner, container === gone { giveUp(other) }
        }
    }

    /// False when the block must stay as it is.
    func resize(_ index: Int, to size: Int) -> Bool {
        let block = blocks[index]
        let growth = Self.padded(size) - Self.padded(block.size)
        guard size > 0, used + growth <= self.size else {
            totals.failures += 1
            return false
        }
        if growth != 0 { countMoves(after: index) }
        for (other, owned) in blocks.enumerated() {
            if case .inside(block, let position) = owned.owner, position + 8 > size { giveUp(other) }
        }
        if let remains = block.remains {
            block.remains = remains.lowerBound < size ? remains.lowerBound..<min(remains.upperBound, size) : nil
        }
        for slot in block.slots where slot.position < size && slot.position + 8 > size {
            block.remains = slot.position..<size
        }
        block.slots.removeAll { $0.position + 8 > size }
        (block.size, block.advance) = (size, 0)
        notePeaks()
        return true
    }

    func reown(_ index: Int, _ place: Place) {
        giveUp(index)
        setOwner(index, place)
    }

    func fail() {
        totals.failures += 1
    }

    func reset() {
        forgetOwners()
        blocks = []
        totals = Totals()
        for index in outsideIsOwner.indices { outsideIsOwner[index] = false }
    }

    /// Blocks that hold the owners of each other, or their own, would keep each other alive.
    private func forgetOwners() {
        for block in blocks { block.owner = nil }
    }

    /// The block loses its owner.
    private func giveUp(_ index: Int) {
        setIsOwner(blocks[index].owner, false)
        blocks[index].owner = nil
    }

    private func setOwner(_ index: Int, _ place: Place) {
        blocks[index].owner = place
        setIsOwner(place, true)
    }

    private func setIsOwner(_ place: Place?, _ isOwner: Bool) {
        switch place {
        case .outside(let variable): outsideIsOwner[variable] = isOwner
        case .inside(let container, let position):
            for slot in container.slots.indices where container.slots[slot].position == position {
                container.slots[slot].isOwner = isOwner
            }
        case nil: break
        }
    }

    private func countMoves(after index: Int) {
        for block in blocks[(index + 1)...] {
            totals.moves += 1
            totals.bytesMoved += Self.padded(block.size)
        }
    }

    private func notePeaks() {
        totals.peak = max(totals.peak, used)
        totals.peakBlocks = max(totals.peakBlocks, blocks.count)
    }
}

/// So that a pattern can name one block.
private func ~= (pattern: HeapModel.Block, value: HeapModel.Block) -> Bool {
    pattern === value
}
