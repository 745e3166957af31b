// SPDX-License-Identifier: Apache-2.0
//
// A model of this project's own heap with the eager policy: a free closes its gap at once, and a resize moves what comes after the
// block, so an allocation fails only when there is no room at all, or no entry in the table. It follows ``HeapReplica``, and with it
// schema/wire.md, to the operation.
//
// It leaves out: owners and orphans, which don't change where blocks are.

struct CompactingHeap: HeapModel {
    let size: UInt32
    let mostBlocks: UInt32?
    private let alignment: Int
    private var order = BlockOrder()
    private(set) var peakUsed = 0
    private(set) var bytesMoved = 0

    /// - Parameters:
    ///   - size: bytes of the heap.
    ///   - alignment: a power of two.
    ///   - mostBlocks: the size of its table; nil for a table that is never full.
    init(size: UInt32, alignment: UInt32, mostBlocks: UInt32?) {
        (self.size, self.alignment, self.mostBlocks) = (size, Int(alignment), mostBlocks)
    }

    var liveBlocks: Int { order.count }
    var used: Int { order.used }
    /// The bytes after the last multiple of the alignment.
    var fixedOverhead: Int { Int(size) - Int(size).rounded(downTo: alignment) }
    var largestFreeBlock: Int { free }
    var largestAllocation: Int { free }

    mutating func allocate(size: UInt32) -> BlockHandle? {
        let bytes = Int(size).rounded(upTo: alignment)
        guard size > 0, bytes <= free, mostBlocks.map({ liveBlocks < $0 }) ?? true else { return nil }
        let slot = order.append(bytes)
        peakUsed = max(peakUsed, used)
        return BlockHandle(slot: slot)
    }

    mutating func free(_ block: BlockHandle) {
        moveAll(after: block)
        order.remove(block.slot)
    }

    mutating func resize(_ block: BlockHandle, to size: UInt32) -> Bool {
        let (old, new) = (order.size(block.slot), Int(size).rounded(upTo: alignment))
        guard size > 0, new <= free + old else { return false }
        guard new != old else { return true }
        moveAll(after: block)
        order.setSize(block.slot, new)
        peakUsed = max(peakUsed, used)
        return true
    }

    mutating func reset() { order = BlockOrder() }

    func exceedsFree(_ size: UInt32, resizing block: BlockHandle?) -> Bool {
        Int(size).rounded(upTo: alignment) > free + (block.map { order.size($0.slot) } ?? 0)
    }

    /// Bytes from the heap's base to a block.
    func offset(_ block: BlockHandle) -> Int { order.offset(block.slot) }

    private mutating func moveAll(after block: BlockHandle) {
        // 2^31 operations can't move more bytes than an Int holds.
        bytesMoved &+= order.bytes(from: block.slot) - order.size(block.slot)
    }
}
