// SPDX-License-Identifier: Apache-2.0
//
// What the README and the pages in docs show is what works.

import Foundation
import GRDB
import HeapHistory
import TestSupport
import Testing

@Suite(.serialized)
struct ReadmeTests {
    private static func read(_ path: String) throws -> String {
        try String(contentsOf: Program.repository.appendingPathComponent(path), encoding: .utf8)
    }

    /// An example without its licence line, which pages don't show.
    private static func example(_ name: String) throws -> String {
        let lines = try read("Examples/\(name)").split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
        try #require(lines.count == 2 && lines[0].contains("SPDX-License-Identifier"))
        return String(lines[1])
    }

    /// The fenced blocks of a language in a page.
    private static func blocks(_ language: String, in page: String = "README.md") throws -> [String] {
        try read(page).components(separatedBy: "```\(language)\n").dropFirst().compactMap {
            $0.components(separatedBy: "```").first
        }
    }

    @Test func theCProgramBuildsWithGccAndReports() async throws {
        let scratch = try Scratch()
        let program = try #require(try Self.blocks("c").first)
        #expect(program == (try Self.example("linux-agent.c")), "the README shows the example word by word")
        try program.write(toFile: scratch["linux-agent.c"], atomically: true, encoding: .utf8)
        let script = Program.repository.appendingPathComponent("scripts/build-library.sh").path
        let library = try await Program.run(
            "/usr/bin/env", ["bash", script, "DallocAgent", "host", scratch["lib"]], in: scratch)
        try #require(library.status == 0, "\(library.errors)")
        let compiler = try await Program.run(
            "/usr/bin/env",
            [
                "gcc", "-std=c99", "-Wall", "-Wextra", "-pedantic", "-Werror", "-I\(scratch["lib/include"])",
                "linux-agent.c", scratch["lib/libDallocAgent.a"], "-o", "linux-agent",
            ], in: scratch)
        try #require(compiler.status == 0, "\(compiler.errors)")
        let collector = try await RunningCollector(scratch)
        // It gives the collector half a second for the last frame, which a busy machine may not have.
        var run = try await Program.run(scratch["linux-agent"], ["\(collector.port)"], in: scratch)
        for _ in 0..<3 where run.status != 0 {
            run = try await Program.run(scratch["linux-agent"], ["\(collector.port)"], in: scratch)
        }
        #expect(run.status == 0, "\(run.output) \(run.errors)")
        let device = try #require(try await collector.devices().first { $0.id == "linux-agent" })
        #expect(device.heaps.first?.sequence ?? 0 > 1)
        #expect(try await collector.snapshot("linux-agent", at: "#\(device.heaps[0].sequence)").used > 0)
        #expect(try await collector.stop() == 0)
    }

    @Test func theThreadsShareAHeap() async throws {
        let scratch = try Scratch()
        let program = try #require(try Self.blocks("c", in: "docs/allocator.md").first)
        #expect(program == (try Self.example("shared-heap.c")), "the page shows the example word by word")
        try program.write(toFile: scratch["shared-heap.c"], atomically: true, encoding: .utf8)
        let script = Program.repository.appendingPathComponent("scripts/build-library.sh").path
        let library = try await Program.run(
            "/usr/bin/env",
            ["bash", script, "dalloc", "host", scratch["lib"], "-DUSE_THREAD_SAFETY"], in: scratch)
        try #require(library.status == 0, "\(library.errors)")
        let compiler = try await Program.run(
            "/usr/bin/env",
            [
                "gcc", "-std=c99", "-Wall", "-Wextra", "-pedantic", "-Werror", "-I\(scratch["lib/include"])",
                "shared-heap.c", scratch["lib/libdalloc.a"], "-lpthread", "-o", "shared-heap",
            ], in: scratch)
        try #require(compiler.status == 0, "\(compiler.errors)")
        let run = try await Program.run(scratch["shared-heap"], [], in: scratch)
        #expect(run.status == 0 && run.output.hasPrefix("hello from another thread\n"), "\(run.output) \(run.errors)")
        #expect(run.output.contains("Total memory, bytes: 1024\nMemory in use, bytes: 0"))
    }

