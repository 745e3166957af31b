// SPDX-License-Identifier: Apache-2.0
//
// The containers against Swift's own, while the heap moves under them.

internal import CDalloc
@testable internal import Dalloc
internal import TestSupport
internal import Testing

@Suite struct ContainerTests {
    private struct Reading: BitwiseCopyable, Equatable {
        var time: UInt64
        var value: Float
    }

    init() {
        Messages.keepOffTheTerminal()
    }

    @Test(arguments: [Heap.Policy.eager, .lazy(stepBytes: 32), .pinning])
    func anArrayIsItsModelWhileBlocksMove(policy: Heap.Policy) throws {
        var random = SeededRandom(seed: 11)
        var heap = try Heap(bytes: 4096)
        try heap.setPolicy(policy)
        // Blocks before and between the arrays come and go.
        var churn = try heap.allocate(byteCount: 24)
        var first = try HeapArray<Reading>(in: &heap)
        var between = try heap.allocate(byteCount: 40)
        var second = try HeapArray<UInt8>(capacity: 1, in: &heap)
        var (firstModel, secondModel): ([Reading], [UInt8]) = ([], [])
        for turn in 0..<4000 {
            let reading = Reading(time: random.next(), value: Float(turn))
            switch random.below(7) {
            case 0,
                1 where firstModel.count < 60:
                try first.append(reading, in: &heap)
                firstModel.append(reading)
            case 2 where firstModel.count < 60:
                let index = random.below(firstModel.count + 1)
                try first.insert(reading, at: index, in: &heap)
                firstModel.insert(reading, at: index)
            case 3 where !firstModel.isEmpty:
                let index = random.below(firstModel.count)
                #expect(try first.remove(at: index, in: &heap) == firstModel.remove(at: index))
            case 4 where !firstModel.isEmpty:
                let index = random.below(firstModel.count)
                try first.set(reading, at: index, in: &heap)
                firstModel[index] = reading
            case 5:
                if secondModel.count < 300 {
                    let bytes = (0..<random.below(9)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
                    try second.append(contentsOf: bytes.span, in: &heap)
                    secondModel += bytes
                } else {
                    second.removeAll()
                    secondModel = []
                    try second.shrink(in: &heap)
                }
            default:
                try heap.free(churn)
                churn = try heap.allocate(byteCount: 1 + random.below(60))
                try heap.free(between)
                between = try heap.allocate(byteCount: 1 + random.below(60))
                try first.shrink(in: &heap)
            }
            #expect(first.count == firstModel.count && first.capacity >= first.count)
            for index in firstModel.indices {
                let element = try first.element(at: index, in: heap)
                if element != firstModel[index] { Issue.record("element \(index) in turn \(turn)") }
            }
            #expect(try second.withBytes(in: heap) { [UInt8](copying: $0) } == secondModel)
        }
        try first.free(in: &heap)
        try second.free(in: &heap)
        try heap.free(churn)
        try heap.free(between)
        #expect(heap.liveBlocks == 0)
    }

    @Test func anArrayThatDoesNotFitIsAsItWas() throws {
        var heap = try Heap(bytes: 64)
        var array = try HeapArray<UInt32>(capacity: 2, in: &heap)
        for value in 0..<16 { try array.append(UInt32(value), in: &heap) }
        #expect(throws: HeapError.noRoom) { try array.append(16, in: &heap) }
        #expect(throws: HeapError.noRoom) { try array.insert(16, at: 0, in: &heap) }
        #expect(throws: HeapError.noRoom) { try array.reserveCapacity(Int.max, in: &heap) }
        #expect(throws: HeapError.outOfBounds) { try array.insert(1, at: 17, in: &heap) }
        #expect(throws: HeapError.outOfBounds) { try array.set(1, at: 16, in: &heap) }
        #expect(throws: HeapError.outOfBounds) { _ = try array.element(at: -1, in: heap) }
        #expect(throws: HeapError.outOfBounds) { try array.remove(at: 16, in: &heap) }
        for value in 0..<16 { #expect(try array.element(at: value, in: heap) == UInt32(value)) }
        #expect(throws: HeapError.noRoom) { _ = try HeapArray<UInt8>(in: &heap).count }
        try array.free(in: &heap)
    }

    @Test func bytesSpellWhatWasAppended() throws {
        var heap = try Heap(bytes: 256)
        let before = try heap.allocate(byteCount: 10)
        var line = try HeapBytes(capacity: 1, in: &heap)
        try line.append("t=", in: &heap)
        try line.append(decimal: Int.min, in: &heap)
        try heap.free(before)
        try line.append(UInt8(ascii: " "), in: &heap)
        try line.append(decimal: 0, in: &heap)
        try line.append(decimal: 1_234_567_890_123_456_789, in: &heap)
        #expect(try line.equals("t=-9223372036854775808 01234567890123456789", in: heap))
        #expect(try !line.equals("t=-9223372036854775808 01234567890123456788", in: heap))
        #expect(try !line.equals("t=", in: heap))
        #expect(try line.byte(at: 2, in: heap) == UInt8(ascii: "-"))
        let (text, count) = (try line.withBytes(in: heap) { [UInt8](copying: $0) }, line.count)
        let filler = try heap.allocate(byteCount: heap.size - heap.used)
        #expect(throws: HeapError.noRoom) { try line.append("something longer than the room", in: &heap) }
        #expect(line.count == count)
        #expect(try line.withBytes(in: heap) { [UInt8](copying: $0) } == text)
        line.removeAll()
        #expect(try line.equals("", in: heap))
        try heap.free(filler)
        try line.free(in: &heap)
        #expect(heap.used == 0)
    }

    @Test func aBoxKeepsItsValueWhileItMoves() throws {
        var heap = try Heap(bytes: 256)
        let before = try heap.allocate(byteCount: 33)
        let box = try HeapBox(Reading(time: 1, value: 2.5), in: &heap)
        let empty = try HeapBox((), in: &heap)
        try heap.free(before)
        #expect(try box.value(in: heap) == Reading(time: 1, value: 2.5))
        try box.update(in: &heap) { $0.time = UInt64.max }
        #expect(try box.value(in: heap) == Reading(time: UInt64.max, value: 2.5))
        try box.set(Reading(time: 3, value: -1), in: &heap)
        #expect(try box.value(in: heap) == Reading(time: 3, value: -1))
        try box.free(in: &heap)
        try empty.free(in: &heap)
        #expect(heap.liveBlocks == 0)
    }

    @Test func theContainersOfAnotherHeapAreRefused() throws {
        var heap = try Heap(bytes: 256)
        var other = try Heap(bytes: 256)
        let box = try HeapBox(7, in: &heap)
        _ = try other.allocate(byteCount: 8)
        Misuse.throw()
        #expect(throws: HeapError.foreignAllocation) { _ = try box.value(in: other) }
        #expect(throws: HeapError.foreignAllocation) { try box.set(8, in: &other) }
        do throws(HeapError) {
            try box.free(in: &other)
            Issue.record("nothing was thrown")
        } catch {
            #expect(error == .foreignAllocation)
        }
        #expect(heap.liveBlocks == 1 && other.liveBlocks == 1)
    }

    @Test func aHandleOfAHeapThatHasEndedNamesNothingInTheNext() throws {
        let control = UnsafeMutablePointer<heap_t>.allocate(capacity: 1)
        let slots = UnsafeMutableBufferPointer<UnsafeMutableRawPointer?>.allocate(capacity: 4)
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 128, alignment: 16)
        defer {
            control.deallocate()
            slots.deallocate()
            memory.deallocate()
        }
        let stale = try staleHandle(control, slots, memory)
        var heap = try Heap(unsafeControl: control, slots: slots, memory: memory)
        let block = try heap.allocate(byteCount: 16)
        Misuse.throw()
        #expect(throws: HeapError.foreignAllocation) { try heap.resize(stale, toByteCount: 32) }
        #expect(throws: HeapError.foreignAllocation) { try heap.withBytes(of: stale) { _ in } }
        do throws(HeapError) {
            try heap.free(stale)
            Issue.record("nothing was thrown")
        } catch {
            #expect(error == .foreignAllocation)
        }
        #expect(try heap.withBytes(of: block) { $0.byteCount } == 16)
    }

    private func staleHandle(
        _ control: UnsafeMutablePointer<heap_t>, _ slots: UnsafeMutableBufferPointer<UnsafeMutableRawPointer?>,
        _ memory: UnsafeMutableRawBufferPointer
    ) throws -> Allocation {
        var heap = try Heap(unsafeControl: control, slots: slots, memory: memory)
        return try heap.allocate(byteCount: 16)
    }
}

extension [UInt8] {
    fileprivate init(copying span: RawSpan) {
        self = span.withUnsafeBytes { [UInt8]($0) }
    }
}
