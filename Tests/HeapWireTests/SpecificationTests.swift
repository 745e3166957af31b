// SPDX-License-Identifier: Apache-2.0
//
// schema/wire.md and schema/wire-vectors say what the code does: their bytes are read, compared with the meaning beside them,
// and written again.

import Foundation
import HeapReplica
import Testing

@testable import HeapWire

struct SpecificationTests {
    static let schema = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("schema")

    /// The heap that the examples and vectors speak of.
    static func layout(_ traits: UInt32, _ pointerWidth: UInt32 = 4) -> HeapLayout? {
        HeapLayout(
            baseAddress: 0x2000_1000, size: 4096, alignment: 4, tableSize: 100, pointerWidth: pointerWidth,
            traits: HeapTraits(rawValue: traits))
    }

    struct Example: Sendable, CustomTestStringConvertible {
        var bytes: [UInt8]
        var lines: [String]
        var traits: UInt32
        var testDescription: String { lines.first ?? "" }
    }

    /// The fenced blocks `example`, or `example traits 3`: hexadecimal bytes, an empty line, then a `field: value` a line.
    static let examples: [Example] = {
        let text = (try? String(contentsOf: schema.appendingPathComponent("wire.md"), encoding: .utf8)) ?? ""
        return text.components(separatedBy: "```example").dropFirst().map { block in
            let title = block.prefix { $0 != "\n" }
            let text = block.dropFirst(title.count + 1).components(separatedBy: "```").first ?? ""
            let parts = text.components(separatedBy: "\n\n")
            let traits = title.split(separator: " ").last.flatMap { UInt32($0) } ?? 0
            let lines = parts.dropFirst().joined(separator: "\n").split(separator: "\n").map { String($0) }
            return Example(bytes: bytes(parts[0]), lines: lines, traits: traits)
        }
    }()

    static func bytes(_ hexadecimal: String) -> [UInt8] {
        hexadecimal.split(whereSeparator: \.isWhitespace).compactMap { UInt8($0, radix: 16) }
    }

