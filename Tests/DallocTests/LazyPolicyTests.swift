// SPDX-License-Identifier: Apache-2.0
//
// What the lazy policy moves, and when; the stress program holds the rest of it to a model.

internal import CDalloc
internal import Dalloc
internal import Testing

@Suite struct LazyPolicyTests {
    private let test = TestHeap(size: 256)

    /// Blocks of these sizes, and which of them are freed again.
    private func start(_ sizes: [UInt32], freeing freed: [Int], step: UInt32 = 0) {
        test.heap.pointee.observer = nil
        #expect(dalloc_heap_set_policy(test.heap, DALLOC_POLICY_LAZY, step))
        test.observe()
        for (index, size) in sizes.enumerated() { dalloc(test.heap, size, test.outside(index)) }
        for index in freed { dfree(test.heap, test.outside(index), USING_PTR_ADDRESS) }
        _ = test.takeEvents()
    }

    private var offsets: [UInt32] {
        let table = dalloc_port_table(test.heap)
        return (0..<Int(test.heap.pointee.alloc_info.allocations_num)).map { table[$0].offset }
    }

    private func expectSound() {
        let broken = dalloc_heap_check(test.heap, nil)
        #expect(broken == nil, "\(broken.map { String(cString: $0) } ?? "")")
    }

    @Test func aFreeMovesNothing() {
        start([8, 16, 24], freeing: [])
        dfree(test.heap, test.outside(1), USING_PTR_ADDRESS)
        #expect(test.takeEvents() == [.markFree(index: 1)])
        #expect(offsets == [0, 24])
        #expect(test.heap.pointee.offset == 48 && test.heap.pointee.gap_bytes == 16)
        #expect(test.heap.pointee.alloc_info.total_moves == 0)
        expectSound()
    }

    @Test func freeingTheLastBlockTakesTheGapBeforeItAlong() {
        start([8, 16, 24], freeing: [1, 2])
        #expect(test.heap.pointee.offset == 8 && test.heap.pointee.gap_bytes == 0)
        expectSound()
    }

    @Test func aStepMovesOneBlockAtLeast() {
        start([8, 16, 24, 4], freeing: [0], step: 1)
        #expect(dalloc_heap_compact(test.heap, 1) == 8)
        #expect(test.takeEvents() == [.compact(index: 0, bytes: 16)])
        #expect(offsets == [0, 24, 48])
        #expect(dalloc_heap_compact(test.heap, 27) == 8)
        #expect(offsets == [0, 16, 48])
        #expect(dalloc_heap_compact(test.heap, 27) == 0)
        #expect(dalloc_heap_compact(test.heap, 27) == 0)
        #expect(test.takeEvents() == [.compact(index: 1, bytes: 24), .compact(index: 2, bytes: 4)])
        #expect(test.heap.pointee.offset == 44)
        expectSound()
    }

    @Test func aRunMovesAtOnceAndClosesTheLowestGapFirst() {
        start([8, 8, 8, 8, 8, 8], freeing: [0, 3])
        #expect(dalloc_heap_compact(test.heap, 31) == 16)
        #expect(test.takeEvents() == [.compact(index: 0, bytes: 16), .compact(index: 2, bytes: 8)])
        #expect(offsets == [0, 8, 16, 40])
        expectSound()
    }

    @Test func anAllocationThatDoesNotFitCompactsStepByStepUntilItDoes() {
        start([64, 64, 64, 40], freeing: [0], step: 64)
        dalloc(test.heap, 24, test.outside(7))
        #expect(test.takeEvents().first == .alloc(index: 3, size: 24, owner: UInt(bitPattern: test.outside(7))))
        #expect(test.heap.pointee.gap_bytes == 64, "it fits after the last block")
        dalloc(test.heap, 60, test.outside(8))
        let events = test.takeEvents()
        #expect(
            events.dropLast() == [
                .compact(index: 0, bytes: 64), .compact(index: 1, bytes: 64), .compact(index: 2, bytes: 64),
            ])
        #expect(test.heap.pointee.gap_bytes == 0 && test.outside(8).pointee == test.memory + 192)
        dalloc(test.heap, 8, test.outside(9))
        #expect(test.outside(9).pointee == nil, "there is no room, as with the eager policy")
        expectSound()
    }

    @Test func theGapBehindABlockGivesAndTakes() {
        start([32, 32, 32], freeing: [1])
        #expect(drealloc(test.heap, 60, test.outside(0)))
        #expect(offsets == [0, 64] && test.heap.pointee.gap_bytes == 4)
        #expect(drealloc(test.heap, 5, test.outside(0)))
        #expect(offsets == [0, 64] && test.heap.pointee.gap_bytes == 56)
        #expect(drealloc(test.heap, 100, test.outside(0)))
        #expect(offsets == [0, 100] && test.heap.pointee.gap_bytes == 0)
        #expect(drealloc(test.heap, 4, test.outside(2)))
        #expect(test.heap.pointee.offset == 104, "the last block has free memory after it")
        expectSound()
    }

    @Test func theVariableOfTheCallMovesWithItsBlock() throws {
        start([64, 64, 64], freeing: [])
        // The second block holds the variable that asks for a block which fits only after compaction.
        let variable = test.inside(64)
        dfree(test.heap, test.outside(0), USING_PTR_ADDRESS)
        dalloc(test.heap, 100, variable)
        let moved = test.inside(0)
        #expect(moved.pointee == test.memory + 128)
        #expect(validate_ptr(test.heap, moved, USING_PTR_ADDRESS, nil))
        // And one that asks for more of its block.
        dalloc(test.heap, 8, test.outside(5))
        dfree(test.heap, test.outside(2), USING_PTR_ADDRESS)
        #expect(drealloc(test.heap, 170, moved))
        #expect(moved.pointee == test.memory + 64)
        expectSound()
    }

    @Test func backToEagerThereAreNoGaps() {
        start([8, 8, 8, 8], freeing: [0, 2])
        #expect(!dalloc_heap_set_policy(test.heap, DALLOC_POLICY_EAGER, 0), "the observer would not understand")
        test.heap.pointee.observer = nil
        #expect(dalloc_heap_set_policy(test.heap, DALLOC_POLICY_EAGER, 0))
        #expect(test.heap.pointee.gap_bytes == 0 && offsets == [0, 8])
        dfree(test.heap, test.outside(1), USING_PTR_ADDRESS)
        #expect(offsets == [0])
        expectSound()
    }
}
