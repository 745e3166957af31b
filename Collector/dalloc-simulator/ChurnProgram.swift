// SPDX-License-Identifier: Apache-2.0
//
// Much comes and goes. Some blocks are nodes: their first bytes are the pointer variable that owns another block, so
// an owner stands inside the heap and moves with it. When a node is freed before its child, the child becomes an orphan.

struct ChurnProgram: Program {
    private struct Block {
        var slot: Int
        var isNode: Bool
    }

    private var live: [Block] = []
    private var vacant = Array((0..<128).reversed())
    private let target = 45

    mutating func step(_ heap: ProgramHeap, _ random: inout SeededRandom) {
        let chance = random.below(100)
        if chance < 6, heap.freeOrphan() { return }
        if chance < 12 {
            hand(heap, &random)
        } else if chance < 20 {
            growNode(heap, &random)
        } else if chance < 24 {
            resize(heap, &random)
        } else if random.below(100) < min(95, max(5, 50 + (target - live.count) * 2)) {
            allocate(heap, &random)
        } else {
            free(heap, &random)
        }
    }

    private mutating func allocate(_ heap: ProgramHeap, _ random: inout SeededRandom) {
        guard let slot = vacant.popLast() else { return }
        let isNode = random.below(5) == 0
        if heap.allocate(isNode ? UInt32(16 + random.below(48)) : random.smallSize(), slot) {
            if isNode { heap.clearChild(of: slot) }
            live.append(Block(slot: slot, isNode: isNode))
        } else {
            vacant.append(slot)
        }
    }

    private mutating func free(_ heap: ProgramHeap, _ random: inout SeededRandom) {
        guard !live.isEmpty else { return }
        let block = live.swapRemove(at: random.below(live.count))
        // One node in five forgets its child.
        if block.isNode, random.below(5) > 0 { heap.freeChild(of: block.slot) }
        heap.free(block.slot)
        vacant.append(block.slot)
    }

    private mutating func hand(_ heap: ProgramHeap, _ random: inout SeededRandom) {
        guard !live.isEmpty, let slot = vacant.popLast() else { return }
        let index = random.below(live.count)
        heap.hand(live[index].slot, to: slot)
        vacant.append(live[index].slot)
        live[index].slot = slot
    }

    private mutating func growNode(_ heap: ProgramHeap, _ random: inout SeededRandom) {
        guard let node = live.last(where: { $0.isNode && !heap.hasChild($0.slot) }) else { return }
        heap.allocateChild(random.smallSize() / 2, of: node.slot)
    }

    private func resize(_ heap: ProgramHeap, _ random: inout SeededRandom) {
        guard !live.isEmpty else { return }
        let block = live[random.below(live.count)]
        // A node keeps the bytes that its child's owner stands in.
        heap.resize(block.slot, to: block.isNode ? UInt32(16 + random.below(48)) : random.smallSize())
    }
}
