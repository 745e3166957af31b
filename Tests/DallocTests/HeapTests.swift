// SPDX-License-Identifier: Apache-2.0

internal import CDalloc
@testable internal import Dalloc
internal import Testing

@Suite struct HeapTests {
    init() {
        Messages.keepOffTheTerminal()
    }

    @Test func handlesSurviveCompaction() throws {
        var heap = try Heap(bytes: 1024)
        let first = try heap.allocate(byteCount: 100)
        let second = try heap.allocate(byteCount: 50)
        try heap.withMutableBytes(of: second) { bytes in
            for offset in 0..<bytes.byteCount {
                bytes.storeBytes(of: UInt8(offset), toByteOffset: offset, as: UInt8.self)
            }
        }
        try heap.free(first)
        #expect(heap.used == 52)
        #expect(try sum(of: second, in: &heap) == (0..<50).reduce(0, +))
        try heap.free(second)
        #expect(heap.used == 0 && heap.liveBlocks == 0 && heap.peak == 152 && heap.size == 1024)
    }

    @Test func resizingKeepsTheBytes() throws {
        var heap = try Heap(bytes: 256)
        let block = try heap.allocate(byteCount: 4)
        let later = try heap.allocate(byteCount: 8)
        try heap.withMutableBytes(of: block) { $0.storeBytes(of: 0x0102_0304, as: UInt32.self) }
        try heap.withMutableBytes(of: later) { $0.storeBytes(of: 77, as: UInt8.self) }
        try heap.resize(block, toByteCount: 40)
        #expect(try heap.withBytes(of: block) { $0.byteCount } == 40)
        #expect(try sum(of: block, in: &heap) == 10)
        #expect(try sum(of: later, in: &heap) == 77)
        try heap.resize(block, toByteCount: 2)
        #expect(try sum(of: block, in: &heap) == 7)
    }

    @Test func failuresAreTyped() throws {
        var heap = try Heap(bytes: 64)
        #expect(throws: HeapError.zeroSize) { try heap.allocate(byteCount: 0).discard() }
        #expect(throws: HeapError.noRoom) { try heap.allocate(byteCount: 65).discard() }
        #expect(throws: HeapError.noRoom) { try heap.allocate(byteCount: -1).discard() }
        #expect(throws: HeapError.noRoom) { try heap.allocate(byteCount: 1 << 40).discard() }
        let block = try heap.allocate(byteCount: 32)
        #expect(throws: HeapError.noRoom) { try heap.resize(block, toByteCount: 65) }
        #expect(throws: HeapError.noRoom) { try heap.resize(block, toByteCount: -5) }
        #expect(throws: HeapError.noRoom) { try heap.resize(block, toByteCount: (1 << 32) + 8) }
        #expect(throws: HeapError.zeroSize) { try heap.resize(block, toByteCount: 0) }
        #expect(try heap.withBytes(of: block) { $0.byteCount } == 32)
        // A failed allocation does not use up a slot.
        try heap.free(block)
        #expect(heap.liveBlocks == 0)
    }

    @Test(arguments: [0, -1, 3, 1 << 33])
    func impossibleSizesAreBadMemory(bytes: Int) {
        #expect(throws: HeapError.badMemory) { _ = try Heap(bytes: bytes).size }
    }

    @Test func aTableFullOfBlocksTakesNoMore() throws {
        var heap = try Heap(bytes: 4096)
        for _ in 0..<dalloc_port_own_entries() { try heap.allocate(byteCount: 1).discard() }
        #expect(throws: HeapError.tableFull) { try heap.allocate(byteCount: 1).discard() }
    }

    @Test func slotsAreUsedAgain() throws {
        try withBorrowedHeap(slots: 2) { (heap: inout Heap) in
            for size in 1..<50 {
                let first = try heap.allocate(byteCount: size)
                let second = try heap.allocate(byteCount: 8)
                #expect(throws: HeapError.tableFull) { try heap.allocate(byteCount: 8).discard() }
                try heap.free(first)
                #expect(try heap.withBytes(of: second) { $0.byteCount } == 8)
                #expect(throws: HeapError.noRoom) { try heap.allocate(byteCount: 500).discard() }
                let third = try heap.allocate(byteCount: 4)
                try heap.free(second)
                try heap.free(third)
            }
            #expect(heap.used == 0)
        }
    }

    @Test func anAllocationOfAnotherHeapIsRefused() throws {
        var heap = try Heap(bytes: 64)
        var other = try Heap(bytes: 64)
        let own = try heap.allocate(byteCount: 8)
        let foreign = try other.allocate(byteCount: 16)
        Misuse.throw()
        #expect(throws: HeapError.foreignAllocation) { try heap.withBytes(of: foreign) { $0.byteCount } }
        #expect(throws: HeapError.foreignAllocation) { try heap.resize(foreign, toByteCount: 4) }
        do throws(HeapError) {
            try heap.free(foreign)
            Issue.record("nothing was thrown")
        } catch {
            #expect(error == .foreignAllocation)
        }
        #expect(heap.liveBlocks == 1 && other.liveBlocks == 1)
        #expect(try heap.withBytes(of: own) { $0.byteCount } == 8)
    }

