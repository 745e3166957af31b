// SPDX-License-Identifier: Apache-2.0
//
// What pinned blocks do to the others; the stress program holds the rest of it to a model.

internal import CDalloc
internal import Dalloc
internal import Testing

@Suite struct PinTests {
    private let test = TestHeap(size: 256)

    /// Blocks of these sizes.
    private func start(_ sizes: [UInt32], _ policy: dalloc_policy_t = DALLOC_POLICY_PINNING) {
        test.heap.pointee.observer = nil
        #expect(dalloc_heap_set_policy(test.heap, policy, 0))
        test.observe()
        for (index, size) in sizes.enumerated() { dalloc(test.heap, size, test.outside(index)) }
        _ = test.takeEvents()
    }

    private func pin(_ variable: Int) -> Bool { dalloc_pin(test.heap, test.outside(variable)) }
    private func unpin(_ variable: Int) -> Bool { dalloc_unpin(test.heap, test.outside(variable)) }
    private var offsets: [Int] { test.table.map(\.offset) }

    private func expectSound() {
        let broken = dalloc_heap_check(test.heap, nil)
        #expect(broken == nil, "\(broken.map { String(cString: $0) } ?? "")")
    }

    @Test func aPinnedBlockStaysAndThoseAroundItMove() {
        start([8, 16, 24, 32, 8])
        #expect(pin(2))
        test.free(0)
        #expect(offsets == [0, 24, 48, 80])
        test.free(3)
        #expect(offsets == [0, 24, 48])
        #expect(
            test.takeEvents() == [
                .pin(index: 2), .markFree(index: 0), .compact(index: 0, bytes: 16), .markFree(index: 2),
                .compact(index: 2, bytes: 8),
            ])
        #expect(test.heap.pointee.gap_bytes == 8 && test.heap.pointee.pinned_blocks == 1)
        #expect(dalloc_heap_compact(test.heap, 1000) == 8)
        expectSound()
    }

    @Test func unpinningClosesTheGapAtOnce() {
        start([8, 16, 24])
        #expect(pin(1))
        test.free(0)
        #expect(offsets == [8, 24] && test.offset(1) == 8)
        #expect(unpin(1))
        #expect(offsets == [0, 16] && test.offset(1) == 0)
        #expect(
            test.takeEvents() == [
                .pin(index: 1), .markFree(index: 0), .unpin(index: 0), .compact(index: 0, bytes: 40),
            ])
        expectSound()
    }

    @Test func pinsNest255Times() {
        start([8, 8])
        for _ in 0..<255 { #expect(pin(1)) }
        #expect(!pin(1))
        for _ in 0..<255 { #expect(unpin(1)) }
        #expect(!unpin(1))
        #expect(test.takeEvents() == [.pin(index: 1), .unpin(index: 1)], "the first and the last one")
        expectSound()
    }

    @Test func anEagerHeapRefusesPinsAndPinnedBlocksRefuseTheEagerPolicy() {
        start([8, 8], DALLOC_POLICY_EAGER)
        #expect(!pin(0) && test.takeEvents().isEmpty)
        start([], DALLOC_POLICY_LAZY)
        #expect(pin(0))
        test.heap.pointee.observer = nil
        #expect(!dalloc_heap_set_policy(test.heap, DALLOC_POLICY_EAGER, 0))
        #expect(dalloc_heap_set_policy(test.heap, DALLOC_POLICY_PINNING, 0))
        #expect(unpin(0))
        #expect(dalloc_heap_set_policy(test.heap, DALLOC_POLICY_EAGER, 0))
        expectSound()
    }

    @Test func aNewBlockNeverFillsTheGapBeforeAPinnedOne() {
        start([128, 64, 64])
        #expect(pin(1))
        test.free(0)
        test.free(2)
        test.allocate(64, 3)
        #expect(test.offset(3) == 192)
        test.allocate(4, 4)
        #expect(test.offset(4) == nil && test.heap.pointee.gap_bytes == 128, "128 bytes are free, below the pin")
        #expect(unpin(1))
        test.allocate(128, 4)
        #expect(test.offset(4) == 128)
        expectSound()
    }

    @Test(arguments: [DALLOC_POLICY_PINNING, DALLOC_POLICY_LAZY])
    func aBlockGrowsUpToAPinnedOneAndNoFurther(policy: dalloc_policy_t) {
        start([32, 32, 32, 32], policy)
        #expect(pin(2))
        test.free(0)
        // The lazy heap moves the block down for it, the pinning one has already.
        #expect(test.resize(1, to: 64))
        #expect(test.offset(1) == 0 && test.offset(2) == 64)
        _ = test.takeEvents()
        #expect(!test.resize(1, to: 65))
        #expect(test.takeEvents().count == 1, "nothing has moved")
        #expect(test.resize(3, to: 160), "after the last pinned one all is as ever")
        #expect(test.resize(2, to: 8))
        #expect(test.offset(2) == 64 && test.offset(3) == (policy == DALLOC_POLICY_LAZY ? 96 : 72))
        expectSound()
    }

    @Test func aPinnedBlockCanBeFreedAndHandedOver() {
        start([8, 16, 24])
        #expect(pin(1))
        replace_pointers(test.heap, test.outside(1), test.outside(5))
        test.free(0)
        #expect(test.offset(5) == 8)
        test.free(5)
        #expect(offsets == [0] && test.heap.pointee.pinned_blocks == 0)
        test.allocate(8, 1)
        test.free(2)
        #expect(test.offset(1) == 0, "a new block in an old entry is not pinned")
        expectSound()
    }

    @Test func theWalkerShowsPins() {
        start([8, 16])
        #expect(pin(1))
        var pinned: [Bool] = []
        _ = withUnsafeMutablePointer(to: &pinned) { list in
            dalloc_heap_walk(
                test.heap,
                { context, block in
                    guard let context, let block else { return false }
                    context.assumingMemoryBound(to: [Bool].self).pointee.append(block.pointee.is_pinned)
                    return true
                }, list)
        }
        #expect(pinned == [false, true])
    }

    @Test func aHandleIsPinnedAndUnpinned() throws {
        var heap = try Heap(bytes: 256)
        let first = try heap.allocate(byteCount: 32)
        let buffer = try heap.allocate(byteCount: 32)
        #expect(throws: HeapError.eager) { try heap.pin(buffer) }
        try heap.setPolicy(.pinning)
        let bytes = try heap.pin(buffer)
        bytes.storeBytes(of: 0x5A, as: UInt8.self)
        try heap.free(first)
        #expect(heap.gaps == 32)
        bytes.storeBytes(of: 0xA5, toByteOffset: 1, as: UInt8.self)
        #expect(throws: HeapError.eager) { try heap.setPolicy(.eager) }
        try heap.unpin(buffer)
        #expect(heap.gaps == 0)
        #expect(throws: HeapError.pins) { try heap.unpin(buffer) }
        try heap.withBytes(of: buffer) { #expect($0.unsafeLoad(as: UInt16.self) == 0xA55A) }
        try heap.free(buffer)
    }
}
