// SPDX-License-Identifier: Apache-2.0
//
// A model of this project's own heap with the lazy policy (dalloc_heap_set_policy in dalloc.h): a free leaves a gap. An allocation goes
// after the last block. When it would not fit there, gaps are closed, the lowest first and in steps of so many bytes, until it does. A
// resize takes from the gap after its block; when that is too small, all that comes after the block moves, gaps included. So it fails
// in the same operations as ``CompactingHeap``, and moves other bytes.
//
// It leaves out: owners and orphans; compaction that the program asks for when it has time (dalloc_heap_compact), and what other
// threads do between two steps, which no recorded operation tells.

struct LazyCompactingHeap: HeapModel {
    let size: UInt32
    let mostBlocks: UInt32?
    private let alignment: Int
    /// The most bytes that one step moves, but one block in any case.
    private let stepBytes: Int
    private var order = BlockOrder()
    private(set) var peakUsed = 0
    private(set) var bytesMoved = 0

    /// - Parameters:
    ///   - size: bytes of the heap.
    ///   - alignment: a power of two.
    ///   - mostBlocks: the size of its table; nil for a table that is never full.
    ///   - stepBytes: the most bytes that one step of compaction moves; 0: no limit.
    init(size: UInt32, alignment: UInt32, mostBlocks: UInt32?, stepBytes: UInt32 = 0) {
        (self.size, self.alignment, self.mostBlocks) = (size, Int(alignment), mostBlocks)
        self.stepBytes = stepBytes == 0 ? Int(UInt32.max) : Int(stepBytes)
    }

    var liveBlocks: Int { order.count }
    var used: Int { order.used }
    /// Bytes in gaps, which are free.
    var gapBytes: Int { order.gapBytes }
    /// The bytes after the last multiple of the alignment.
    var fixedOverhead: Int { Int(size) - Int(size).rounded(downTo: alignment) }
    var largestFreeBlock: Int { free }
    var largestAllocation: Int { free }

    mutating func allocate(size: UInt32) -> BlockHandle? {
        let bytes = Int(size).rounded(upTo: alignment)
        guard size > 0, bytes <= free, mostBlocks.map({ liveBlocks < $0 }) ?? true else { return nil }
        if bytes > free - order.gapBytes { compactAll() }
        let slot = order.append(bytes)
        peakUsed = max(peakUsed, used)
        return BlockHandle(slot: slot)
    }

    mutating func free(_ block: BlockHandle) {
        // After the last block there is no gap, but free memory: what was between it and the one before becomes that as well.
        if let next = order.next(block.slot) {
            order.setGap(next, order.gap(next) + order.gap(block.slot) + order.size(block.slot))
        }
        order.remove(block.slot)
    }

    mutating func resize(_ block: BlockHandle, to size: UInt32) -> Bool {
        let (old, new) = (order.size(block.slot), Int(size).rounded(upTo: alignment))
        guard size > 0, new <= free + old else { return false }
        while new > free - order.gapBytes + old + gap(after: block) { compactStep() }
        if let next = order.next(block.slot), new != old {
            let room = old + order.gap(next)
            if new > room { bytesMoved &+= order.end - order.offset(next) }
            order.setGap(next, max(room - new, 0))
        }
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

    private func gap(after block: BlockHandle) -> Int {
        order.next(block.slot).map { order.gap($0) } ?? 0
    }

    /// What any number of steps come to that end with room after the last block: it moves last of all, and each block once.
    private mutating func compactAll() {
        guard let first = order.firstGap else { return }
        // 2^31 operations can't move more bytes than an Int holds.
        bytesMoved &+= order.bytes(from: first)
        while let gap = order.firstGap { order.setGap(gap, 0) }
    }

    /// One step: runs of blocks without gaps between them move down, the lowest first, as long as they don't exceed the step together.
    private mutating func compactStep() {
        var moved = 0
        while moved == 0 || moved < stepBytes, let first = order.firstGap {
            let runEnd = order.nextGap(after: first)
            var after = order.blockExceeding(stepBytes - moved, from: first)
            if after == first {
                guard moved == 0 else { break }
                after = order.next(first)
            }
            // The run ends at the next gap, or where the step does.
            after = lower(after, runEnd)
            let distance = order.gap(first)
            let length = order.bytes(from: first) - (after.map { order.bytes(from: $0) } ?? 0)
            order.setGap(first, 0)
            if let after { order.setGap(after, order.gap(after) + distance) }
            moved += length
        }
        bytesMoved &+= moved
    }

    /// The one with the lower address; nil stands for the end.
    private func lower(_ one: UInt32?, _ other: UInt32?) -> UInt32? {
        guard let one, let other else { return one ?? other }
        return order.offset(one) <= order.offset(other) ? one : other
    }
}
