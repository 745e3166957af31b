// SPDX-License-Identifier: Apache-2.0
//
// A device with a model heap that does random things with a few variables and call sites, and tells what it did.

import HeapWire
import Testing

@testable import DallocCollector
@testable import FuzzModels

struct ToldDevice {
    struct Step {
        var operation: Operation
        var tick: UInt64
        /// Among the operations of its frame, pins with them.
        var place: Int
        var before: ModelHeap
        var after: ModelHeap
    }

    struct Pin {
        /// Its place is that among the operations and pins of its frame.
        var change: PinChange
        var heap: ModelHeap
    }

    struct Frame {
        var payload: [UInt8]
        var sequence: UInt32
        var tick: UInt64
        var steps: [Step]
        var pins: [Pin]
    }

    private let resets: Bool
    private let pins: Bool
    private var heap: ReportingHeap
    private var random: SeededChoices
    private var tick: UInt64 = 1000
    private(set) var sequence: UInt32 = 0

    /// - Parameter resets: its heap is made anew now and then; numbers of blocks and totals begin again.
    /// - Parameter pins: it tells of pins between its operations.
    init(traits: HeapTraits, seed: UInt64, size: UInt32 = 8192, resets: Bool = true, pins: Bool = false) throws {
        (self.resets, self.pins) = (resets, pins)
        let layout = try #require(
            HeapLayout(
                baseAddress: 0x2000_0000, size: size, alignment: 4, tableSize: 100, pointerWidth: 4, traits: traits))
        heap = ReportingHeap(layout, tick: tick)
        random = SeededChoices(seed: seed)
    }

    var layout: HeapLayout { heap.layout }

    func hello(boot: UInt32 = 1) throws -> DeviceHello {
        let bytes = PayloadBytes.hello(
            device: "pump", boot: boot, tick: tick, oldest: 1, layouts: [heap.layout], isOneWay: false)
        return try bytes.withUnsafeBufferPointer { try DeviceHello(payload: $0) }
    }

    mutating func pass(_ ticks: UInt64) { tick += ticks }

    /// Some operations, and a frame about them so many ticks later. The first frame is an empty table.
    mutating func report(operations: Int, after ticks: UInt64) -> Frame {
        sequence += 1
        guard sequence > 1 else {
            let payload = heap.keyframe(number: 0, sequence: 1, tick: tick, most: 100, startsOver: true).payload
            return Frame(payload: payload, sequence: 1, tick: tick, steps: [], pins: [])
        }
        var (steps, told) = ([Step](), [Pin]())
        for _ in 0..<operations {
            steps += step(place: steps.count + told.count)
            guard pins, random.once(in: 3) else { continue }
            // Now and then a block that is not there.
            let depth = UInt32(random.below(heap.model.blocks.count + 2))
            let change = PinChange(
                depth: depth, isPinned: random.once(in: 2), tick: tick, place: steps.count + told.count)
            heap.pin(change)
            told.append(Pin(change: change, heap: heap.model))
        }
        tick += ticks
        return Frame(
            payload: heap.delta(number: 0, sequence: sequence, tick: tick).payload, sequence: sequence, tick: tick,
            steps: steps, pins: told)
    }

    private mutating func step(place: Int) -> [Step] {
        // A list of kinds: those that are likelier stand in it more often.
        let kinds = [0, 0, 0, 0, 0, 3, 3, 3, 3, 4, 6, 7, 8, 8, 9, 10, 1, 5]
        let kind = kinds[random.below(kinds.count)]
        let operation = few(random.choose { heap.someOperation(kind, &$0) })
        let before = heap.model
        tick += 3
        guard resets || operation != .reset, heap.perform(operation, at: tick) else { return [] }
        return [Step(operation: operation, tick: tick, place: place, before: before, after: heap.model)]
    }

    /// The same with one of a few variables and call sites, so that groups have members.
    private func few(_ operation: Operation) -> Operation {
        func owner(_ owner: UInt64) -> UInt64 {
            let place = owner &- heap.layout.baseAddress
            guard place < UInt64(heap.layout.size) else { return 0x1000_0000 + owner % 24 * 4 }
            // One of the first words of a block.
            let holder = heap.model.blocks.last { $0.start <= place }
            return heap.layout.baseAddress + (holder?.start ?? 0) + place % 3 * 4
        }
        switch operation {
        case .alloc(let size, let address, let callSite):
            return .alloc(
                size: size, owner: owner(address), callSite: callSite == 0 ? 0 : 0x0800_0000 + callSite % 30 * 2)
        case .allocAt(let address, let size, let callSite):
            return .allocAt(
                address: address, size: size, callSite: callSite == 0 ? 0 : 0x0800_0000 + callSite % 30 * 2)
        case .reown(let depth, let address): return .reown(depth: depth, owner: owner(address))
        case .failed(let size, let why, let address, let callSite):
            return .failed(
                size: size, why: why, owner: address == 0 || heap.layout.isWatched ? 0 : owner(address),
                callSite: callSite == 0 ? 0 : 0x0800_0000 + callSite % 30 * 2)
        default: return operation
        }
    }
}
