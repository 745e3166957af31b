// SPDX-License-Identifier: Apache-2.0
//
// schema/reference as a package: it can be installed without a network, and prints what schema/wire.md shows.

import Foundation
import HeapWire
import TestSupport
import Testing

struct ReferencePackageTests {
    /// What `dump` must print of the examples, each after a HELLO of its own; and the stream.
    private static func examples() throws -> (stream: [UInt8], text: String) {
        let greetings = try SpecificationTests.examples.map { try ReferenceDecoderTests.hello($0.traits) }
        let stream = zip(greetings, SpecificationTests.examples).flatMap { $0 + $1.bytes }
        let heap = "base 0x20001000, size 4096, alignment 4, table 100, traits"
        let paragraphs = SpecificationTests.examples.flatMap { example in
            let greeting =
                [
                    "frame: HELLO", "one-way: true", "device: a", "build: ", "boot: 1", "ticks per second: 1000",
                    "tick: 0", "oldest: 1", "pointer width: 4",
                ] + [0, 1, 255].map { "heap \($0): name , \(heap) \(example.traits)" }
            return [greeting, example.lines].map { $0.joined(separator: "\n") }
        }
        return (stream, paragraphs.joined(separator: "\n\n") + "\n")
    }

    @Test func dumpPrintsTheExamplesOfTheDocument() throws {
        let programs = try ReferencePrograms()
        let (stream, text) = try Self.examples()
        let file = try programs.write(stream, to: "stream")
        #expect(try programs.decode(file) == text)
        // The same through a pipe.
        let pipe = "cat \"$0\" | PYTHONPATH=\"$1\" PYTHONDONTWRITEBYTECODE=1 python3 -m heapwire dump -"
        #expect(try programs.run(["sh", "-c", pipe, file.path, ReferencePrograms.package]) == text)
    }

    @Test func dumpTellsThePlacesOfWhatIsNoFrame() throws {
        let programs = try ReferencePrograms()
        let ack = FrameWriter.line { Ack(boot: 7, sequence: 2).write(to: &$0) }
        var broken = ack
        broken[2] ^= 1
        let stream = try programs.write(ack + broken + [0, 0] + ack + ack.dropLast(3), to: "stream")
        let words = "frame: ACK\nboot: 7\nsequence: 2"
        let size = ack.count
        #expect(
            try programs.decode(stream) == """
                \(words)

                malformed: checksum mismatch
                bytes: \(size) to \(2 * size - 1)

                \(words)

                no frame yet: no zero ends it
                bytes: \(3 * size + 2) to \(4 * size - 2)

                """)
    }

    @Test func tablesStandBelowTheFramesThatToldThem() throws {
        let programs = try ReferencePrograms()
        let keyframe = try #require(SpecificationTests.examples.first { $0.lines.first == "frame: KEYFRAME" })
        let stream = try programs.write(ReferenceDecoderTests.hello(0) + keyframe.bytes, to: "stream")
        let table = [
            "table: heap 0, exact", "0x20001000: size 100, owner 0x20000010", "0x20001064: size 32, owner 0x20000014",
        ]
        let printed = try programs.decode(stream, ["--tables"])
        #expect(printed.hasSuffix("\n\n" + (keyframe.lines + table).joined(separator: "\n") + "\n"))
    }

    @Test func aFileThatIsNotThereIsNamed() throws {
        let programs = try ReferencePrograms()
        let gone = URL(fileURLWithPath: programs.path("gone"))
        let failure = try #require(throws: ReferencePrograms.Failure.self) { try programs.decode(gone) }
        #expect(failure.description.hasSuffix("heapwire: can't read \(gone.path): No such file or directory\n"))
    }

    /// `make test` installs what it needs: python3-pip, python3-setuptools and python3-wheel.
    @Test(.enabled(if: ReferencePrograms.installer != nil, "needs a Python with pip, setuptools and wheel"))
    func itIsInstalledWithoutANetwork() throws {
        let programs = try ReferencePrograms()
        let (stream, text) = try Self.examples()
        let file = try programs.write(stream, to: "stream")
        let (site, interpreter) = (try programs.install(), try #require(ReferencePrograms.installer))
        // From a folder in which nothing else is called heapwire.
        let folder = URL(fileURLWithPath: site).deletingLastPathComponent()
        let installed = try programs.python(
            ["-m", "heapwire", "dump", file.path], interpreter: interpreter, package: site, in: folder)
        #expect(installed == text)
        let code = """
            import heapwire, importlib.metadata, pathlib
            folder = pathlib.Path(heapwire.__file__).parent
            print(folder.parent, (folder / "py.typed").exists(), importlib.metadata.requires("heapwire"))
            """
        #expect(
            try programs.python(["-c", code], interpreter: interpreter, package: site, in: folder)
                == "\(site) True None\n")
        #expect(
            try programs.run(["PYTHONPATH=" + site, "\(site)/bin/heapwire", "--help"], in: folder).hasPrefix(
                "usage: heapwire"))
    }
}
