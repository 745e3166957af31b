// SPDX-License-Identifier: Apache-2.0
//
// What a question of the kind "and in another heap?" replays operations in. A model follows the sizes and places of blocks as an
// allocator would, and has none of its bytes: its memory is bounded by the number of live blocks, whatever the heap's size. Each
// model says what it leaves out and where the behaviour that it follows is published.
//
// Sizes in requests are a device's and may be any number. Inside, bytes are an Int, in which no sum of them can overflow.

protocol HeapModel: Sendable {
    /// Bytes of the heap.
    var size: UInt32 { get }
    /// The most live blocks; nil where the allocator has no table.
    var mostBlocks: UInt32? { get }
    var liveBlocks: Int { get }
    /// Bytes that blocks take, with the allocator's headers and padding.
    var used: Int { get }
    /// The highest ``used`` so far, also in the middle of a resize that copies.
    var peakUsed: Int { get }
    /// Bytes that the allocator itself takes, or can't use, however few blocks there are: `used + free + fixedOverhead == size`.
    var fixedOverhead: Int { get }
    /// Bytes of the largest free block, with the header that an allocation would take from it. Where blocks can be moved, all that
    /// compaction would join is one free block.
    var largestFreeBlock: Int { get }
    /// The largest size that would be granted now, if the table had an entry left.
    var largestAllocation: Int { get }
    /// Bytes moved by compaction and copied by resizes, since the model was made: a reset keeps it.
    var bytesMoved: Int { get }

    /// Nil when the allocator would fail, as it does for a size of 0; then nothing has changed.
    mutating func allocate(size: UInt32) -> BlockHandle?
    mutating func free(_ block: BlockHandle)
    /// Resizes a block as this allocator's realloc does. The handle stays valid. False when it would fail; then nothing has changed.
    mutating func resize(_ block: BlockHandle, to size: UInt32) -> Bool
    /// Forgets all blocks.
    mutating func reset()

    /// True when `size` bytes would not fit even if all free bytes were in one piece.
    /// - Parameter block: the one that is to get that size; nil for an allocation.
    func exceedsFree(_ size: UInt32, resizing block: BlockHandle?) -> Bool
}

extension HeapModel {
    /// Bytes of all free blocks.
    var free: Int { Int(size) - used - fixedOverhead }
}

extension Int {
    /// The nearest multiple of `alignment`, a power of two, that is not below.
    func rounded(upTo alignment: Int) -> Int { (self + alignment - 1) & ~(alignment - 1) }

    /// The nearest multiple of `alignment`, a power of two, that is not above.
    func rounded(downTo alignment: Int) -> Int { self & ~(alignment - 1) }
}
