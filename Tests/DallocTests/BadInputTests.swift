// SPDX-License-Identifier: Apache-2.0

internal import CDalloc
internal import Testing

@Suite struct BadInputTests {
    /// A heap with two blocks, and what must not change.
    private static func busyHeap() -> TestHeap {
        let heap = TestHeap()
        heap.allocate(8, 0)
        heap.allocate(12, 1)
        _ = heap.takeEvents()
        return heap
    }

    /// What has a result says it there; what has none is reported.
    @Test func noHeapIsHarmlessAndReportedWhereNothingElseSaysSo() {
        let heap = Self.busyHeap()
        let kept = heap.outside(0).pointee
        let messages = Messages.from {
            heap_init(nil, heap.memory, 64)
            heap_deinit(nil)
            dfree(nil, heap.outside(0), USING_PTR_ADDRESS)
            #expect(!drealloc(nil, 8, heap.outside(0)))
            replace_pointers(nil, heap.outside(0), heap.outside(2))
            #expect(!validate_ptr(nil, heap.outside(0), USING_PTR_ADDRESS, nil))
        }
        #expect(messages.map { $0.prefix { $0 != ":" } } == ["heap_init", "dfree", "replace_pointers"])
        #expect(heap.outside(0).pointee == kept)
        #expect(Messages.from { dalloc(nil, 8, heap.outside(0)) }.isEmpty)
        #expect(heap.outside(0).pointee == nil)
    }

