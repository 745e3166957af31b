// SPDX-License-Identifier: Apache-2.0
//
// A device that lives at random: true frames, lost ones, old ones, and frames with fields at the ends of what the format allows.

import HeapWire

@testable import DallocCollector
@testable import FuzzModels

struct RandomDevice {
    let name: String
    private let layouts: [HeapLayout]
    private var model: ModelDevice
    private var boot: UInt32
    private(set) var line = StoreLine()
    /// Some of what it sent.
    private var old: [[UInt8]] = []
    private(set) var sent = 0
    private(set) var greetings = 0

    init(_ name: String, _ random: inout SeededChoices) {
        self.name = name
        let layout = random.choose { HeapLayout(&$0) }
        layouts = Array(repeating: layout, count: random.below(2) + 1)
        boot = UInt32(truncatingIfNeeded: random.next())
        model = ModelDevice(layouts: layouts, tick: Self.tick(&random))
    }

    private static func tick(_ random: inout SeededChoices) -> UInt64 {
        let ends = ExtremeNumbers.all(in: 0...1 << 61)
        return random.once(in: 4) ? ends[random.below(ends.count)] : 1000
    }

    mutating func pass(milliseconds: UInt64) { model.pass(milliseconds) }

    /// The connection ends, and what was not stored is gone with it.
    mutating func drop() { line.drop() }

    mutating func commit(in lived: LivedStore) async throws {
        do { try await line.commit(in: lived) } catch is ClockWasSet { line.drop() }
    }

    mutating func step(_ random: inout SeededChoices, in lived: LivedStore) async throws {
        if line.session.bootID == nil { try await greet(&random, in: lived, isTrue: true) }
        let heap = random.below(layouts.count)
        switch random.below(12) {
        case 0...2:
            for _ in 0...random.below(6) {
                let kind = random.below(ModelDevice.kinds)
                random.choose { model.step(kind, heap: heap, &$0) }
            }
            try await send(delta(heap), in: lived)
        case 3: for payload in table(heap) { try await send(payload, in: lived) }
        case 4: _ = delta(heap)
        case 5: model.overflow(heap: heap)
        case 6: if !old.isEmpty { try await send(old[random.below(old.count)], in: lived) }
        case 7:
            if random.once(in: 2) { line.drop() }
            try await greet(&random, in: lived, isTrue: !random.once(in: 3))
        case 8 where random.once(in: 3): try await reset(&random, in: lived)
        default:
            var payloads = random.once(in: 3) ? table(heap) : [delta(heap)]
            let changed = random.below(payloads.count)
            guard !payloads.isEmpty else { return }
            payloads[changed] = Self.change(payloads[changed], of: layouts[heap], &random)
            for payload in payloads { try await send(payload, in: lived) }
        }
    }

    private mutating func reset(_ random: inout SeededChoices, in lived: LivedStore) async throws {
        let ids: [UInt32] = [boot, boot &+ 1, 0, .max, .max - 1]
        boot = ids[random.below(ids.count)]
        model = ModelDevice(layouts: layouts, tick: Self.tick(&random))
        if random.once(in: 2) { line.drop() }
        try await greet(&random, in: lived, isTrue: true)
    }

    private mutating func greet(_ random: inout SeededChoices, in lived: LivedStore, isTrue: Bool) async throws {
        let ends: [UInt32] = [1, model.sequence, model.sequence &+ 1, .max]
        let hello = PayloadBytes.hello(
            device: name, boot: boot, tick: model.tick,
            oldest: max(1, isTrue ? model.sequence &+ 1 : ends[random.below(ends.count)]), layouts: layouts,
            isOneWay: random.once(in: 4))
        greetings += 1
        try await send(isTrue ? hello : Self.change(hello, of: nil, &random), in: lived)
    }

    private mutating func send(_ payload: [UInt8], in lived: LivedStore) async throws {
        sent += 1
        if old.count < 64 { old.append(payload) } else { old[sent % 64] = payload }
        do {
            _ = try await line.receive(payload, in: lived, at: lived.clock.now)
        } catch is ClockWasSet {
            line.drop()
        }
    }

    private mutating func delta(_ heap: Int) -> [UInt8] { model.delta(heap: heap).payload }

    private mutating func table(_ heap: Int) -> [[UInt8]] {
        var payloads = model.heaps[heap].hasNews ? [delta(heap)] : []
        var isFirst = true
        repeat {
            guard let frame = model.keyframe(heap: heap, most: 100, startsOver: isFirst) else { return payloads }
            payloads.append(frame.payload)
            isFirst = false
        } while model.heaps[heap].isInParts
        return payloads
    }

    /// One to three fields get numbers at the ends of what they may have.
    private static func change(_ payload: [UInt8], of layout: HeapLayout?, _ random: inout SeededChoices) -> [UInt8] {
        var fields = FrameFields(payload, of: layout)
        for _ in 0...random.below(3) {
            let place = 1 + random.below(fields.fields.count - 1)
            // The number of heaps says how many fields follow.
            guard !["version", "heaps"].contains(fields.fields[place].name) else { continue }
            let ends = ExtremeNumbers.all(in: fields.fields[place].range)
            fields.set(place, to: ends[random.below(ends.count)])
        }
        return fields.payload
    }
}
