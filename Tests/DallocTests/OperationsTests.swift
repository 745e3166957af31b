// SPDX-License-Identifier: Apache-2.0

internal import CDalloc
internal import Testing

@Suite struct OperationsTests {
    @Test func freeingTheMiddleBlockMovesTheTail() {
        let heap = TestHeap()
        heap.allocate(10, 0)
        heap.allocate(20, 1)
        heap.allocate(30, 2)
        heap.allocate(5, 3)
        heap.fill(32..<62, with: 3)
        heap.fill(64..<69, with: 4)
        heap.free(1)
        #expect(
            heap.table == [
                TestHeap.Row(offset: 0, size: 10, owner: heap.owner(0)),
                TestHeap.Row(offset: 12, size: 30, owner: heap.owner(2)),
                TestHeap.Row(offset: 44, size: 5, owner: heap.owner(3)),
            ])
        #expect(heap.outside(1).pointee == nil)
        #expect([heap.offset(0), heap.offset(2), heap.offset(3)] == [0, 12, 44])
        #expect(heap.bytes(12..<42).allSatisfy { $0 == 3 })
        #expect(heap.bytes(44..<49).allSatisfy { $0 == 4 })
        #expect(heap.bytes(52..<72).allSatisfy { $0 == 0 })
        #expect(heap.heap.pointee.alloc_info.total_moves == 2)
        #expect(heap.heap.pointee.alloc_info.total_bytes_moved == 40)
        #expect(heap.heap.pointee.alloc_info.max_memory_amount == 72)
        #expect(heap.heap.pointee.alloc_info.max_allocations_amount == 4)
    }

    @Test func aVariableInTheTailMovesWithItsBlockAndStaysTheOwner() {
        let heap = TestHeap()
        heap.allocate(40, 0)
        heap.allocate(16, 1)
        dalloc(heap.heap, 12, heap.inside(48))
        heap.free(0)
        #expect(heap.table[1].owner == UInt(bitPattern: heap.inside(8)))
        #expect(heap.inside(8).pointee == heap.memory + 16)
        dfree(heap.heap, heap.inside(8), USING_PTR_ADDRESS)
        #expect(heap.inside(8).pointee == nil)
        #expect(heap.table.map(\.size) == [16])
    }

    /// The owner of an early block may stand in a late one.
    @Test func anEarlyBlockFollowsItsOwnerInTheTail() {
        let heap = TestHeap()
        heap.allocate(8, 0)
        heap.allocate(40, 1)
        heap.allocate(16, 2)
        replace_pointers(heap.heap, heap.outside(0), heap.inside(56))
        heap.free(1)
        #expect(heap.table[0].owner == UInt(bitPattern: heap.inside(16)))
        #expect(heap.inside(16).pointee == heap.memory)
    }

    @Test func anOwnerThatOnlyEndsInTheFreedBytesIsLost() {
        let heap = TestHeap()
        heap.allocate(8, 0)
        heap.allocate(16, 1)
        dalloc(heap.heap, 8, heap.inside(4))
        heap.free(1)
        #expect(heap.table.map(\.owner) == [heap.owner(0), 0])
        #expect(heap.takeEvents().suffix(2) == [.free(index: 1), .orphan(index: 1)])
    }

    @Test func anOwnerJustBesideTheFreedBytesIsKept() {
        let heap = TestHeap()
        heap.allocate(8, 0)
        heap.allocate(16, 1)
        heap.allocate(8, 2)
        dalloc(heap.heap, 4, heap.inside(0))
        dalloc(heap.heap, 4, heap.inside(24))
        heap.free(1)
        let (before, later) = (UInt(bitPattern: heap.memory), UInt(bitPattern: heap.memory + 8))
        #expect(heap.table.map(\.owner).suffix(2) == [before, later])
    }

    /// A heap whose owners all stand outside spends nothing on looking after them.
    @Test func anOwnerJustBesideTheHeapIsNotInside() {
        let heap = TestHeap(size: 256)
        dalloc(heap.heap, 8, heap.inside(-8))
        dalloc(heap.heap, 8, heap.inside(256))
        #expect(heap.heap.pointee.owners_inside == 0)
        dfree(heap.heap, heap.inside(-8), USING_PTR_ADDRESS)
        #expect(heap.inside(256).pointee == heap.memory)
        #expect(heap.table == [TestHeap.Row(offset: 0, size: 8, owner: UInt(bitPattern: heap.inside(256)))])
    }

    /// The last bytes of the variable are the first of the block: following it would write into the block that comes there.
    @Test func anOwnerThatReachesIntoTheFreedBytesFromBeforeTheHeapIsLost() {
        let heap = TestHeap()
        heap.allocate(8, 0)
        dalloc(heap.heap, 8, heap.inside(-4))
        heap.fill(8..<16, with: 7)
        heap.free(0)
        #expect(heap.table == [TestHeap.Row(offset: 0, size: 8, owner: 0)])
        #expect(heap.bytes(0..<8).allSatisfy { $0 == 7 })
    }

    @Test func aBlockMayHoldItsOwnOwner() {
        let heap = TestHeap()
        heap.allocate(8, 0)
        heap.allocate(16, 1)
        replace_pointers(heap.heap, heap.outside(1), heap.inside(12))
        heap.free(0)
        #expect(heap.inside(4).pointee == heap.memory)
        heap.allocate(8, 2)
        heap.fill(16..<24, with: 5)
        dfree(heap.heap, heap.inside(4), USING_PTR_ADDRESS)
        #expect(heap.table == [TestHeap.Row(offset: 0, size: 8, owner: heap.owner(2))])
        #expect(heap.bytes(0..<8).allSatisfy { $0 == 5 })
        #expect(heap.bytes(8..<24).allSatisfy { $0 == 0 })
    }

    @Test func freeingByAnyCopyOfTheAddressClearsTheOwner() {
        let heap = TestHeap()
        heap.allocate(8, 0)
        heap.outside(1).pointee = heap.outside(0).pointee
        dfree(heap.heap, heap.outside(1), USING_PTR_VALUE)
        #expect(heap.outside(0).pointee == nil)
        #expect(heap.table.isEmpty)
    }

    @Test func aChangedVariableStillNamesItsBlock() {
        let heap = TestHeap()
        heap.allocate(8, 0)
        heap.allocate(8, 1)
        heap.allocate(8, 2)
        heap.outside(0).pointee = heap.outside(2).pointee
        let messages = Messages.from { heap.free(0) }
        #expect(messages == ["dfree: the variable was changed; its block is 0"])
        #expect(heap.table.map(\.owner) == [heap.owner(1), heap.owner(2)])
    }

    @Test func reallocationRepairsAChangedVariable() {
        let heap = TestHeap()
        heap.allocate(8, 0)
        heap.outside(0).pointee = nil
        #expect(heap.resize(0, to: 20))
        #expect(heap.offset(0) == 0)
    }

    @Test func shrinkingCutsOffOwners() {
        let heap = TestHeap()
        heap.allocate(32, 0)
        dalloc(heap.heap, 8, heap.inside(16))
        dalloc(heap.heap, 8, heap.inside(0))
        _ = heap.takeEvents()
        #expect(heap.resize(0, to: 18))
        #expect(heap.takeEvents() == [.resize(index: 0, size: 18), .orphan(index: 1)])
        #expect(heap.table.map(\.offset) == [0, 20, 28])
        #expect(heap.inside(0).pointee == heap.memory + 28)
        #expect(heap.bytes(36..<48).allSatisfy { $0 == 0 })
    }

    /// 16 and 13 bytes take the same room, but the variable at 8 is not whole any more, and growing again zeroes its end.
    @Test func shrinkingWithinThePaddingCutsOffOwners() {
        let heap = TestHeap()
        heap.allocate(16, 0)
        dalloc(heap.heap, 8, heap.inside(8))
        #expect(heap.resize(0, to: 13))
        #expect(heap.table.map(\.owner) == [heap.owner(0), 0])
        #expect(heap.heap.pointee.alloc_info.total_moves == 0)
    }

    @Test func growingMovesTheVariablesBehind() {
        let heap = TestHeap()
        heap.allocate(8, 0)
        heap.allocate(16, 1)
        dalloc(heap.heap, 8, heap.inside(12))
        #expect(heap.resize(0, to: 100))
        #expect(heap.table[2].owner == UInt(bitPattern: heap.inside(104)))
        #expect(heap.inside(104).pointee == heap.memory + 116)
        #expect(heap.offset(1) == 100)
    }

    @Test func aVariableInTheTailCanGrowAnEarlierBlock() {
        let heap = TestHeap()
        heap.allocate(8, 0)
        heap.allocate(16, 1)
        replace_pointers(heap.heap, heap.outside(0), heap.inside(8))
        #expect(drealloc(heap.heap, 28, heap.inside(8)))
        #expect(heap.table[0].owner == UInt(bitPattern: heap.inside(28)))
        #expect(heap.inside(28).pointee == heap.memory)
    }

    @Test func theSameSizeIsFine() {
        let heap = TestHeap()
        heap.allocate(8, 0)
        heap.allocate(8, 1)
        #expect(heap.resize(0, to: 8))
        #expect(heap.heap.pointee.alloc_info.total_moves == 0)
    }

    @Test func theLastBlockMustFitWithItsPadding() {
        let heap = TestHeap(size: 63)
        heap.allocate(56, 0)
        heap.allocate(5, 1)
        #expect(heap.outside(1).pointee == nil)
        heap.allocate(4, 1)
        #expect(heap.offset(1) == 56)
        #expect(!heap.resize(1, to: 7))
        #expect(heap.guardsAreIntact)
    }

    @Test func aHeapMayBeAsSmallAsTheAlignment() {
        let heap = TestHeap(size: 4)
        heap.allocate(4, 0)
        #expect(heap.offset(0) == 0)
        heap.allocate(1, 1)
        #expect(heap.outside(1).pointee == nil)
        #expect(heap.guardsAreIntact)
    }

    @Test func aFullTableFails() {
        let heap = TestHeap()
        let entries = Int(dalloc_port_own_entries())
        for variable in 0..<entries { heap.allocate(1, variable) }
        heap.allocate(1, entries)
        #expect(heap.outside(entries).pointee == nil)
        #expect(heap.table.count == entries)
        #expect(heap.events.last == .failed(size: 1, why: DALLOC_FAILURE_TABLE_FULL, owner: heap.owner(entries)))
    }

    @Test func replacingPointersHandsTheBlockOver() {
        let heap = TestHeap()
        heap.allocate(8, 0)
        heap.allocate(8, 1)
        replace_pointers(heap.heap, heap.outside(1), heap.outside(2))
        #expect(heap.outside(1).pointee == nil)
        #expect(heap.offset(2) == 8)
        heap.free(0)
        #expect(heap.offset(2) == 0)
        #expect(
            heap.events.suffix(2) == [.reown(index: 1, owner: heap.owner(2), from: heap.owner(1)), .free(index: 0)])
    }

    @Test func validatingFindsTheEntry() {
        let heap = TestHeap()
        heap.allocate(8, 0)
        heap.allocate(8, 1)
        heap.outside(2).pointee = heap.outside(1).pointee
        var index: UInt32 = 99
        #expect(validate_ptr(heap.heap, heap.outside(1), USING_PTR_ADDRESS, &index) && index == 1)
        #expect(validate_ptr(heap.heap, heap.outside(0), USING_PTR_ADDRESS, nil))
        #expect(validate_ptr(heap.heap, heap.outside(2), USING_PTR_VALUE, &index) && index == 1)
        index = 99
        #expect(!validate_ptr(heap.heap, heap.outside(2), USING_PTR_ADDRESS, &index) && index == 99)
        heap.outside(2).pointee = heap.memory + 4
        #expect(!validate_ptr(heap.heap, heap.outside(2), USING_PTR_VALUE, nil))
    }

    @Test func initialisingZeroesTheMemoryAndTheStatistics() {
        let heap = TestHeap(size: 256)
        heap.allocate(100, 0)
        heap.allocate(1000, 1)
        heap.fill(0..<256, with: 3)
        heap.start()
        #expect(heap.bytes(0..<256).allSatisfy { $0 == 0 })
        #expect(heap.table.isEmpty)
        #expect(heap.heap.pointee.alloc_info.total_allocations == 0)
        #expect(heap.heap.pointee.alloc_info.total_failures == 0)
        #expect(heap.heap.pointee.alloc_info.max_memory_amount == 0)
        #expect(heap.guardsAreIntact)
    }
}