    #if DEBUG
        @Test func anAllocationOfAnotherHeapStopsADebugBuild() async {
            await #expect(processExitsWith: .failure) {
                var heap = try Heap(bytes: 64)
                var other = try Heap(bytes: 64)
                try heap.free(try other.allocate(byteCount: 16))
            }
        }
    #endif

    private struct TooBig: Error, Equatable {
        let byteCount: Int
    }

    @Test func aBodyMayThrowAnErrorOfItsOwn() throws {
        var heap = try Heap(bytes: 64)
        let block = try heap.allocate(byteCount: 8)
        do throws(HeapAccessError<TooBig>) {
            try heap.withMutableBytes(of: block) { (bytes: inout MutableRawSpan) throws(TooBig) -> Void in
                throw TooBig(byteCount: bytes.byteCount)
            }
            Issue.record("nothing was thrown")
        } catch {
            guard case .body(let tooBig) = error else { throw error }
            #expect(tooBig == TooBig(byteCount: 8))
        }
        #expect(throws: HeapError.noRoom) {
            try heap.withBytes(of: block) { _ throws(HeapError) in throw .noRoom }
        }
        try heap.free(block)
    }

    @Test func everyErrorHasADescription() {
        let errors: [HeapError] = [
            .noRoom, .tableFull, .zeroSize, .badMemory, .foreignAllocation, .outOfBounds, .observed,
        ]
        #expect(Set(errors.map(\.description)).count == errors.count)
    }

    @Test func aHandleWhoseBlockIsGoneIsRefused() throws {
        var heap = try Heap(bytes: 64)
        let block = try heap.allocate(byteCount: 8)
        heap.withUnsafeControl { control in
            var copy: UnsafeMutableRawPointer? = UnsafeMutableRawPointer(control.pointee.mem)
            dfree(control, &copy, USING_PTR_VALUE)
        }
        Misuse.throw()
        #expect(throws: HeapError.foreignAllocation) { try heap.withBytes(of: block) { $0.byteCount } }
        do throws(HeapError) {
            try heap.free(block)
            Issue.record("nothing was thrown")
        } catch {
            #expect(error == .foreignAllocation)
        }
        #expect(heap.liveBlocks == 0)
    }

    @Test func misalignedMemoryIsRefused() {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 128, alignment: 16)
        let control = UnsafeMutablePointer<heap_t>.allocate(capacity: 1)
        defer {
            memory.deallocate()
            control.deallocate()
        }
        let slots = UnsafeMutableBufferPointer<UnsafeMutableRawPointer?>(start: nil, count: 0)
        #expect(throws: HeapError.badMemory) {
            let shifted = UnsafeMutableRawBufferPointer(rebasing: memory[1...])
            _ = try Heap(unsafeControl: control, slots: slots, memory: shifted).size
        }
        #expect(throws: HeapError.tableFull) {
            var heap = try Heap(unsafeControl: control, slots: slots, memory: memory)
            try heap.allocate(byteCount: 1).discard()
        }
    }

    @Test func endingABorrowedHeapGivesItsMemoryBackEmpty() throws {
        var isEnded = false
        try withBorrowedHeap(slots: 4, ended: { isEnded = $0.pointee.mem == nil }) { (heap: inout Heap) in
            try heap.allocate(byteCount: 8).discard()
        }
        #expect(isEnded)
    }

    private func sum(of block: borrowing Allocation, in heap: inout Heap) throws(HeapError) -> Int {
        try heap.withMutableBytes(of: block) { bytes in
            bytes.withUnsafeMutableBytes { $0.reduce(0) { $0 + Int($1) } }
        }
    }

    private func withBorrowedHeap(
        slots count: Int, ended: (UnsafeMutablePointer<heap_t>) -> Void = { _ in }, _ body: (inout Heap) throws -> Void
    ) throws {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 256, alignment: 16)
        let control = UnsafeMutablePointer<heap_t>.allocate(capacity: 1)
        let slots = UnsafeMutableBufferPointer<UnsafeMutableRawPointer?>.allocate(capacity: count)
        defer {
            memory.deallocate()
            control.deallocate()
            slots.deallocate()
        }
        do {
            var heap = try Heap(unsafeControl: control, slots: slots, memory: memory)
            try body(&heap)
        }
        ended(control)
    }
}

extension Allocation {
    /// Leaves the block in its heap.
    fileprivate consuming func discard() {}
}