    @Test func everyFrameHasAnExample() {
        let frames = Set(Self.examples.compactMap(\.lines.first))
        #expect(
            frames == [
                "frame: HELLO", "frame: KEYFRAME", "frame: DELTA", "frame: WELCOME", "frame: ACK", "frame: REQUEST",
                "frame: REFUSE",
            ])
    }

    @Test(arguments: examples) func examplesMeanWhatTheySay(example: Example) throws {
        let payload = try #require(try WireText.payload(example.bytes))
        let (lines, again) = try WireText.read(payload, layout: #require(Self.layout(example.traits)))
        #expect(lines == example.lines)
        #expect(again == example.bytes, "\(again.map { String($0, radix: 16) })")
    }

    @Test(arguments: [UInt32(0), 3, 4]) func theLastExampleFollowsFromTheOnesBefore(traits: UInt32) throws {
        let layout = try #require(Self.layout(traits))
        let memory = UnsafeMutablePointer<ReplicaEntry>.allocate(capacity: 100)
        defer { memory.deallocate() }
        memory.initialize(repeating: ReplicaEntry(size: 0, offset: 0, owner: 0), count: 100)
        var replica = HeapReplica(layout: layout, entries: memory, capacity: 100)
        for example in Self.examples
        where example.traits == traits && ["frame: KEYFRAME", "frame: DELTA"].contains(example.lines.first) {
            let payload = try #require(try WireText.payload(example.bytes))
            let verdict = try payload.withUnsafeBufferPointer {
                try replica.apply(StateFrame(payload: #require($0.baseAddress), count: $0.count))
            }
            #expect(verdict == .exact)
        }
        #expect(replica.known > 0)
    }

    @Test func theNumbersOfTheLimitsAreThoseOfTheCode() throws {
        let text = try String(contentsOf: Self.schema.appendingPathComponent("wire.md"), encoding: .utf8)
        for (name, value) in [
            ("payload of a frame", WireLimits.payload), ("device id and build", WireLimits.identifier),
            ("heap name", WireLimits.heapName), ("heaps of a device", WireLimits.heaps),
            ("extension fields of a frame, all together", WireLimits.extensions),
        ] {
            #expect(text.contains("| \(name) | \(value) |"), "\(name)")
        }
        #expect(text.contains("| entries of a table | \(WireLimits.table); of a watched heap 1,048,576 |"))
        #expect(WireLimits.watchedTable == 1_048_576)
        let reply = "\(WireLimits.reply), or \(WireLimits.longReply) with the capability *long replies*"
        #expect(text.contains("| payload of a frame from the collector | \(reply) |"))
    }

    @Test func theRegistriesHaveTheNumbersOfTheCode() throws {
        let text = try String(contentsOf: Self.schema.appendingPathComponent("wire.md"), encoding: .utf8)
        let registries = try #require(text.components(separatedBy: "\n## 8. Registries\n").last)
            .components(separatedBy: "\n## 9. ")[0]
        for (type, name) in [
            (FrameType.hello, "HELLO"), (.keyframe, "KEYFRAME"), (.delta, "DELTA"), (.welcome, "WELCOME"),
            (.ack, "ACK"),
            (.request, "REQUEST"), (.refuse, "REFUSE"),
        ] {
            let digits = String(type.rawValue, radix: 16)
            #expect(registries.contains("| 0x\(digits.count < 2 ? "0" : "")\(digits) | \(name) |"), "\(name)")
            #expect(FrameType.isSkippable(type.rawValue) == (type == .refuse), "\(name)")
        }
        for (reason, words) in [
            (RefusalReason.version, "the version"), (.tooManyBoots, "the device has brought too many boots"),
            (.tooManyDevices, "its address has brought"), (.sameID, "another device has this id"),
            (.notAuthorised, "the device may not"), (.shutdown, "the collector stops"),
            (.displaced, "another connection"),
            (.silence, "nothing was heard"), (.malformed, "too much of what came"),
            (.storage, "what came can't be stored"),
            (.heaps, "there are more heaps"),
        ] {
            #expect(registries.contains("| \(reason.rawValue) | \(words)"), "\(words)")
        }
        #expect(registries.contains("| \(HeapTraits.lazy.rawValue) | lazy |"))
        #expect(registries.contains("| \(HeapTraits.callSites.rawValue) | call sites |"))
        #expect(registries.contains("| \(HeapTraits.watched.rawValue) | watched |"))
        for (capability, name) in [(Capabilities.longReplies, "long replies"), (.summaries, "summaries")] {
            #expect(registries.contains("| \(capability.rawValue.trailingZeroBitCount) | \(name) |"))
        }
        #expect(registries.contains("| \(Request.levelTag) | REQUEST | *level* |"))
        #expect(registries.contains("| \(Request.Level.full.rawValue) | all operations |"))
        #expect(registries.contains("| \(Request.Level.summary.rawValue) | summaries |"))
        #expect(registries.contains("| \(AllocationSums.number) | sums |"))
        #expect(registries.contains("| \(RecorderFill.number) | recorder |"))
        for isPinned in [true, false] {
            let number = PinChange(depth: 0, isPinned: isPinned, tick: 0, place: 0).number
            #expect(registries.contains("| \(number) | \(isPinned ? "pin" : "unpin") |"))
        }
    }

    struct Vector: Decodable {
        var name: String
        var line: String
        var meaning: [String]?
        var malformed: String?
        var traits: UInt32?
        var pointerWidth: UInt32?
        /// Who finds the mistake, when the codec leaves it to the collector.
        var by: String?
    }

    static func vectors() throws -> [Vector] {
        try ["valid.json", "malformed.json"].flatMap { name in
            let data = try Data(contentsOf: schema.appendingPathComponent("wire-vectors/" + name))
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            return try decoder.decode([Vector].self, from: data)
        }
    }

    @Test func vectorsAreReadAsTheySay() throws {
        var (valid, malformed) = (0, 0)
        for vector in try Self.vectors() where vector.by == nil {
            do {
                let payload = try #require(try WireText.payload(Self.bytes(vector.line)), "\(vector.name)")
                let layout = try #require(Self.layout(vector.traits ?? 0, vector.pointerWidth ?? 4))
                let (lines, _) = try WireText.read(payload, layout: layout)
                #expect(lines == vector.meaning, "\(vector.name)")
                valid += 1
            } catch let error as Malformed {
                #expect("\(error.words)" == vector.malformed, "\(vector.name)")
                malformed += 1
            }
        }
        #expect(valid >= 160)
        #expect(malformed >= 240)
    }
}