    @Test func theContainersSurviveTheMove() throws {
        let source = try Self.read("Tests/EndToEndTests/Readme/ReadmeContainers.swift")
        let lines = try #require(
            source.components(separatedBy: "    // README begins\n").last?
                .components(separatedBy: "    // README ends").first)
        let shown = try #require(try Self.blocks("swift", in: "docs/allocator.md").last)
        #expect(shown.split(separator: "\n").map { "    \($0)\n" }.joined() == lines)
        #expect(try runReadmeContainers())
    }

    @Test func theSwiftProgramReports() async throws {
        let source = try Self.read("Tests/EndToEndTests/Readme/ReadmeSwiftExample.swift")
        let lines = try #require(
            source.components(separatedBy: "    // README begins\n").last?
                .components(separatedBy: "    // README ends").first)
        // The test's collector has a port of its own.
        let written = lines.replacing("port: collector", with: "port: 7420")
        let shown = try Self.blocks("swift").map {
            $0.split(separator: "\n", omittingEmptySubsequences: false)
                .map { $0.isEmpty ? "" : "    " + $0 }.joined(separator: "\n")
        }
        #expect(shown.contains { $0.hasSuffix(written) }, "the README shows the example word by word")
        let collector = try await RunningCollector(Scratch())
        let port = UInt16(collector.port)
        let isStored = try await Task.detached { try runReadmeExample(collector: port) }.value
        #expect(isStored)
        #expect(try await collector.devices().map(\.id) == ["swift-agent"])
        #expect(try await collector.stop() == 0)
    }

    /// As a program of its own: nothing in it comes from elsewhere.
    @Test func theSwiftProgramIsWhole() async throws {
        let scratch = try Scratch()
        let program = try #require(try Self.blocks("swift").first)
        #expect(program.hasPrefix("import "))
        try program.write(toFile: scratch["main.swift"], atomically: true, encoding: .utf8)
        let headers = ["Sources/CDalloc/include", "Agent/DallocAgent/include", "Agent/POSIXLink/include"].flatMap {
            ["-I", Program.repository.appendingPathComponent($0).path]
        }
        let modules = Program.folder.appendingPathComponent("Modules").path
        let compiler = try await Program.run(
            "/usr/bin/env",
            ["swiftc", "-typecheck", "-swift-version", "6", "-I", modules] + headers + ["main.swift"], in: scratch)
        #expect(compiler.status == 0, "\(compiler.errors)")
    }

    @Test func theQueryGivesUsageOverTime() async throws {
        let query = try #require(try Self.blocks("sql", in: "docs/operating.md").first)
        let scratch = try Scratch()
        let collector = try await RunningCollector(scratch)
        let fleet = try await Program.run(
            "dalloc-simulator",
            [
                "--collector", "127.0.0.1:\(collector.port)", "--name", "leaky", "--workload", "leak", "--duration",
                "3s", "--frame-interval", "200",
            ], in: scratch)
        #expect(fleet.status == 0, "\(fleet.errors)")
        let rows = try DatabaseQueue(path: collector.database).read { try Row.fetchAll($0, sql: query) }
        #expect(rows.count > 3)
        #expect(rows.allSatisfy { ($0["used"] as Int?) != nil && ($0["time"] as String?) != nil })
        #expect(try await collector.stop() == 0)
    }

    @Test func theQueriesOfSumsGiveRows() async throws {
        let queries = try Self.blocks("sql", in: "docs/operating.md").dropFirst()
        #expect(queries.count == 2)
        let scratch = try Scratch()
        let history = try await Program.run(
            "dalloc-simulator",
            ["history", "--database", scratch["fleet.sqlite"], "--devices", "2", "--days", "3", "--watched", "0"]
                + ["--streams", "1", "--builds", "1.4.2,1.4.3"], in: scratch)
        try #require(history.status == 0, "\(history.errors)")
        for query in queries {
            let rows = try DatabaseQueue(path: scratch["fleet.sqlite"]).read { try Row.fetchAll($0, sql: query) }
            #expect(rows.count > 1, "\(query)")
        }
    }

    @Test func everyOptionOfTheHelpIsReal() async throws {
        let scratch = try Scratch()
        for arguments in [["devices"], ["history"], ["snapshot"], ["moves"], ["gaps"]] {
            let help = try await Program.run("dalloc", arguments + ["--help"], in: scratch)
            #expect(help.status == 0)
            #expect(help.output.contains("EXAMPLES"))
        }
    }
}
