// SPDX-License-Identifier: Apache-2.0
//
// The table of a compacting heap: blocks in the order of their addresses, new ones last, and gaps between them. A block's offset
// is a sum of what is before it, so that moving all blocks after one costs no more than moving one.

struct BlockOrder: Sendable {
    private struct Block {
        /// Bytes that it takes, padding included.
        var size: UInt32
        /// Free bytes between the block before and this one.
        var gap: UInt32 = 0
        /// Positions ascend in the order of addresses; those of blocks that are gone stay empty until ``renumber()``.
        var position = 0
        var previous: UInt32
        var next: UInt32
    }

    private static let none = UInt32.max
    private static let fewestPositions = 64

    /// By slot.
    private var blocks: [Block] = []
    private var freeSlots: [UInt32] = []
    /// By position.
    private var slots: [UInt32] = []
    private var sizes: PrefixSums
    private var gaps: PrefixSums
    private var first = none
    private var last = none

    private(set) var count = 0
    /// The sum of all sizes.
    private(set) var used = 0
    /// The sum of all gaps.
    private(set) var gapBytes = 0

    /// Where the last block ends.
    var end: Int { used + gapBytes }

    init() {
        let empty = [UInt32](repeating: 0, count: Self.fewestPositions)
        (sizes, gaps) = (PrefixSums(empty), PrefixSums(empty))
    }

    /// Appends a block of `size` bytes after the last one. The new ``end`` must be below 2^32.
    mutating func append(_ size: Int) -> UInt32 {
        if slots.count == sizes.count { renumber() }
        let slot = freeSlots.popLast() ?? UInt32(truncatingIfNeeded: blocks.count)
        let size = UInt32(truncatingIfNeeded: size)
        let block = Block(size: size, position: slots.count, previous: last, next: Self.none)
        if Int(slot) == blocks.count { blocks.append(block) } else { blocks[Int(slot)] = block }
        if last == Self.none { first = slot } else { blocks[Int(last)].next = slot }
        last = slot
        sizes.add(size, at: slots.count)
        slots.append(slot)
        count += 1
        used += Int(size)
        return slot
    }

    /// Takes a block out, with the gap before it. All after it moves down.
    mutating func remove(_ slot: UInt32) {
        setSize(slot, 0)
        setGap(slot, 0)
        let block = blocks[Int(slot)]
        if block.previous == Self.none { first = block.next } else { blocks[Int(block.previous)].next = block.next }
        if block.next == Self.none { last = block.previous } else { blocks[Int(block.next)].previous = block.previous }
        freeSlots.append(slot)
        count -= 1
    }

    func size(_ slot: UInt32) -> Int { Int(blocks[Int(slot)].size) }

    /// Free bytes between the block before and this one.
    func gap(_ slot: UInt32) -> Int { Int(blocks[Int(slot)].gap) }

    /// The block after this one; nil for the last.
    func next(_ slot: UInt32) -> UInt32? {
        let next = blocks[Int(slot)].next
        return next == Self.none ? nil : next
    }

    /// Bytes from the heap's base to a block.
    func offset(_ slot: UInt32) -> Int {
        let position = blocks[Int(slot)].position
        return sizes.sum(before: position) + gaps.sum(before: position + 1)
    }

    /// The bytes of all blocks from this one on, without gaps.
    func bytes(from slot: UInt32) -> Int {
        used - sizes.sum(before: blocks[Int(slot)].position)
    }

    /// All after the block moves with its end.
    mutating func setSize(_ slot: UInt32, _ size: Int) {
        let (old, new) = (blocks[Int(slot)].size, UInt32(truncatingIfNeeded: size))
        guard old != new else { return }
        blocks[Int(slot)].size = new
        sizes.add(new &- old, at: blocks[Int(slot)].position)
        used += size - Int(old)
    }

    /// The block, and all after it, moves with the end of the gap.
    mutating func setGap(_ slot: UInt32, _ gap: Int) {
        let (old, new) = (blocks[Int(slot)].gap, UInt32(truncatingIfNeeded: gap))
        guard old != new else { return }
        blocks[Int(slot)].gap = new
        gaps.add(new &- old, at: blocks[Int(slot)].position)
        gapBytes += gap - Int(old)
    }

    /// The first block that has a gap before it.
    var firstGap: UInt32? { slot(at: gaps.index(whereSumExceeds: 0)) }

    /// The first block after this one that has a gap before it.
    func nextGap(after slot: UInt32) -> UInt32? {
        self.slot(at: gaps.index(whereSumExceeds: gaps.sum(before: blocks[Int(slot)].position + 1)))
    }

    /// The block at which the blocks from `slot` on, it included, are more than `limit` bytes without gaps.
    func blockExceeding(_ limit: Int, from slot: UInt32) -> UInt32? {
        self.slot(at: sizes.index(whereSumExceeds: sizes.sum(before: blocks[Int(slot)].position) + limit))
    }

    private func slot(at position: Int) -> UInt32? {
        position < slots.count ? slots[position] : nil
    }

    /// Gives the blocks the lowest positions, and room for as many again: so it costs each of them little.
    private mutating func renumber() {
        var positions = Self.fewestPositions
        while positions < 2 * count { positions *= 2 }
        var sizes = [UInt32](repeating: 0, count: positions)
        var gaps = sizes
        slots.removeAll(keepingCapacity: true)
        var slot = first
        while slot != Self.none {
            let index = Int(slot)
            sizes[slots.count] = blocks[index].size
            gaps[slots.count] = blocks[index].gap
            blocks[index].position = slots.count
            slots.append(slot)
            slot = blocks[index].next
        }
        (self.sizes, self.gaps) = (PrefixSums(sizes), PrefixSums(gaps))
    }
}
