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

    /// The folder in which Python finds the package `heapwire`.
    static let package = SpecificationTests.schema.appendingPathComponent("reference").path

    init() throws { scratch = try Scratch() }

    func write(_ bytes: [UInt8], to name: String) throws -> URL {
        URL(fileURLWithPath: try scratch.write(bytes, to: name))
    }

    /// What `python -m heapwire dump` prints of a stream.
    func decode(_ stream: URL, _ options: [String] = []) throws -> String {
        try python(["-m", "heapwire", "dump"] + options + [stream.path])
    }

    /// What the reference collector says of the conversation vectors; throws when it would have answered otherwise.
    func converse() throws -> String { try judge("converse", "conversations.json") }

    /// What the reference clock says of the time vectors; throws when it tells other times.
    func tellTimes() throws -> String { try judge("times", "times.json") }

    private func judge(_ command: String, _ vectors: String) throws -> String {
        let file = SpecificationTests.schema.appendingPathComponent("wire-vectors/\(vectors)").path
        return try python(["-m", "heapwire", command, file])
    }

    func tables(of stream: URL) throws -> [TableLine] {
        try decode(stream, ["--tables"]).components(separatedBy: "\n\n").compactMap { TableLine(paragraph: $0) }
    }

    /// Runs Python where it finds the package in this folder, by default the one that it has in the repository.
    func python(
        _ arguments: [String], interpreter: String = "python3", package: String = package, in folder: URL? = nil
    ) throws -> String {
        // Leaves no cache in the repository.
        let environment = ["PYTHONPATH=" + package, "PYTHONDONTWRITEBYTECODE=1"]
        return try run(environment + [interpreter] + arguments, in: folder)
    }

    /// A Python that can install a package without a network; nil when this machine has none.
    static let installer: String? = {
        let need = """
            import sys
            from importlib.util import find_spec as has
            builds = has("setuptools") and (has("wheel") or has("setuptools.command.bdist_wheel"))
            sys.exit(not (has("pip") and builds))
            """
        return ["python3", "/usr/bin/python3"].first { interpreter in
            (try? ReferencePrograms().run([interpreter, "-c", need])) != nil
        }
    }()

    /// Installs the package from a copy of its folder, as building leaves files there. Returns the folder that it is in now.
    func install() throws -> String {
        guard let interpreter = Self.installer else {
            throw Failure(description: "no Python with pip, setuptools and wheel")
        }
        // Its licence is a link to that of the repository.
        _ = try run(["cp", "-RL", Self.package, path("source")])
        _ = try run([
            interpreter, "-m", "pip", "--disable-pip-version-check", "install", "--no-index", "--no-build-isolation",
            "--no-cache-dir", "--target", path("site"), path("source"),
        ])
        return path("site")
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

    func path(_ name: String) -> String { scratch[name] }

    /// What the program wrote to its standard output; throws when it failed.
    func run(_ arguments: [String], in folder: URL? = nil) throws -> String {
        // Files: others that start at the same time would inherit a pipe, and it must be read while the program runs.
        let output = try write([], to: "output")
        let errors = try write([], to: "errors")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        process.currentDirectoryURL = folder ?? Self.repository
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
