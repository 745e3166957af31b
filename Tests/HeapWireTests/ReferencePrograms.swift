// SPDX-License-Identifier: Apache-2.0
//
// The programs in other languages that tests compare with: the reference decoder, collector and clock, and one that records what the
// agent sends. Each test has its own folder for them.

import Foundation
import TestSupport

final class ReferencePrograms: Sendable {
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    private let scratch: Scratch
    private static let repository = SpecificationTests.schema.deletingLastPathComponent()

    init() throws { scratch = try Scratch() }

    func write(_ bytes: [UInt8], to name: String) throws -> URL {
        URL(fileURLWithPath: try scratch.write(bytes, to: name))
    }

    /// What the reference decoder prints of a stream.
    func decode(_ stream: URL, _ options: [String] = []) throws -> String {
        let script = SpecificationTests.schema.appendingPathComponent("reference/heapwire.py").path
        return try run(["python3", script] + options + [stream.path])
    }

    /// What the reference collector says of the conversation vectors; throws when it would have answered otherwise.
    func converse() throws -> String { try judge("collector.py", "conversations.json") }

    /// What the reference clock says of the time vectors; throws when it tells other times.
    func tellTimes() throws -> String { try judge("clock.py", "times.json") }

    private func judge(_ program: String, _ vectors: String) throws -> String {
        let (script, file) = ("reference/\(program)", "wire-vectors/\(vectors)")
        return try run(["python3"] + [script, file].map { SpecificationTests.schema.appendingPathComponent($0).path })
    }

    func tables(of stream: URL) throws -> [TableLine] {
        try decode(stream, ["--tables"]).split(separator: "\n").map {
            try JSONDecoder().decode(TableLine.self, from: Data($0.utf8))
        }
    }

    /// Builds the program that records, with the agent and the allocator.
    func buildRecorder(callSites: Bool) throws {
        _ = try run(
            ["scripts/build-library.sh", "DallocAgent", "host", path("library")]
                + (callSites ? ["-DDALLOC_USE_CALL_SITES"] : []))
        _ = try run([
            "gcc", "-std=c99", "-O1", "-Wall", "-Wextra", "-pedantic", "-Werror", "-I" + path("library/include"),
            "Tests/C/ReferenceDecoder/record.c", "-o", path("record"), path("library/libDallocAgent.a"), "-lpthread",
        ])
    }

    /// A stream of the agent, and the allocator's tables at the frames at which everything was sent.
    func record(
        policy: String, operations: Int
    ) throws -> (stream: URL, moments: [(sequence: UInt32, table: [String])]) {
        _ = try run([path("record"), "17", policy, "\(operations)", path("stream"), path("tables")])
        let text = try String(contentsOfFile: path("tables"), encoding: .utf8)
        let moments = text.components(separatedBy: "sequence ").dropFirst().compactMap { moment in
            let lines = moment.split(separator: "\n").map { String($0) }
            return lines.first.flatMap { UInt32($0) }.map { (sequence: $0, table: Array(lines.dropFirst())) }
        }
        return (URL(fileURLWithPath: path("stream")), moments)
    }

    private func path(_ name: String) -> String { scratch[name] }

    /// What the program wrote to its standard output; throws when it failed.
    private func run(_ arguments: [String]) throws -> String {
        // Files: others that start at the same time would inherit a pipe, and it must be read while the program runs.
        let output = try write([], to: "output")
        let errors = try write([], to: "errors")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        process.currentDirectoryURL = Self.repository
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = try FileHandle(forWritingTo: errors)
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            let said = try [output, errors].map { String(decoding: try Data(contentsOf: $0), as: UTF8.self) }
            throw Failure(
                description: "\(arguments.joined(separator: " ")) ended with \(process.terminationStatus):\n"
                    + said.joined().suffix(4000))
        }
        return String(decoding: try Data(contentsOf: output), as: UTF8.self)
    }
}