    @Test func noPointerIsHarmlessAndReportedWhereNothingElseSaysSo() {
        let heap = Self.busyHeap()
        let before = heap.table
        let messages = Messages.from {
            dalloc(heap.heap, 8, nil)
            dfree(heap.heap, nil, USING_PTR_ADDRESS)
            heap.tellAgain()
            dfree(heap.heap, nil, USING_PTR_VALUE)
            #expect(!drealloc(heap.heap, 8, nil))
            replace_pointers(heap.heap, nil, heap.outside(2))
            heap.tellAgain()
            replace_pointers(heap.heap, heap.outside(0), nil)
            #expect(!validate_ptr(heap.heap, nil, USING_PTR_VALUE, nil))
        }
        #expect(
            messages.map { $0.prefix { $0 != ":" } } == [
                "dalloc", "dfree", "dfree", "replace_pointers", "replace_pointers",
            ])
        #expect(heap.table == before)
        #expect(heap.takeEvents().isEmpty)
        #expect(heap.heap.pointee.alloc_info.total_failures == 0)
    }

    enum Dead: CaseIterable {
        case zeroed, ended, withoutMemory, tooSmall
    }

    @Test(arguments: Dead.allCases)
    func aHeapWithoutMemoryRefusesEverything(dead: Dead) {
        let heap = TestHeap()
        Messages.keepOffTheTerminal()
        switch dead {
        case .zeroed: heap.heap.initialize(to: heap_t())
        case .ended: heap_deinit(heap.heap)
        case .withoutMemory: heap_init(heap.heap, nil, 64)
        case .tooSmall: heap_init(heap.heap, heap.memory, 3)
        }
        heap.outside(0).pointee = heap.memory
        let messages = Messages.from {
            dfree(heap.heap, heap.outside(0), USING_PTR_VALUE)
            #expect(!drealloc(heap.heap, 8, heap.outside(0)))
            replace_pointers(heap.heap, heap.outside(0), heap.outside(1))
            #expect(!validate_ptr(heap.heap, heap.outside(0), USING_PTR_VALUE, nil))
            heap_deinit(heap.heap)
        }
        #expect(messages.map { $0.prefix { $0 != ":" } } == ["dfree", "replace_pointers"])
        #expect(heap.outside(0).pointee == heap.memory)
        #expect(heap.outside(1).pointee == nil)
        heap.tellAgain()
        #expect(Messages.from { heap.allocate(8, 0) }.count == 1)
        #expect(heap.outside(0).pointee == nil)
        #expect(heap.heap.pointee.mem == nil && heap.heap.pointee.alloc_info.total_failures == 0)
    }

    @Test func anUnknownPointerIsReportedAndChangesNothing() {
        let heap = Self.busyHeap()
        let before = heap.table
        heap.outside(5).pointee = heap.memory + 4
        let messages = Messages.from {
            dfree(heap.heap, heap.outside(5), USING_PTR_ADDRESS)
            dfree(heap.heap, heap.outside(5), USING_PTR_VALUE)
            #expect(!drealloc(heap.heap, 8, heap.outside(5)))
            heap.tellAgain()
            replace_pointers(heap.heap, heap.outside(5), heap.outside(6))
        }
        #expect(messages.allSatisfy { $0.hasSuffix("the heap has no such block 0") } && messages.count == 3)
        #expect(heap.table == before)
        let (variable, value) = (heap.owner(5), UInt(bitPattern: heap.memory + 4))
        #expect(
            heap.takeEvents() == [
                .badPointer(variable), .badPointer(value), .badPointer(variable), .badPointer(variable),
            ])
        #expect(heap.offset(5) == 4)
    }

    /// At 1, 2, 4 … 512 of a thousand times, and each mistake for itself.
    @Test func whatHappensAgainAndAgainIsToldEverMoreSeldom() {
        let heap = TestHeap(size: 64)
        let messages = Messages.from {
            for _ in 0..<1000 {
                heap.allocate(65, 0)
                dfree(heap.heap, heap.outside(0), USING_PTR_ADDRESS)
            }
        }
        #expect(messages.filter { $0 == "dalloc: no room for bytes 65" }.count == 10)
        #expect(messages.filter { $0 == "dfree: the heap has no such block 0" }.count == 10)
        #expect(messages.count == 20)
        #expect(heap.heap.pointee.alloc_info.total_failures == 1000)
    }

    @Test func freeingTwiceIsReportedAndChangesNothing() {
        let heap = Self.busyHeap()
        heap.free(0)
        let messages = Messages.from { heap.free(0) }
        #expect(messages == ["dfree: the heap has no such block 0"])
        #expect(heap.table.map(\.size) == [12])
    }

    /// A stale address that another block has taken over names that block; one after the last block names nothing.
    @Test func anAddressBehindTheLastBlockNamesNothing() {
        let heap = Self.busyHeap()
        heap.outside(5).pointee = heap.memory + heap.used
        dfree(heap.heap, heap.outside(5), USING_PTR_VALUE)
        heap.outside(5).pointee = heap.memory - 4
        dfree(heap.heap, heap.outside(5), USING_PTR_VALUE)
        #expect(heap.table.count == 2)
    }

    /// Offsets have 32 bits, addresses may have more.
    @Test func anAddressThatDiffersAbove32BitsNamesNothing() {
        let heap = Self.busyHeap()
        heap.outside(5).pointee = heap.memory + (1 << 32)
        dfree(heap.heap, heap.outside(5), USING_PTR_VALUE)
        #expect(!validate_ptr(heap.heap, heap.outside(5), USING_PTR_VALUE, nil))
        #expect(heap.table.count == 2)
    }

    @Test func aBufferBelowTheAlignmentIsRefused() {
        let heap = TestHeap()
        let messages = Messages.from { heap_init(heap.heap, heap.memory, 3) }
        #expect(messages == ["heap_init: refused: mem is too small, in bytes 3"])
        #expect(heap.heap.pointee.mem == nil)
    }

    @Test func size0Fails() {
        let heap = Self.busyHeap()
        let messages = Messages.from {
            heap.allocate(0, 2)
            #expect(!heap.resize(0, to: 0))
        }
        #expect(messages.isEmpty, "the results say it")
        #expect(heap.outside(2).pointee == nil)
        #expect(heap.table.map(\.size) == [8, 12])
        #expect(heap.heap.pointee.alloc_info.total_failures == 2)
        let failed = [2, 0].map { Event.failed(size: 0, why: DALLOC_FAILURE_ZERO_SIZE, owner: heap.owner($0)) }
        #expect(heap.takeEvents() == failed)
    }

    @Test func aVariableThatOwnsABlockTakesNoOther() {
        let heap = Self.busyHeap()
        let before = heap.table
        // Also when it was changed, and its value does not show that it is an owner.
        heap.outside(1).pointee = nil
        let messages = Messages.from { replace_pointers(heap.heap, heap.outside(0), heap.outside(1)) }
        #expect(messages == ["replace_pointers: refused: the new variable owns a block already 0"])
        #expect(heap.table == before)
        #expect(heap.takeEvents().isEmpty)
        #expect(heap.offset(0) == 0)
    }

    @Test func replacingAPointerByItselfChangesNothing() {
        let heap = Self.busyHeap()
        let before = heap.table
        let messages = Messages.from { replace_pointers(heap.heap, heap.outside(0), heap.outside(0)) }
        #expect(messages.isEmpty)
        #expect(heap.table == before)
        #expect(heap.offset(0) == 0)
        #expect(heap.takeEvents().isEmpty)
    }

    @Test func aPointerOfAnotherHeapIsUnknown() {
        let (heap, other) = (Self.busyHeap(), Self.busyHeap())
        let (before, otherBefore) = (heap.table, other.table)
        let messages = Messages.from {
            dfree(heap.heap, other.outside(0), USING_PTR_VALUE)
            dfree(heap.heap, other.outside(0), USING_PTR_ADDRESS)
            #expect(!drealloc(heap.heap, 8, other.outside(0)))
            heap.tellAgain()
            replace_pointers(heap.heap, other.outside(0), heap.outside(3))
        }
        #expect(messages.count == 3)
        #expect(heap.table == before && other.table == otherBefore)
        #expect(other.offset(0) == 0 && heap.outside(3).pointee == nil)
    }
}
