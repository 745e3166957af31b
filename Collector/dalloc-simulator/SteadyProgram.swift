// SPDX-License-Identifier: Apache-2.0
//
// A firmware in balance. Frees come nearly in the reverse order of allocations, as with nested work.

struct SteadyProgram: Program {
    private let target: Int
    /// Slots of live blocks in the order of their allocation.
    private var live: [Int] = []
    private var vacant: [Int]

    /// Keeps about `target` blocks, in the slots from 0 on.
    init(target: Int) {
        self.target = target
        vacant = Array((0..<target + 40).reversed())
    }

    mutating func step(_ heap: ProgramHeap, _ random: inout SeededRandom) {
        let chance = random.below(100)
        if chance < 8, !live.isEmpty {
            heap.resize(live[random.below(live.count)], to: random.smallSize())
        } else if chance < 11, !live.isEmpty, let slot = vacant.popLast() {
            let index = random.below(live.count)
            heap.hand(live[index], to: slot)
            vacant.append(live[index])
            live[index] = slot
        } else if random.below(100) < min(95, max(5, 50 + (target - live.count) * 3)) {
            allocate(heap, &random)
        } else if !live.isEmpty {
            let isNearTop = random.below(100) < 60
            let depth = random.below(isNearTop ? min(3, live.count) : live.count)
            let slot = live.remove(at: live.count - 1 - depth)
            heap.free(slot)
            vacant.append(slot)
        }
    }

    private mutating func allocate(_ heap: ProgramHeap, _ random: inout SeededRandom) {
        guard let slot = vacant.popLast() else { return }
        if heap.allocate(random.smallSize(), slot) {
            live.append(slot)
        } else {
            vacant.append(slot)
        }
    }
}
