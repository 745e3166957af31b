// SPDX-License-Identifier: Apache-2.0
//
// schema/wireshark/heapwire.lua in tshark: every vector is shown as it says, field by field, however it is cut into segments, and in
// whatever order packets are looked at.

import Foundation
import HeapWire
import TestSupport
import Testing

struct WiresharkTests {
    private static let ack = FrameWriter.line { Ack(boot: 7, sequence: 2).write(to: &$0) }

    /// A connection for each vector: a HELLO, the vector, and a frame that shows how it goes on.
    private static func lines() throws -> [(vector: SpecificationTests.Vector, lines: [[UInt8]])] {
        try SpecificationTests.vectors().map { vector in
            let hello = try [0] + ReferenceDecoderTests.hello(vector.traits ?? 0, vector.pointerWidth ?? 4)
            return (vector, [hello, SpecificationTests.bytes(vector.line), ack])
        }
    }

    private static func capture(cut: (_ line: [UInt8]) -> [ArraySlice<UInt8>]) throws -> Capture {
        var capture = Capture()
        for (connection, (_, lines)) in try lines().enumerated() {
            for piece in cut(Array(lines.joined())) { capture.send(piece, on: connection) }
        }
        return capture
    }

    /// Pieces of random lengths.
    private static func pieces(of line: [UInt8], _ lengths: ClosedRange<Int>) -> [ArraySlice<UInt8>] {
        var (rest, pieces, random) = (line[...], [ArraySlice<UInt8>](), SeededRandom(seed: UInt64(line.count)))
        while !rest.isEmpty {
            pieces.append(rest.prefix(Int.random(in: lengths, using: &random)))
            rest = rest.dropFirst(pieces.last?.count ?? 0)
        }
        return pieces
    }

    private func texts(of capture: Capture, _ options: [String] = []) throws -> [String] {
        let (frames, failed) = try Tshark().frames(of: capture, options)
        #expect(!failed)
        // Frames of a connection are in order.
        return frames.map { "\($0.connection) \($0.text)" }
    }

    @Test func everyFieldIsWhatTheVectorsSay() throws {
        let (frames, failed) = try Tshark().frames(of: Self.capture { [$0[...]] })
        #expect(!failed)
        let connections = Dictionary(grouping: frames, by: \.connection)
        for (connection, (vector, _)) in try Self.lines().enumerated() {
            let frames = connections[connection] ?? []
            try #require(frames.count == 3, "\(vector.name)")
            #expect(frames[0].words.first == "frame: HELLO")
            #expect(frames[1].words == vector.meaning ?? ["malformed: \(vector.malformed ?? "")"], "\(vector.name)")
            #expect(frames[2].words == ["frame: ACK", "boot: 7", "sequence: 2"], "\(vector.name)")
        }
        #expect(connections.count >= 60 + 213 + 100)
    }

    @Test func cutFramesAreShownAsWholeOnes() throws {
        let whole = try texts(of: Self.capture { [$0[...]] })
        #expect(whole.count == 3 * (try SpecificationTests.vectors().count))
        #expect(try texts(of: Self.capture { Self.pieces(of: $0, 1...1) }) == whole)
        #expect(try texts(of: Self.capture { Self.pieces(of: $0, 1...40) }) == whole)
    }

