// SPDX-License-Identifier: Apache-2.0
//
// schema/reference, a decoder in Python that was written from schema/wire.md alone, and ours read the same: every vector,
// every stream, and what the agent says of thousands of random operations, whose tables the allocator tells.

import Foundation
import HeapReplica
import HeapWire
import Testing

struct ReferenceDecoderTests {
    @Test func thereAreStreams() {
        #expect(StreamVector.all.count >= 49 + 84 + 17 + 330 + 11 + 48)
    }

    @Test(arguments: StreamVector.all) func oursReadsStreamsAsTheySay(stream: StreamVector) {
        let lines = TableReader().read(stream.bytes)
        #expect(stream.agrees(with: lines), "\(lines)")
    }

    /// One process reads all of them. A HELLO of another device before each begins anew.
    @Test func theReferenceReadsStreamsAsTheySay() throws {
        let scratch = try ReferencePrograms()
        let between = try Self.hello(0)
        let bytes = StreamVector.all.flatMap { between + $0.bytes }
        let text = try scratch.decode(scratch.write(bytes, to: "streams"), ["--tables"])
        var read: [[TableLine]] = []
        for paragraph in text.components(separatedBy: "\n\n") {
            if paragraph.hasPrefix("frame: HELLO\n"), paragraph.contains("\ndevice: a\n") {
                read.append([])
            } else if let line = TableLine(paragraph: paragraph) {
                try #require(!read.isEmpty)
                read[read.count - 1].append(line)
            }
        }
        try #require(read.count == StreamVector.all.count)
        for (stream, lines) in zip(StreamVector.all, read) {
            #expect(stream.agrees(with: lines), "\(stream.name): \(lines)")
        }
    }

    /// The collector's side of them; the device's is held to them by the tests of the agent.
    @Test func theReferenceCollectorAnswersAsConversationsSay() throws {
        let lines = try ReferencePrograms().converse().split(separator: "\n")
        #expect(lines.count >= 25)
        for line in lines { #expect(line.hasSuffix(": as it must be"), "\(line)") }
    }

    @Test func theReferenceClockTellsTheTimesOfTheVectors() throws {
        let lines = try ReferencePrograms().tellTimes().split(separator: "\n")
        #expect(lines.count >= 10)
        for line in lines { #expect(line.hasSuffix(": as it must be"), "\(line)") }
    }

    @Test func theReferenceReadsVectorsAsTheySay() throws {
        let vectors = try SpecificationTests.vectors()
        let scratch = try ReferencePrograms()
        // A HELLO before each, so that no vector depends on another.
        let stream = try vectors.flatMap {
            try Self.hello($0.traits ?? 0, $0.pointerWidth ?? 4) + SpecificationTests.bytes($0.line)
        }
        let text = try scratch.decode(scratch.write(stream, to: "vectors"))
        let paragraphs = text.components(separatedBy: "\n\n")
        try #require(paragraphs.count == 2 * vectors.count)
        for (index, vector) in vectors.enumerated() {
            let paragraph = paragraphs[2 * index + 1].trimmingCharacters(in: .newlines)
            if let reason = vector.malformed {
                // Its place follows.
                #expect(paragraph.hasPrefix("malformed: \(reason)\nbytes: "), "\(vector.name)")
            } else {
                #expect(paragraph == vector.meaning?.joined(separator: "\n"), "\(vector.name)")
            }
        }
    }

    @Test(arguments: [false, true]) func recordedStreamsTellTheAllocatorsTables(callSites: Bool) throws {
        let scratch = try ReferencePrograms()
        try scratch.buildRecorder(callSites: callSites)
        for policy in ["eager", "lazy"] { try Self.compareRecording(policy, scratch) }
    }

    private static func compareRecording(_ policy: String, _ scratch: ReferencePrograms) throws {
        let (stream, moments) = try scratch.record(policy: policy, operations: 4000)
        let reference = try scratch.tables(of: stream)
        let ours = TableReader().read(Array(try Data(contentsOf: stream)))
        var compared = 0
        for (sequence, table) in moments {
            for lines in [ours, reference] {
                let line = try #require(lines.first { $0.sequence == sequence })
                // After an overflow the table comes in parts.
                guard line.standing == "exact" else { continue }
                try #require(line.table == table, "frame \(sequence)")
                compared += 1
            }
        }
        // Most moments are exact, and all kinds of them are there.
        #expect(moments.count > 200)
        #expect(compared > moments.count * 3 / 2)
        #expect(reference.contains { $0.standing == "partial" })
        // Both say the same, except of what can't be told while entries are missing.
        let exact = { (lines: [TableLine]) in lines.filter { $0.standing == "exact" } }
        #expect(exact(ours) == exact(reference))
    }

    /// The heap of the vectors, under every number that they use.
    static func hello(_ traits: UInt32, _ pointerWidth: UInt32 = 4) throws -> [UInt8] {
        let layout = try #require(SpecificationTests.layout(traits, pointerWidth))
        var hello = OwnedHello(
            device: "a", boot: 1, tick: 0, heaps: [0, 1, 255].map { OwnedHello.Heap(number: $0, layout: layout) })
        hello.isOneWay = true
        return FrameWriter.line { hello.write(to: &$0) }
    }
}
