// SPDX-License-Identifier: Apache-2.0

internal import CDalloc
internal import Testing

/// What dalloc 1.5 gets wrong, and this library must not (design.md, 4.1). Building without alignment and the switch for
/// zeroing are compile-time matters: see ConfigurationTests.
@Suite struct OriginalMistakesTests {
    @Test(arguments: [UInt32.max, UInt32.max - 1, UInt32.max - 2, UInt32.max - 3, UInt32.max - 4, UInt32.max / 2 + 1])
    func aSizeNearTwoToThe32FindsNoRoom(size: UInt32) {
        let heap = TestHeap()
        heap.allocate(16, 0)
        heap.allocate(size, 1)
        #expect(heap.outside(1).pointee == nil)
        #expect(heap.table.map(\.size) == [16])
        #expect(heap.used == 16)
        #expect(heap.events.last == .failed(size: size, why: DALLOC_FAILURE_NO_ROOM, owner: heap.owner(1)))
    }

    @Test(arguments: [UInt32.max, UInt32.max - 2, UInt32.max - 3, UInt32.max - 15, UInt32.max - 16])
    func resizingToNearTwoToThe32FindsNoRoom(size: UInt32) {
        let heap = TestHeap()
        heap.allocate(16, 0)
        heap.allocate(16, 1)
        #expect(!heap.resize(0, to: size))
        #expect(heap.table.map(\.size) == [16, 16])
        #expect(heap.offset(0) == 0)
        #expect(heap.heap.pointee.alloc_info.total_failures == 1)
    }

    @Test func freeingABlockThatHoldsAnOwnerOrphansTheOwnedBlock() {
        let heap = TestHeap()
        heap.allocate(16, 0)
        dalloc(heap.heap, 24, heap.inside(8))
        heap.allocate(32, 1)
        heap.fill(16..<40, with: 7)
        heap.fill(40..<72, with: 9)
        let (orphaned, third) = (heap.table[1].owner, heap.owner(1))
        #expect(orphaned == UInt(bitPattern: heap.inside(8)))
        _ = heap.takeEvents()
        let messages = Messages.from { heap.free(0) }
        #expect(messages.count == 1)
        #expect(
            heap.table == [
                TestHeap.Row(offset: 0, size: 24, owner: 0), TestHeap.Row(offset: 24, size: 32, owner: third),
            ])
        #expect(heap.takeEvents() == [.free(index: 0), .orphan(index: 0)])
        // Nothing is written where the owner was, neither now nor when the orphan moves.
        #expect(heap.bytes(0..<24).allSatisfy { $0 == 7 })
        #expect(heap.bytes(24..<56).allSatisfy { $0 == 9 })
    }

    @Test func anOrphanMovesAndIsFreedByItsAddress() {
        let heap = TestHeap()
        heap.allocate(8, 0)
        heap.allocate(16, 1)
        dalloc(heap.heap, 24, heap.inside(8))
        heap.fill(24..<48, with: 7)
        heap.free(1)
        heap.free(0)
        #expect(heap.table == [TestHeap.Row(offset: 0, size: 24, owner: 0)])
        #expect(heap.bytes(0..<24).allSatisfy { $0 == 7 })
        heap.outside(5).pointee = heap.memory
        dfree(heap.heap, heap.outside(5), USING_PTR_VALUE)
        #expect(heap.table.isEmpty)
        #expect(heap.used == 0)
    }

    /// The original allocates the new block first: here that would need 96 bytes of 80.
    @Test func reallocationNeedsOnlyTheGrowth() {
        let heap = TestHeap(size: 80)
        heap.allocate(32, 0)
        heap.allocate(16, 1)
        heap.fill(0..<32, with: 1)
        heap.fill(32..<48, with: 2)
        #expect(heap.resize(0, to: 64))
        #expect(heap.table.map(\.size) == [64, 16])
        #expect(heap.offset(0) == 0)
        #expect(heap.offset(1) == 64)
        #expect(heap.bytes(0..<32).allSatisfy { $0 == 1 })
        #expect(heap.bytes(32..<64).allSatisfy { $0 == 0 })
        #expect(heap.bytes(64..<80).allSatisfy { $0 == 2 })
        #expect(heap.guardsAreIntact)
    }

    @Test func growingTheLastBlockMovesNothing() {
        let heap = TestHeap()
        heap.allocate(32, 0)
        heap.allocate(32, 1)
        #expect(heap.resize(1, to: 1000))
        #expect(heap.heap.pointee.alloc_info.total_moves == 0)
        #expect(heap.heap.pointee.alloc_info.total_bytes_moved == 0)
    }

    @Test(arguments: [1, 2, 3])
    func aMisalignedBufferIsRefused(by distance: Int) {
        let heap = TestHeap()
        let messages = Messages.from { heap_init(heap.heap, heap.memory + distance, 256) }
        #expect(messages == ["heap_init: refused: mem is NULL or not aligned to bytes 4"])
        #expect(heap.heap.pointee.mem == nil)
        heap.allocate(8, 0)
        #expect(heap.outside(0).pointee == nil)
        #expect(heap.bytes(0..<16).allSatisfy { $0 == 0 })
    }
}