    /// With `-2`, tshark reads all packets again after it has read the last one.
    @Test func packetsThatAreReadAgainAreShownAsBefore() throws {
        var capture = Capture()
        let vectors = try SpecificationTests.vectors().filter { $0.meaning?.first == "frame: KEYFRAME" }
        let lines = try vectors.flatMap { vector in
            [try ReferenceDecoderTests.hello(vector.traits ?? 0), SpecificationTests.bytes(vector.line)]
        }
        try #require(Set(vectors.map { $0.traits ?? 0 }).count > 2)
        // The heaps change with each HELLO: in packets of their own, in one packet, and cut anywhere.
        for (connection, pieces) in [
            lines.map { $0[...] }, [Array(lines.joined())[...]], Self.pieces(of: Array(lines.joined()), 1...100),
        ].enumerated() {
            for piece in pieces { capture.send(piece, on: connection) }
        }
        // The same bytes mean something else after another HELLO, in the same packet and in another.
        let same = try [0, 1].flatMap { traits in [try ReferenceDecoderTests.hello(traits), lines[1]] }
        capture.send(Array(same.joined()), on: 3)
        for line in same { capture.send(line, on: 4) }
        let once = try texts(of: capture)
        let (early, late) = (once.dropLast(8), once.suffix(4).map { $0.dropFirst(2) })
        #expect(early.count == 3 * lines.count)
        #expect(!early.contains { $0.contains("malformed") || $0.contains("no_hello") })
        #expect(late[1] != late[3])
        #expect(late == once.dropLast(4).suffix(4).map { $0.dropFirst(2) })
        let again = try texts(of: capture, ["-2"])
        #expect(zip(again, once).filter { $0 != $1 }.map(\.0) == [] && again.count == once.count)
    }

    @Test func rubbishIsNoMistakeOfTheScript() throws {
        var (capture, random) = (Capture(), SeededRandom(seed: 5))
        for connection in 0..<300 {
            let most = random.once(in: 2) ? 256 : 8
            capture.send((0..<random.below(300)).map { _ in UInt8(random.below(most)) } + [0], on: connection)
        }
        // More than is kept for a zero to come.
        for _ in 0..<70 { capture.send([UInt8](repeating: 7, count: 1000), on: 300) }
        capture.send([0] + Self.ack, on: 300)
        let (frames, failed) = try Tshark().frames(of: capture)
        #expect(!failed)
        #expect(frames.contains { $0.messages == ["no frame yet: no zero ends it"] })
        #expect(frames.last?.words.first == "frame: ACK")
    }

    @Test func figuresAreShownWithoutHello() throws {
        var capture = Capture()
        let vectors = try SpecificationTests.vectors()
        for (connection, name) in ["keyframe of two entries", "delta"].enumerated() {
            let vector = try #require(vectors.first { $0.name == name })
            capture.send(SpecificationTests.bytes(vector.line), on: connection)
            let meaning = try #require(vector.meaning).filter { !$0.hasPrefix("entry: ") && !$0.hasPrefix("tick 1") }
            let (frames, failed) = try Tshark().frames(of: capture)
            #expect(!failed)
            let frame = try #require(frames.last)
            #expect(frame.words == meaning.filter { !$0.hasPrefix("tick 2") })
            #expect(frame.messages.count == 1)
            #expect(frame.messages.first?.hasPrefix("The HELLO of this connection is not in the capture") == true)
            #expect(frame.tree["heapwire.packed"] != nil)
        }
    }

