// SPDX-License-Identifier: Apache-2.0

internal import CDalloc
internal import Testing

/// Pointer variables that the program has advanced, overwritten, or given up: what is written to them, and what never is.
@Suite struct OwnerTests {
    private static func at(_ address: UInt) -> UnsafeMutableRawPointer? { UnsafeMutableRawPointer(bitPattern: address) }

    // MARK: - The end of a heap

    enum End: CaseIterable {
        case deinitialised, madeAnew
    }

    /// The owners may be gone by then, and their memory may serve something else.
    @Test(arguments: End.allCases)
    func theEndOfAHeapWritesThroughNoOwner(end: End) {
        let heap = TestHeap()
        heap.allocate(16, 0)
        heap.allocate(8, 1)
        heap.allocate(8, 2)
        heap.outside(1).pointee = Self.at(0x1234)
        let kept = [heap.outside(0).pointee, heap.outside(1).pointee, heap.outside(2).pointee]
        switch end {
        case .deinitialised: heap_deinit(heap.heap)
        case .madeAnew: heap.start()
        }
        #expect([heap.outside(0).pointee, heap.outside(1).pointee, heap.outside(2).pointee] == kept)
        #expect(heap.table.isEmpty)
    }

    @Test func anEndedHeapLeavesItsMemoryAndItsPeaks() {
        let heap = TestHeap()
        heap.allocate(16, 0)
        heap.allocate(8, 1)
        heap.free(1)
        heap.fill(0..<16, with: 7)
        heap_deinit(heap.heap)
        #expect(heap.events.last == .reset)
        #expect(heap.bytes(0..<16).allSatisfy { $0 == 7 })
        #expect(heap.heap.pointee.mem == nil && heap.heap.pointee.total_size == 0 && heap.heap.pointee.offset == 0)
        #expect(heap.heap.pointee.alloc_info.max_memory_amount == 24)
        #expect(heap.heap.pointee.alloc_info.max_allocations_amount == 2)
        #expect(heap.heap.pointee.alloc_info.total_allocations == 0)
        heap.start()
        #expect(heap.heap.pointee.alloc_info.max_memory_amount == 0)
        heap.allocate(8, 0)
        #expect(heap.offset(0) == 0)
    }

    // MARK: - Advanced

    /// `while (*line++ != '=')`, and then something before the line is freed.
    @Test(arguments: [0, 1, 19, 20])
    func anAdvancedOwnerGoesOnPointingToItsByte(advance: Int) {
        let heap = TestHeap()
        heap.allocate(12, 0)
        heap.allocate(20, 1)
        heap.allocate(8, 2)
        heap.outside(1).pointee = heap.memory + 12 + advance
        heap.free(0)
        #expect(heap.offset(1) == advance && heap.offset(2) == 20)
        #expect(dalloc_heap_check(heap.heap, nil) == nil)
        // Also up, when something before it grows.
        #expect(heap.resize(1, to: 20) && heap.offset(1) == 0)
        heap.outside(2).pointee = heap.memory + 23
        #expect(heap.resize(1, to: 64))
        #expect(heap.offset(2) == 67)
    }

    @Test func anAdvancedOwnerInsideTheHeapIsShiftedWhereItMovesTo() {
        let heap = TestHeap()
        heap.allocate(12, 0)
        heap.allocate(16, 1)
        dalloc(heap.heap, 8, heap.inside(20))
        heap.inside(20).pointee = heap.memory + 28 + 3
        heap.free(0)
        #expect(heap.inside(8).pointee == heap.memory + 16 + 3)
        #expect(heap.table[1].owner == UInt(bitPattern: heap.inside(8)))
    }

    @Test func aLazyHeapShiftsAdvancedOwnersWhenItCompacts() {
        let heap = TestHeap(size: 128)
        heap.heap.pointee.observer = nil
        #expect(dalloc_heap_set_policy(heap.heap, DALLOC_POLICY_LAZY, 8))
        heap.allocate(32, 0)
        heap.allocate(32, 1)
        heap.allocate(32, 2)
        (heap.outside(1).pointee, heap.outside(2).pointee) = (heap.memory + 64, heap.memory + 69)
        heap.free(0)
        #expect(heap.offset(1) == 64 && heap.offset(2) == 69)
        heap.allocate(64, 3)
        #expect(heap.offset(1) == 32 && heap.offset(2) == 37 && heap.offset(3) == 64)
    }

    @Test func anAdvancedOwnerIsFreedWithoutAWord() {
        let heap = TestHeap()
        heap.allocate(16, 0)
        heap.allocate(8, 1)
        heap.outside(0).pointee = heap.memory + 5
        #expect(Messages.from { heap.free(0) }.isEmpty)
        #expect(heap.outside(0).pointee == nil)
        #expect(heap.table == [TestHeap.Row(offset: 0, size: 8, owner: heap.owner(1))])
        // A copy of what it holds now names it, too; so does its start.
        heap.outside(1).pointee = heap.memory + 8
        heap.outside(5).pointee = heap.memory + 8
        #expect(validate_ptr(heap.heap, heap.outside(5), USING_PTR_VALUE, nil))
        heap.outside(5).pointee = heap.memory + 7
        #expect(!validate_ptr(heap.heap, heap.outside(5), USING_PTR_VALUE, nil))
        heap.outside(5).pointee = heap.memory
        #expect(Messages.from { dfree(heap.heap, heap.outside(5), USING_PTR_VALUE) }.isEmpty)
        #expect(heap.outside(1).pointee == nil && heap.table.isEmpty)
    }

