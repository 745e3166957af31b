// SPDX-License-Identifier: Apache-2.0
//
// Waves: allocations until one fails, then frees in any order until a low-water mark.

struct BurstProgram: Program {
    private let heapSize: Int
    private var live: [Int] = []
    private var vacant = Array((0..<128).reversed())
    private var isFilling = true
    private var lowWater = 0

    init(heapSize: UInt32) { self.heapSize = Int(heapSize) }

    mutating func step(_ heap: ProgramHeap, _ random: inout SeededRandom) {
        if isFilling, let slot = vacant.popLast() {
            // About seventy blocks fill a heap, so that now room ends first and now the table.
            let size = max(1, heapSize / 200) + random.below(max(1, heapSize / 45))
            if heap.allocate(UInt32(size), slot) {
                live.append(slot)
            } else {
                vacant.append(slot)
                isFilling = false
                lowWater = random.below(live.count / 2 + 1)
            }
        } else if live.count > lowWater {
            let slot = live.swapRemove(at: random.below(live.count))
            heap.free(slot)
            vacant.append(slot)
        } else {
            isFilling = true
        }
    }
}

extension Array {
    /// Removes an element in constant time; the last one takes its place.
    mutating func swapRemove(at index: Int) -> Element {
        swapAt(index, count - 1)
        return removeLast()
    }
}
