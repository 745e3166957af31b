// SPDX-License-Identifier: Apache-2.0
//
// A device whose frames are true until somebody sets one of their fields.

import HeapHistory
import HeapWire
import Testing

@testable import DallocCollector
@testable import FuzzModels

struct HostileDevice {
    let name: String
    private(set) var layout: HeapLayout
    /// Of no varint's length.
    private(set) var boot: UInt32 = 3_000_000
    private var number = 0
    private(set) var heap: ReportingHeap
    private(set) var tick: UInt64 = 1000
    private(set) var sequence: UInt32 = 0
    private(set) var line = StoreLine()
    /// Frames whose number or content was changed, and what the collector made of them.
    private(set) var disbelieved = 0

    init(_ name: String, _ layout: HeapLayout) {
        (self.name, self.layout) = (name, layout)
        heap = ReportingHeap(layout, tick: 1000)
    }

    /// Starts anew, with another boot id.
    mutating func reset(in lived: LivedStore) async throws {
        boot += 1
        heap = ReportingHeap(layout, tick: tick)
        sequence = 0
        let outcome = try await greet(in: lived)
        #expect(outcome == .greeted)
    }

    /// Also gives up what was lost: the next frame is the oldest.
    mutating func greet(in lived: LivedStore) async throws -> StoreLine.Outcome {
        try await line.receive(hello, in: lived, at: lived.clock.now)
    }

    var hello: [UInt8] {
        PayloadBytes.hello(device: name, boot: boot, tick: tick, oldest: sequence + 1, layouts: [layout])
    }

    /// Three blocks, with a gap in a lazy heap, and a keyframe: what comes next is believed if it is true.
    mutating func settle(in lived: LivedStore) async throws {
        tick += 10
        lived.clock.pass(10_000)
        perform(.reset)
        for number: UInt32 in 0..<3 {
            perform(.alloc(size: 20 + number, owner: layout.baseAddress &+ UInt64(8 * number), callSite: callSite))
        }
        if layout.isLazy { perform(.free(depth: 1)) }
        let delta = delta()
        _ = try await line.receive(delta, in: lived, at: lived.clock.now)
        let keyframe = keyframe()
        let outcome = try await line.receive(keyframe, in: lived, at: lived.clock.now)
        guard case .stored(isExact: true, hasGap: _) = outcome else {
            Issue.record("a true frame of \(name) is believed: \(outcome)")
            return
        }
    }

    /// Greets with any fields, and lives as they say, up to the ends of its heap and its clock.
    mutating func pretend(_ payload: [UInt8], in lived: LivedStore) async throws {
        boot += 1
        let outcome = try await line.receive(payload, in: lived, at: lived.clock.now)
        guard let hello = try? payload.withUnsafeBufferPointer({ try DeviceHello(payload: $0) }) else {
            #expect(outcome == .rejected)
            return
        }
        #expect(outcome == .greeted)
        guard let announced = hello.heaps.first else { return }
        (layout, number) = (announced.layout, Int(announced.number))
        (tick, sequence, heap) = (hello.tick, 0, ReportingHeap(layout, tick: hello.tick))
        for last in [tick, min(tick &+ 1, 1 << 62), 1 << 62] {
            tick = last
            for size in [1, layout.size / 2, layout.size / 4, 1, layout.size, .max] {
                perform(.alloc(size: size, owner: layout.baseAddress &+ UInt64(size / 2), callSite: callSite))
            }
            for depth: UInt32 in [1, 0, 3] { perform(.free(depth: depth)) }
            perform(.resize(depth: 1, size: max(1, layout.size / 8)))
            perform(.failed(size: .max, why: 2))
            let changes = delta()
            _ = try await line.receive(changes, in: lived, at: lived.clock.now)
            let table = keyframe()
            let outcome = try await line.receive(table, in: lived, at: lived.clock.now)
            guard case .stored(isExact: true, hasGap: _) = outcome else {
                Issue.record("a true table of \(hello) is believed: \(outcome)")
                return
            }
        }
    }

    /// A frame that does not come.
    mutating func loseFrame(in lived: LivedStore) async throws {
        _ = delta()
        _ = try await greet(in: lived)
    }

    var callSite: UInt64 { layout.hasCallSites ? 0x0800_0101 : 0 }

    /// False when the heap can't do it.
    @discardableResult
    mutating func perform(_ operation: HeapWire.Operation) -> Bool { heap.perform(operation, at: tick) }

    mutating func delta() -> [UInt8] {
        sequence += 1
        return heap.delta(number: number, sequence: sequence, tick: tick).payload
    }

    mutating func keyframe() -> [UInt8] {
        sequence += 1
        return heap.keyframe(number: number, sequence: sequence, tick: tick, most: 100, startsOver: true).payload
    }

    /// Sends what may be anything, and makes the line one on which the next true frame is taken.
    mutating func send(_ payload: [UInt8], in lived: LivedStore) async throws -> StoreLine.Outcome {
        let outcome = try await line.receive(payload, in: lived, at: lived.clock.now)
        if !outcome.isBelieved { disbelieved += 1 }
        return outcome
    }

    mutating func commit(in lived: LivedStore) async throws { try await line.commit(in: lived) }
}