    @Test func reallocationSetsAnAdvancedOwnerToTheStartAndSaysSo() {
        let heap = TestHeap()
        heap.allocate(16, 0)
        heap.fill(0..<16, with: 3)
        heap.outside(0).pointee = heap.memory + 5
        #expect(!heap.resize(0, to: 0))
        #expect(heap.offset(0) == 5, "nothing has changed")
        let messages = Messages.from { #expect(heap.resize(0, to: 40)) }
        #expect(messages == ["drealloc: the variable was changed; its block is 0"])
        #expect(heap.offset(0) == 0)
        #expect(heap.bytes(0..<16).allSatisfy { $0 == 3 })
    }

    @Test func anAdvancedOwnerHandsItsPlaceOver() {
        let heap = TestHeap()
        heap.allocate(16, 0)
        heap.outside(0).pointee = heap.memory + 16
        #expect(Messages.from { replace_pointers(heap.heap, heap.outside(0), heap.outside(1)) }.isEmpty)
        #expect(heap.outside(0).pointee == nil && heap.offset(1) == 16)
        heap.outside(1).pointee = heap.memory + 17
        #expect(Messages.from { replace_pointers(heap.heap, heap.outside(1), heap.outside(0)) }.count == 1)
        #expect(heap.offset(0) == 0, "the other one pointed nowhere in the block")
    }

    // MARK: - Overwritten, or gone

    @Test(arguments: [0, 1, 0x1234, UInt.max, UInt.max - 7])
    func aMoveLeavesAnOwnerAloneThatPointsElsewhere(value: UInt) {
        let heap = TestHeap()
        heap.allocate(12, 0)
        heap.allocate(8, 1)
        heap.allocate(8, 2)
        heap.outside(1).pointee = Self.at(value)
        heap.free(0)
        #expect(heap.outside(1).pointee == Self.at(value) && heap.offset(2) == 8)
        #expect(heap.table.map(\.owner) == [heap.owner(1), heap.owner(2)], "it still owns its block")
        #expect(Messages.from { heap.free(1) } == ["dfree: the variable was changed; its block is 0"])
        #expect(heap.outside(1).pointee == nil && heap.offset(2) == 0)
    }

    @Test func aMoveLeavesAnOwnerAloneThatPointsIntoAnotherBlock() {
        let heap = TestHeap()
        heap.allocate(12, 0)
        heap.allocate(8, 1)
        heap.allocate(8, 2)
        heap.outside(1).pointee = heap.memory + 24
        heap.free(0)
        #expect(heap.offset(1) == 24 && heap.offset(2) == 8)
    }

    /// Its memory may serve something else by the time that somebody frees the block by a copy.
    @Test func freeingByACopyWritesNothingToAnOwnerThatIsGone() {
        let heap = TestHeap()
        heap.allocate(8, 0)
        heap.outside(5).pointee = heap.memory
        heap.outside(0).pointee = Self.at(0x1234)
        dfree(heap.heap, heap.outside(5), USING_PTR_VALUE)
        #expect(heap.outside(0).pointee == Self.at(0x1234) && heap.table.isEmpty)
    }

    // MARK: - Owners of two blocks

    /// A leak: the first block stays, and the variable is written once when both move.
    @Test func aVariableThatIsGivenToDallocAgainOwnsBothBlocks() {
        let heap = TestHeap()
        heap.allocate(12, 1)
        heap.allocate(8, 0)
        _ = heap.takeEvents()
        #expect(Messages.from { heap.allocate(12, 0) }.isEmpty)
        #expect(heap.table.map(\.owner) == [heap.owner(1), heap.owner(0), heap.owner(0)])
        #expect(heap.takeEvents() == [.alloc(index: 2, size: 12, owner: heap.owner(0))])
        #expect(heap.offset(0) == 20)
        // The second starts where the first one ends.
        #expect(heap.resize(1, to: 16) && heap.offset(0) == 24)
        heap.free(1)
        #expect(heap.offset(0) == 8)
        heap.free(0)
        #expect(heap.table == [TestHeap.Row(offset: 0, size: 8, owner: heap.owner(0))])
        heap.free(0)
        #expect(heap.table.isEmpty)
    }

    @Test func anOwnerOfTwoBlocksIsShiftedOnceWhenTheyMoveOneByOne() {
        let heap = TestHeap(size: 128)
        heap.heap.pointee.observer = nil
        #expect(dalloc_heap_set_policy(heap.heap, DALLOC_POLICY_LAZY, 1))
        heap.allocate(12, 1)
        heap.allocate(8, 0)
        heap.allocate(12, 0)
        heap.free(1)
        #expect(dalloc_heap_compact(heap.heap, 1) == 12)
        #expect(heap.offset(0) == 20, "only the first has moved")
        #expect(dalloc_heap_compact(heap.heap, 1) == 0)
        #expect(heap.offset(0) == 8)
    }

    @Test func freeingTheOlderOfTwoBlocksByACopyLeavesTheOwnerToTheNewerOne() {
        let heap = TestHeap()
        heap.allocate(8, 0)
        heap.allocate(12, 0)
        heap.outside(5).pointee = heap.memory
        dfree(heap.heap, heap.outside(5), USING_PTR_VALUE)
        #expect(heap.offset(0) == 0)
        #expect(heap.table == [TestHeap.Row(offset: 0, size: 12, owner: heap.owner(0))])
    }

    @Test func afterAFailedAllocationTheVariableIsNullAndStaysSo() {
        let heap = TestHeap(size: 64)
        heap.allocate(4, 1)
        heap.allocate(8, 0)
        heap.allocate(100, 0)
        #expect(heap.outside(0).pointee == nil)
        heap.free(1)
        #expect(heap.outside(0).pointee == nil)
        #expect(heap.table == [TestHeap.Row(offset: 0, size: 8, owner: heap.owner(0))])
        heap.free(0)
        #expect(heap.table.isEmpty)
    }
}
