// SPDX-License-Identifier: Apache-2.0
//
// A device written in a few lines: a list of blocks without gaps, and the frames that tell of it, made with the real codec. It knows
// nothing of the collector's replica.

import HeapHistory
import HeapWire

@testable import DallocCollector

struct ScriptedDevice {
    struct Block: Equatable {
        var size: UInt32
        var owner: UInt64
    }

    static let layout: HeapLayout = {
        guard
            let layout = HeapLayout(
                baseAddress: 0x2000_0000, size: 4096, alignment: 4, tableSize: 32, pointerWidth: 4)
        else { preconditionFailure("the layout is valid") }
        return layout
    }()

    var tick: UInt64 = 1000
    private(set) var blocks: [Block] = []
    private var totals = HeapTotals()
    private(set) var sequence: UInt32 = 0
    private var peak: UInt32 = 0
    private var operations = OperationBytes(layout: ScriptedDevice.layout)
    /// What was asked for since the last frame.
    private var asked: [Block] = []
    private var firstTick: UInt64 = 0
    private var lastTick: UInt64 = 0

    static func hello(
        boot: UInt32 = 1, oldest: UInt32 = 1, tick: UInt64 = 1000, isOneWay: Bool = false, device: String = "pump",
        size: UInt32 = 4096
    ) throws -> DeviceHello {
        let layout = HeapLayout(
            existing: layout.baseAddress, size: size, alignment: 4, tableSize: 32, pointerWidth: 4, traits: .none)
        var hello = OwnedHello(
            device: device, build: "1.0", boot: boot, tick: tick, oldest: oldest,
            heaps: [OwnedHello.Heap(name: "main", layout: layout)])
        hello.isOneWay = isOneWay
        let bytes = FrameWriter.payload { hello.write(to: &$0) }
        return try bytes.withUnsafeBufferPointer { try DeviceHello(payload: $0) }
    }

    var used: UInt32 { blocks.reduce(0) { $0 + ($1.size + 3) / 4 * 4 } }

    mutating func allocate(_ size: UInt32, owner: UInt64) {
        blocks.append(Block(size: size, owner: owner))
        totals.allocations += 1
        peak = max(peak, used)
        asked.append(Block(size: size, owner: owner))
        record(.alloc(size: size, owner: owner))
    }

    mutating func free(_ index: Int) {
        let later = blocks[(index + 1)...]
        totals.frees += 1
        totals.moves += UInt64(later.count)
        totals.bytesMoved += UInt64(later.reduce(0) { $0 + ($1.size + 3) / 4 * 4 })
        record(.free(depth: UInt32(blocks.count - 1 - index)))
        blocks.remove(at: index)
    }

    private mutating func record(_ operation: HeapWire.Operation) {
        if operations.isEmpty { (firstTick, lastTick) = (tick, tick) }
        operations.append(operation, elapsed: UInt32(tick - lastTick))
        lastTick = tick
    }

    /// It tells how full its recorder got.
    mutating func tell(recorder most: UInt32, of size: UInt32) {
        if operations.isEmpty { (firstTick, lastTick) = (tick, tick) }
        operations.append(RecorderFill(most: most, size: size), elapsed: UInt32(tick - lastTick))
        lastTick = tick
    }

    mutating func delta() -> [UInt8] {
        let span = operations.isEmpty ? 0 : UInt32(tick - firstTick)
        let operations = operations
        let state = state(lost: 0)
        return FrameWriter.payload { operations.write(state, span: span, to: &$0) }
    }

    mutating func keyframe(lost: UInt32 = 0) -> [UInt8] {
        let entries = blocks.map { TableEntry(size: $0.size, gap: 0, owner: $0.owner) }
        let state = state(lost: lost)
        return FrameWriter.payload { state.writeKeyframe(entries, layout: Self.layout, to: &$0) }
    }

    /// In place of the operations since the last frame, sums of what they asked for; a DELTA without operations when there were none.
    mutating func summary() -> [UInt8] {
        var operations = OperationBytes(layout: Self.layout)
        let lost = UInt32(self.operations.count)
        if lost > 0 {
            let tags = Dictionary(grouping: asked, by: \.owner).sorted { $0.key < $1.key }.map { owner, blocks in
                AllocationSums.Tag(
                    owner, allocations: UInt32(blocks.count), bytes: blocks.reduce(0) { $0 + UInt64($1.size) })
            }
            operations.sums = AllocationSums(others: .init(allocations: 0, bytes: 0), tags: tags)
        }
        let state = state(lost: lost)
        return FrameWriter.payload { operations.write(state, to: &$0) }
    }

    /// A busy minute, of which only a summary tells.
    mutating func work(_ times: Int = 20) -> [UInt8] {
        tick += 60_000
        for _ in 0..<times {
            allocate(8, owner: 0x1000)
            free(blocks.count - 1)
        }
        return summary()
    }

    /// A frame whose digest is not that of its table.
    mutating func wrongDelta() -> [UInt8] {
        let state = state(lost: 0, spoil: 1)
        return FrameWriter.payload { OperationBytes(layout: Self.layout).write(state, to: &$0) }
    }

    /// Of a table that is not empty: its digest is not 0.
    static func deltaWithoutFigures(_ sequence: UInt32) -> [UInt8] {
        var state = HeapState(
            sequence: sequence, heap: 0, tick: 1000, used: 0, liveBlocks: 0, peak: 0, totals: HeapTotals(), lost: 0,
            digest: 12345)
        state.hasFigures = false
        return FrameWriter.payload { OperationBytes(layout: layout).write(state, to: &$0) }
    }

    /// What was recorded since the last frame will be in none.
    mutating func concealOperations() { operations = OperationBytes(layout: Self.layout) }

    mutating func fail(_ size: UInt32, why: UInt32) {
        totals.failures += 1
        record(.failed(size: size, why: why))
    }

    /// Running totals that no heap has.
    mutating func pretend(moves: UInt64) { (totals.moves, totals.bytesMoved) = (moves, moves) }

    /// A free of a block that there is not, and then a reset.
    mutating func doTheImpossibleAndReset() {
        record(.free(depth: 20))
        record(.reset)
        makeHeapAnew()
    }

    /// The heap ends, and another one has its number.
    mutating func makeHeapAnew() {
        (blocks, totals, peak) = ([], HeapTotals(), 0)
    }

    /// The next frame gets this number.
    mutating func skip(to next: UInt32) { sequence = next - 1 }

    /// A frame that never arrives.
    mutating func loseFrame() { _ = delta() }

    private mutating func state(lost: UInt32, spoil: UInt32 = 0) -> HeapState {
        sequence += 1
        var digest = TableDigest()
        for block in blocks { digest.add(size: block.size, owner: block.owner) }
        let state = HeapState(
            sequence: sequence, heap: 0, tick: tick, used: used, liveBlocks: UInt32(blocks.count),
            peak: max(peak, used),
            totals: totals, lost: lost, digest: digest.value ^ spoil)
        (peak, operations, asked) = (used, OperationBytes(layout: Self.layout), [])
        return state
    }
}
