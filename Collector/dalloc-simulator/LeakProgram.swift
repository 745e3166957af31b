// SPDX-License-Identifier: Apache-2.0
//
// Steady, but every hundredth step or so loses a block. Once the heap or its table is full, allocations fail from then on.

struct LeakProgram: Program {
    private var steady = SteadyProgram(target: 35)
    /// Behind the slots that the steady part uses.
    private var next = 128

    mutating func step(_ heap: ProgramHeap, _ random: inout SeededRandom) {
        guard random.below(100) == 0, next < ProgramHeap.slots else {
            steady.step(heap, &random)
            return
        }
        if heap.allocate(UInt32(64 + random.below(448)), next) { next += 1 }
    }
}
