// SPDX-License-Identifier: Apache-2.0
//
// The order of free pieces, held to a list that is looked through from end to end; with so many that rows are divided and united.

import TestSupport
import Testing

@testable import DallocCollector

@Suite struct FreePiecesTests {
    @Test(arguments: [FreePieces.Order.address, .size])
    func theyAgreeWithAPlainList(order: FreePieces.Order) throws {
        var random = SeededRandom(seed: 7)
        // Each second piece is in use, so that no two join.
        var heap = HeapPieces(size: 400_000)
        var last: UInt32 = 0
        var numbers: [UInt32] = []
        while heap[last].size > 400 {
            numbers.append(last)
            last = heap.cut(last, after: 8 * (1 + random.below(20)))
        }
        var pieces = FreePieces(by: order)
        var present: Set<UInt32> = []
        var (most, hasShrunk) = (0, false)
        for step in 0..<40_000 {
            // Some thousand, then few, and again.
            let number = numbers[random.below(numbers.count)]
            let grows = (step / 10_000).isMultiple(of: 2)
            if present.contains(number), !grows || random.once(in: 8) {
                pieces.remove(heap[number])
                present.remove(number)
            } else if !present.contains(number), grows || random.once(in: 30) {
                pieces.insert(heap[number], number)
                present.insert(number)
            }
            guard step % 250 == 0 else { continue }
            #expect(pieces.largestSize == present.map { heap[$0].size }.max() ?? 0)
            let sorted = present.sorted { one, other in
                let (one, other) = (heap[one], heap[other])
                return order == .size && one.size != other.size ? one.size < other.size : one.offset < other.offset
            }
            for wanted in [1] + stride(from: 8, through: 168, by: 8) {
                let first = sorted.first { heap[$0].size >= wanted }
                try #require(pieces.first(ofSize: wanted) == first, "step \(step)")
            }
            most = max(most, present.count)
            if present.count < 800, most > 3000 { hasShrunk = true }
        }
        #expect(hasShrunk, "the run would prove little otherwise")
        for number in present { pieces.remove(heap[number]) }
        #expect(pieces.largestSize == 0 && pieces.first(ofSize: 1) == nil)
    }
}
