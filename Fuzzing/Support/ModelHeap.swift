// SPDX-License-Identifier: Apache-2.0
//
// A heap as schema/wire.md describes it, in the plainest way: a list of blocks that know where they are. It shares no code with the
// replica and none with the allocator, so that it can tell whether they are right.

import HeapWire

struct ModelHeap {
    struct Block: Equatable {
        var size: UInt32
        /// Bytes from the heap's base.
        var start: UInt64
        var owner: UInt64
        var callSite: UInt64
    }

    let layout: HeapLayout
    var blocks: [Block] = []
    private(set) var totals = HeapTotals()

    init(_ layout: HeapLayout) {
        self.layout = layout
    }

    func padded(_ size: UInt32) -> UInt64 {
        let alignment = layout.isWatched ? 1 : UInt64(layout.alignment)
        return (UInt64(size) + alignment - 1) / alignment * alignment
    }

    func end(of block: Block) -> UInt64 { block.start + padded(block.size) }
    var end: UInt64 { blocks.last.map { end(of: $0) } ?? 0 }
    var used: UInt64 { blocks.reduce(0) { $0 + padded($1.size) } }

    func gap(before index: Int) -> UInt64 {
        blocks[index].start - (index == 0 ? 0 : end(of: blocks[index - 1]))
    }

    /// The owner of the block that it frees or hands over; 0 where there is none.
    func owner(before operation: Operation) -> UInt64 {
        switch operation {
        case .free(let depth), .reown(let depth, _): index(depth).map { blocks[$0].owner } ?? 0
        default: 0
        }
    }

    /// Does the operation. False, and nothing has changed, when this heap can't have done it.
    mutating func apply(_ operation: Operation) -> Bool {
        switch operation {
        case .alloc(let size, let owner, let callSite):
            guard size > 0, blocks.count < Int(layout.tableSize), end + padded(size) <= UInt64(layout.size) else {
                return false
            }
            blocks.append(Block(size: size, start: end, owner: owner, callSite: callSite))
            totals.allocations += 1
        case .free(let depth):
            guard let index = index(depth) else { return false }
            free(index)
        case .resize(let depth, let size):
            guard let index = index(depth), size > 0 else { return false }
            return resize(index, to: size)
        case .compact(let depth, let bytes):
            guard layout.isLazy, let index = index(depth) else { return false }
            return compact(index, bytes: UInt64(bytes))
        case .reown(let depth, let owner):
            guard let index = index(depth) else { return false }
            blocks[index].owner = owner
        case .orphan(let depth):
            guard let index = index(depth) else { return false }
            blocks[index].owner = 0
        case .failed: totals.failures += 1
        case .badPointer: break
        case .reset: (blocks, totals) = ([], HeapTotals())
        case .allocAt(let address, let size, let callSite):
            guard enter(address, Block(size: size, start: 0, owner: 0, callSite: callSite)) else { return false }
            totals.allocations += 1
        case .freeAt(let address):
            guard let index = index(ofBlockAt: address) else { return false }
            blocks.remove(at: index)
            totals.frees += 1
        case .resizeAt(let address, let size, let target):
            guard let index = index(ofBlockAt: address) else { return false }
            var block = blocks.remove(at: index)
            let old = block
            block.size = size
            guard enter(target, block) else {
                blocks.insert(old, at: index)
                return false
            }
        }
        return true
    }

    func index(_ depth: UInt32) -> Int? {
        Int(depth) < blocks.count ? blocks.count - 1 - Int(depth) : nil
    }

    private mutating func free(_ index: Int) {
        let size = padded(blocks[index].size)
        totals.frees += 1
        if !layout.isLazy { move(index + 1..<blocks.count, by: -Int64(size)) }
        blocks.remove(at: index)
    }

    private mutating func resize(_ index: Int, to size: UInt32) -> Bool {
        let later = index + 1..<blocks.count
        let newEnd = blocks[index].start + padded(size)
        var distance: Int64 = 0
        if let next = later.first {
            distance = Int64(newEnd) - Int64(blocks[next].start)
            if layout.isLazy { distance = max(distance, 0) }
        }
        guard (later.isEmpty ? newEnd : end &+ UInt64(bitPattern: distance)) <= UInt64(layout.size) else {
            return false
        }
        if distance != 0 { move(later, by: distance) }
        blocks[index].size = size
        return true
    }

    private mutating func compact(_ first: Int, bytes: UInt64) -> Bool {
        let gap = gap(before: first)
        guard gap > 0, let last = blocks.indices[first...].first(where: { taken(first...$0) == bytes }) else {
            return false
        }
        move(first..<last + 1, by: -Int64(gap))
        return true
    }

    /// The bytes of these blocks; nil when there are gaps between them.
    func taken(_ range: ClosedRange<Int>) -> UInt64? {
        for index in range.dropFirst() where gap(before: index) > 0 { return nil }
        return end(of: blocks[range.upperBound]) - blocks[range.lowerBound].start
    }

    private mutating func move(_ range: Range<Int>, by distance: Int64) {
        guard let first = range.first, let last = range.last else { return }
        let from = blocks[first].start
        let bytes = end(of: blocks[last]) - from
        totals.moves += UInt64(range.count)
        totals.bytesMoved += bytes
        let highest = layout.pointerWidth == 8 ? UInt64.max : 0xFFFF_FFFF
        // Orphans have no owner that could move.
        for index in blocks.indices where blocks[index].owner != 0 {
            let (offset, isBelow) = blocks[index].owner.subtractingReportingOverflow(layout.baseAddress + from)
            guard !isBelow, offset < bytes else { continue }
            blocks[index].owner = (blocks[index].owner &+ UInt64(bitPattern: distance)) & highest
        }
        for index in range { blocks[index].start = UInt64(Int64(blocks[index].start) + distance) }
    }
}