    @Test func aSummaryIsNoLoss() throws {
        var capture = Capture()
        let layout = try #require(SpecificationTests.layout(0))
        let state = HeapState(
            sequence: 1, heap: 0, tick: 0, used: 0, liveBlocks: 0, peak: 0, totals: HeapTotals(), lost: 12, digest: 0)
        for (connection, sums) in [nil, AllocationSums(others: .init(allocations: 12, bytes: 96))].enumerated() {
            var operations = OperationBytes(layout: layout)
            operations.sums = sums
            let line = FrameWriter.line { operations.write(state, to: &$0) }
            capture.send(try ReferenceDecoderTests.hello(0) + line, on: connection)
        }
        let (frames, failed) = try Tshark().frames(of: capture)
        #expect(!failed)
        #expect(
            frames.map(\.messages) == [
                [], ["12 operations are lost before this frame"], [], ["12 operations are summed up"],
            ])
    }

    @Test func framesOfOtherHeapsAreRejected() throws {
        var capture = Capture()
        let layout = try #require(SpecificationTests.layout(0))
        let heaps = [OwnedHello.Heap(number: 1, layout: layout)]
        let hello = FrameWriter.line { OwnedHello(device: "a", boot: 1, tick: 0, heaps: heaps).write(to: &$0) }
        let vector = try #require(try SpecificationTests.vectors().first { $0.name == "keyframe of two entries" })
        capture.send(hello + SpecificationTests.bytes(vector.line), on: 0)
        let (frames, failed) = try Tshark().frames(of: capture)
        #expect(!failed)
        #expect(frames.last?.messages == ["rejected: frame of heap 0, which no HELLO announced"])
    }

    @Test func theListOfPacketsHasAFewWordsOnEachFrame() throws {
        let vectors = try SpecificationTests.vectors()
        var capture = Capture()
        capture.send(try ReferenceDecoderTests.hello(0), on: 0)
        for name in [
            "delta", "summary of the variables that own most", "keyframe that goes on at entry 7, with an orphan",
            "wrong checksum",
        ] {
            capture.send(SpecificationTests.bytes(try #require(vectors.first { $0.name == name }).line), on: 0)
        }
        let replies: [(inout FrameWriter) -> Void] = [
            { Welcome(boot: 7, lastStored: 5).write(to: &$0) }, { Ack(boot: 7, sequence: 2).write(to: &$0) },
            { Request(boot: 7, keyframe: true, interval: 5000).write(to: &$0) },
            { Request(boot: 7, keyframe: false, level: .summary).write(to: &$0) },
            { Refuse(boot: 7, wait: 10, reason: .sameID).write(to: &$0) }, { $0.byte(0x30) },
        ]
        for reply in replies { capture.send(FrameWriter.line(reply), from: .collector, on: 0) }
        capture.send(Self.ack + Self.ack, from: .collector, on: 0)
        // The end of one frame and the next.
        capture.send(Self.ack.prefix(5), from: .collector, on: 0)
        capture.send(Self.ack.dropFirst(5) + Self.ack, from: .collector, on: 0)
        let column = try Tshark().column(of: capture)
        #expect(
            column.filter { !$0.contains("PDU") } == [
                "HELLO a boot 1", "DELTA seq 2 heap 0 5 operations", "DELTA seq 4 heap 0 summary, 0 operations",
                "KEYFRAME seq 1 heap 0 3 entries from 7",
                "malformed: checksum mismatch", "WELCOME boot 7 stored 5", "ACK seq 2",
                "REQUEST keyframe interval 5000", "REQUEST level 1", "REFUSE reason 4", "skipped: frame of type 0x30",
                "ACK seq 2; ACK seq 2", "ACK seq 2; ACK seq 2",
            ])
    }

    /// What the page says of installing it, and of using it.
    @Test func wiresharkFindsItAmongItsPlugins() throws {
        let programs = try ReferencePrograms()
        let folder = SpecificationTests.schema.appendingPathComponent("wireshark")
        let page = try String(contentsOf: folder.appendingPathComponent("README.md"), encoding: .utf8)
        let blocks = page.components(separatedBy: "```sh\n").dropFirst().map { $0.components(separatedBy: "```")[0] }
        try #require(blocks.count == 2)
        let home = "HOME=" + programs.path("home")
        _ = try programs.run([home, "sh", "-ec", blocks[0]], in: folder)
        let capture = try programs.write(Self.capture { [$0[...]] }.bytes, to: "fleet.pcap")
        let commands = blocks[1].split(separator: "\n").filter { $0.hasPrefix("tshark ") }
        #expect(commands.count >= 5)
        for command in commands {
            let output = try programs.run(
                [home, "sh", "-ec", String(command)], in: capture.deletingLastPathComponent())
            // Nobody has used the other port.
            #expect(output.isEmpty == command.contains("-o heapwire.port:"), "\(command)")
        }
    }

    @Test func thePortIsAPreference() throws {
        var capture = Capture(port: 7999)
        capture.send(Self.ack, from: .collector, on: 0)
        #expect(try Tshark().frames(of: capture).frames.isEmpty)
        let frames = try Tshark().frames(of: capture, ["-o", "heapwire.port:7999"]).frames
        #expect(frames.map(\.words) == [["frame: ACK", "boot: 7", "sequence: 2"]])
        // The port that collectors listen on when they are not told otherwise.
        let serve = SpecificationTests.schema.deletingLastPathComponent().appendingPathComponent("README.md")
        #expect(try String(contentsOf: serve, encoding: .utf8).contains("--listen 0.0.0.0:7420"))
    }
}
