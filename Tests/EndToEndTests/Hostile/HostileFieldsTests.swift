// SPDX-License-Identifier: Apache-2.0
//
// Fields of every frame at the largest and smallest numbers that the format allows: the real collector, and every question of the command.

import Foundation
import HeapHistory
import HeapWire
import TestSupport
import Testing

@testable import FuzzModels

@Suite(.serialized) struct HostileFieldsTests {
    private static func framed(_ payload: [UInt8]) -> [UInt8] {
        FrameWriter.line { writer in for byte in payload { writer.byte(byte) } }
    }

    private static func hello(_ device: String, _ boot: UInt32, _ layout: HeapLayout) -> [UInt8] {
        PayloadBytes.hello(device: device, boot: boot, tick: 1000, oldest: 1, layouts: [layout])
    }

    /// A true table, and a true DELTA with every kind of operation that the heap can do.
    private static func frames(_ layout: HeapLayout) -> (table: [UInt8], delta: [UInt8]) {
        var heap = ReportingHeap(layout, tick: 1000)
        for _ in 0..<3 { _ = heap.perform(.alloc(size: 20, owner: 64, callSite: 0), at: 1000) }
        _ = heap.delta(number: 0, sequence: 1, tick: 1001)
        let table = heap.keyframe(number: 0, sequence: 1, tick: 1001, most: 100, startsOver: true).payload
        let operations: [HeapWire.Operation] = [
            .alloc(size: 40, owner: 128, callSite: 0), .free(depth: 2), .resize(depth: 1, size: 8),
            .reown(depth: 0, owner: 256), .orphan(depth: 1), .failed(size: 5000, why: 0), .badPointer(owner: 512),
        ]
        for operation in operations { _ = heap.perform(operation, at: 1002) }
        return (table, heap.delta(number: 0, sequence: 2, tick: 1003).payload)
    }

    @Test func everyQuestionIsAnsweredAfterExtremeFields() async throws {
        let collector = try await RunningCollector(Scratch(), options: ["--new-boots-per-minute", "1000000"])
        let good = try Socket(connectedTo: collector.port)
        good.send(WireBytes.hello(device: "pump") + WireBytes.keyframe(sequence: 1))
        for traits: UInt32 in [0, 3] {
            let layout = try #require(
                HeapLayout(
                    baseAddress: 0x2000_0000, size: 4096, alignment: 4, tableSize: 100, pointerWidth: 4,
                    traits: HeapTraits(rawValue: traits)))
            try await sendAll(layout, "evil-\(traits)", to: collector)
        }
        for _ in 0..<2 {
            for device in ["evil-0", "evil-3", "pump"] { try await ask(device, collector) }
            #expect(try await collector.ask(["snapshot", "pump"]).status == 0, "others are served")
            #expect(try await collector.metric("dalloc_collector_operations_total") ?? -1 >= 0)
            #expect(try await collector.stop() == 0)
            let findings = try await collector.check().findings
            #expect(findings == [])
            try await collector.restart()
        }
        #expect(try await collector.stop() == 0)
    }

    private func sendAll(_ layout: HeapLayout, _ device: String, to collector: RunningCollector) async throws {
        var boot: UInt32 = 0
        let (table, delta) = Self.frames(layout)
        let line = try Socket(connectedTo: collector.port)
        for (place, isHello) in FrameFields(Self.hello(device, 1, layout)).fields.indices.map({ ($0, true) })
            + FrameFields(delta, of: layout).fields.indices.map({ ($0, false) })
        {
            boot += 1
            var hello = FrameFields(Self.hello(device, boot, layout))
            var change = FrameFields(delta, of: layout)
            let field = isHello ? hello.fields[place] : change.fields[place]
            guard !["type", "version", "heaps"].contains(field.name) else { continue }
            for value in [field.range.lowerBound, field.range.upperBound] {
                if isHello { hello.set(place, to: value) } else { change.set(place, to: value) }
                line.send(Self.framed(hello.payload) + Self.framed(table) + Self.framed(change.payload))
            }
        }
        // The last word is a true one.
        line.send(Self.framed(Self.hello(device, boot + 1, layout)) + Self.framed(table))
        try await wait(for: "the last frame of \(device)") {
            try await collector.devices().first { $0.id == device }?.boot == boot + 1
        }
    }

    /// Everything that the command can ask; an answer, or a clear error.
    private func ask(_ device: String, _ collector: RunningCollector) async throws {
        let questions = [
            ["devices"], ["snapshot", device], ["snapshot", device, "--at", "1m"], ["snapshot", device, "--at", "#1"],
            ["snapshot", device, "--at", "#4294967295"], ["gaps", device, "--since", "30d"],
            ["moves", device, "--since", "1h"], ["history", device, "--since", "10m", "--step", "1s"],
            ["history", device, "--since", "1d", "--step", "1m"],
            ["history", device, "--since", "30d", "--step", "1h"],
        ]
        for question in questions {
            let answer = try await collector.ask(question)
            let isClear = answer.status == 0 ? !answer.output.isEmpty : !answer.errors.isEmpty
            // 64 to 78 are the command's own; a signal or a failing server has others.
            #expect(answer.status == 0 || (64...66).contains(answer.status), "\(question): \(answer.errors)")
            #expect(isClear, "\(question)")
        }
    }
}
