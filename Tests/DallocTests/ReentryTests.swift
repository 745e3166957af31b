// SPDX-License-Identifier: Apache-2.0

internal import CDalloc
internal import Testing

/// dalloc_debug is the program's, and may call the heap that has something to say.
@Suite struct ReentryTests {
    /// Blocks of 8, 12, 16 and 20 bytes; at a message, the program frees the first one, once.
    private func messages(of call: (TestHeap) -> Void, on heap: TestHeap) -> [String] {
        for (index, size) in [UInt32(8), 12, 16, 20].enumerated() { heap.allocate(size, index) }
        // Safe: the answer runs inside the call, on this thread.
        nonisolated(unsafe) let heap = heap
        return Messages.from({ call(heap) }) { heap.free(0) }
    }

    private func expectSound(_ heap: TestHeap) {
        let broken = dalloc_heap_check(heap.heap, nil)
        #expect(broken == nil, "\(broken.map { String(cString: $0) } ?? "")")
    }

    @Test func theRightBlockIsFreed() {
        let heap = TestHeap()
        let messages = messages(
            of: {
                $0.outside(2).pointee = nil
                $0.free(2)
            }, on: heap)
        #expect(messages.first == "dfree: the variable was changed; its block is 2")
        #expect(heap.table.map(\.size) == [12, 20])
        expectSound(heap)
    }

    @Test func theRightBlockIsResized() {
        let heap = TestHeap()
        let messages = messages(
            of: {
                $0.outside(2).pointee = nil
                #expect($0.resize(2, to: 40))
            }, on: heap)
        #expect(messages.first == "drealloc: the variable was changed; its block is 2")
        #expect(heap.table.map(\.size) == [12, 40, 20])
        #expect(heap.offset(2) == 12)
        expectSound(heap)
    }

    @Test func theRightBlockIsHandedOver() {
        let heap = TestHeap()
        let messages = messages(
            of: {
                $0.outside(2).pointee = nil
                replace_pointers($0.heap, $0.outside(2), $0.outside(7))
            }, on: heap)
        #expect(messages.first == "replace_pointers: the variable was changed; its block is 2")
        #expect(heap.table.map(\.owner) == [heap.owner(1), heap.owner(7), heap.owner(3)])
        #expect(heap.offset(7) == 12 && heap.outside(2).pointee == nil)
        expectSound(heap)
    }

    /// Three orphans, one message, when all is done.
    @Test func orphansAreReportedWhenTheHeapIsInOrder() {
        let heap = TestHeap()
        heap.allocate(24, 9)
        for position in [0, 8, 16] { dalloc(heap.heap, 4, heap.inside(position)) }
        let messages = messages(of: { $0.free(9) }, on: heap)
        #expect(messages.first == "dfree: blocks lost their variables and are orphans; how many 3")
        #expect(heap.table.map(\.size) == [4, 4, 4, 12, 16, 20])
        #expect(heap.table.prefix(3).allSatisfy { $0.owner == 0 })
        #expect(
            heap.events.filter { $0 == .orphan(index: 0) || $0 == .orphan(index: 1) || $0 == .orphan(index: 2) }.count
                == 3)
        expectSound(heap)
    }

    @Test func aLazyHeapCompactsInPeace() {
        let heap = TestHeap(size: 256)
        heap.heap.pointee.observer = nil
        #expect(dalloc_heap_set_policy(heap.heap, DALLOC_POLICY_LAZY, 1))
        heap.allocate(64, 10)
        heap.allocate(64, 9)
        let messages = messages(
            of: {
                // A block whose owner stands in the gap's last bytes and in those before them.
                dalloc($0.heap, 4, $0.inside(60))
                $0.free(10)
                $0.allocate(100, 11)
            }, on: heap)
        #expect(messages.first == "dfree: blocks lost their variables and are orphans; how many 1")
        #expect(heap.offset(11) != nil)
        expectSound(heap)
    }

    @Test func whatFailsMayBeAnsweredByAFree() {
        let heap = TestHeap(size: 64)
        let messages = messages(of: { $0.allocate(9, 5) }, on: heap)
        #expect(messages.first == "dalloc: no room for bytes 9")
        #expect(heap.outside(5).pointee == nil && heap.table.map(\.size) == [12, 16, 20])
        heap.allocate(9, 5)
        #expect(heap.offset(5) == 48)
        expectSound(heap)
    }
}
