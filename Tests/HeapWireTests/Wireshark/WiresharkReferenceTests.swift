// SPDX-License-Identifier: Apache-2.0
//
// Frames that no vector has: schema/wireshark/heapwire.lua and the reference decoder say the same of them, also why they are malformed.

import Foundation
import HeapWire
import TestSupport
import Testing

struct WiresharkReferenceTests {
    /// Compares what both say of payloads, each after a HELLO with these traits, and returns how often which first line came.
    private func compare(_ payloads: [[UInt8]], traits: UInt32) throws -> [String: Int] {
        let layout = try #require(SpecificationTests.layout(traits))
        let heaps = [0, 1, 255].map { OwnedHello.Heap(number: $0, layout: layout) }
        var (capture, stream) = (Capture(), [UInt8]())
        for (connection, payload) in payloads.enumerated() {
            // Each belongs to a boot of its own, of whose tables nothing is known.
            let hello = OwnedHello(device: "a", boot: UInt32(clamping: connection), tick: 0, heaps: heaps)
            let frame = FrameWriter.line { writer in for byte in payload { writer.byte(byte) } }
            let lines = FrameWriter.line { hello.write(to: &$0) } + frame
            capture.send(lines, on: connection)
            stream += lines
        }
        let programs = try ReferencePrograms()
        let expected = try programs.decode(programs.write(stream, to: "stream")).components(separatedBy: "\n\n")
        let (frames, failed) = try Tshark().frames(of: capture)
        #expect(!failed)
        try #require(frames.count == 2 * payloads.count && expected.count == 2 * payloads.count)
        var kinds: [String: Int] = [:]
        for index in payloads.indices {
            var lines = expected[2 * index + 1].split(separator: "\n").map { String($0) }
            // The place of what is malformed.
            lines.removeAll { $0.hasPrefix("bytes: ") }
            // After a reset the reference knows the table, and which owners were left.
            guard !lines.contains(where: { $0.hasSuffix(": reset") }) else { continue }
            #expect(frames[2 * index + 1].words == lines)
            kinds[lines.first ?? "-", default: 0] += 1
        }
        return kinds
    }

    @Test(arguments: [UInt32(0), 3, 4, 6]) func changedVectors(traits: UInt32) throws {
        let vectors = try SpecificationTests.vectors().filter { $0.meaning != nil && $0.traits ?? 0 == traits }
            .compactMap { try WireText.payload(SpecificationTests.bytes($0.line)) }.filter { $0.count < 1000 }
        var random = SeededRandom(seed: 17)
        let payloads = (0..<2000).map { _ in
            var payload = vectors[random.below(vectors.count)]
            for _ in 0...random.below(3) { payload[random.below(payload.count)] = UInt8(random.below(256)) }
            if random.once(in: 4) { payload.removeLast(random.below(payload.count)) }
            return payload
        }
        let kinds = try compare(payloads, traits: traits)
        #expect(kinds.filter { $0.key.hasPrefix("malformed: ") }.values.reduce(0, +) > 200)
        #expect(kinds.filter { $0.key.hasPrefix("frame: ") }.count >= (traits == 0 ? 7 : 2), "\(kinds)")
    }

    /// Of few variables, so that all forms of owners come.
    @Test(arguments: [UInt32(0), 1, 2, 3]) func randomOperations(traits: UInt32) throws {
        let layout = try #require(SpecificationTests.layout(traits))
        var random = SeededRandom(seed: UInt64(traits))
        let payloads = (0..<200).map { _ in
            var (operations, state) = (
                OperationBytes(layout: layout),
                HeapState(
                    sequence: 1, heap: 0, tick: 1 << 40, used: 0, liveBlocks: 0, peak: 0, totals: HeapTotals(), lost: 0,
                    digest: 0)
            )
            for _ in 0..<random.below(60) {
                operations.append(
                    Self.operation(layout, &random), leaving: Self.owner(&random),
                    elapsed: UInt32(random.below(random.once(in: 8) ? 1 << 26 : 300)))
            }
            state.hasFigures = random.once(in: 2)
            return FrameWriter.payload { operations.write(state, span: .max, to: &$0) }
        }
        #expect(try compare(payloads, traits: traits) == ["frame: DELTA": payloads.count])
    }

    private static func owner(_ random: inout SeededRandom) -> UInt64 {
        [0, 0, 0x10, 0x14, 0x20, 0xFF0][random.below(6)]
    }

    private static func operation(_ layout: HeapLayout, _ random: inout SeededRandom) -> HeapWire.Operation {
        let depth = UInt32(random.below(1 << random.below(17)))
        let size = UInt32(1 + random.below(1 << random.below(31)))
        let callSite = layout.hasCallSites ? UInt64(random.below(4)) : 0
        return switch random.below(layout.isLazy ? 8 : 7) {
        case 0: .alloc(size: size, owner: owner(&random), callSite: callSite)
        case 1: .free(depth: min(depth, 65535))
        case 2: .resize(depth: min(depth, 65535), size: size)
        case 3: .reown(depth: min(depth, 65535), owner: owner(&random))
        case 4: .orphan(depth: min(depth, 65535))
        case 5: .badPointer(owner: owner(&random))
        case 6: .failed(size: size, why: UInt32(random.below(2)), owner: owner(&random), callSite: callSite)
        default: .compact(depth: min(depth, 65535), bytes: size)
        }
    }

    /// Texts of the bytes at which UTF-8 and the control characters begin and end.
    @Test func textsAtTheEdgesOfUTF8() throws {
        let edges: [UInt8] = [
            0x1F, 0x20, 0x7E, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC1, 0xC2, 0xC3, 0xDF, 0xE0, 0xE1, 0xEC, 0xED,
            0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF,
        ]
        var texts = edges.map { [$0] } + edges.flatMap { first in edges.map { [first, $0] } }
        for second in edges {
            for lead in edges {
                texts += [[lead, second, 0xBF], [lead, second, 0x80, 0x80], [lead, second, 0xBF, 0xBF, 0x41]]
            }
        }
        // A HELLO without a build and heaps.
        let payloads = texts.map { [1, 2, 1, UInt8($0.count)] + $0 + [0, 1, 1, 0, 1, 4, 0] }
        let kinds = try compare(payloads, traits: 0)
        #expect(kinds["frame: HELLO", default: 0] > 100)
        #expect(kinds["malformed: value out of range", default: 0] > 1000)
    }
}
