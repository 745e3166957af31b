// SPDX-License-Identifier: Apache-2.0
//
// Another allocator's heap: its blocks lie where they are told to.

import HeapWire

extension ModelHeap {
    func index(ofBlockAt address: UInt64) -> Int? {
        blocks.firstIndex { layout.baseAddress &+ $0.start == address }
    }

    /// False, and nothing has changed, when the block has no room there.
    mutating func enter(_ address: UInt64, _ block: Block) -> Bool {
        guard address != 0, address >= layout.baseAddress, block.size > 0, blocks.count < Int(layout.tableSize) else {
            return false
        }
        var block = block
        block.start = address - layout.baseAddress
        guard block.start <= layout.room, UInt64(block.size) <= layout.room - block.start else { return false }
        let isFree = blocks.allSatisfy {
            $0.start >= block.start + UInt64(block.size) || $0.start + UInt64($0.size) <= block.start
        }
        guard isFree else { return false }
        blocks.insert(block, at: blocks.firstIndex { $0.start > block.start } ?? blocks.count)
        return true
    }
}
