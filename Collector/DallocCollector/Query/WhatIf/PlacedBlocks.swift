// SPDX-License-Identifier: Apache-2.0
//
// The live blocks of an allocator that doesn't move them: which piece of the heap each has, and what it was asked for. A resize that
// copies gives a block another piece; its handle stays.

struct PlacedBlocks: Sendable {
    struct Block: Sendable {
        /// The piece of ``HeapPieces`` that it has.
        var piece: UInt32
        /// Bytes that the program asked for.
        var size: UInt32
    }

    private var blocks: [Block] = []
    private var freeSlots: [UInt32] = []

    var count: Int { blocks.count - freeSlots.count }

    mutating func add(_ block: Block) -> BlockHandle {
        if let slot = freeSlots.popLast() {
            blocks[Int(slot)] = block
            return BlockHandle(slot: slot)
        }
        blocks.append(block)
        return BlockHandle(slot: UInt32(truncatingIfNeeded: blocks.count - 1))
    }

    mutating func remove(_ handle: BlockHandle) -> Block {
        freeSlots.append(handle.slot)
        return blocks[Int(handle.slot)]
    }

    subscript(handle: BlockHandle) -> Block {
        get { blocks[Int(handle.slot)] }
        set { blocks[Int(handle.slot)] = newValue }
    }
}
