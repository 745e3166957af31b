// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeapHistory
import TestSupport
import Testing

/// What scripts/release.sh makes: the same bytes each time, and all that a project without Swift needs.
@Suite(.serialized)
struct ReleaseTests {
    /// As on a machine without Swift: only the system's own programs are found.
    private static let withoutSwift = ["-i", "PATH=/usr/bin:/bin"]

    private static func release(_ source: URL, in scratch: Scratch, _ folder: String) async throws -> String {
        let script = source.appendingPathComponent("scripts/release.sh").path
        let made = try await Program.run(
            "/usr/bin/env",
            ["bash", script, "--targets", "cortex-m4,x86_64-linux", "--no-programs", scratch[folder]], in: scratch)
        try #require(made.status == 0, "\(made.errors)")
        return try String(contentsOfFile: scratch[folder + "/SHA256SUMS"], encoding: .utf8)
    }

    private static func run(_ arguments: [String], in scratch: Scratch) async throws {
        let done = try await Program.run("/usr/bin/env", withoutSwift + arguments, in: scratch)
        try #require(done.status == 0, "\(arguments): \(done.errors)")
    }

    /// From another folder as well: no path of the machine is in it.
    @Test func theSameSourceGivesTheSameBytes() async throws {
        let scratch = try Scratch()
        let first = try await Self.release(Program.repository, in: scratch, "first")
        let copy = scratch.url.appendingPathComponent("elsewhere")
        try FileManager.default.createDirectory(at: copy, withIntermediateDirectories: true)
        let copied = try await Program.run(
            "/usr/bin/env",
            [
                "bash", "-c",
                #"cd "$1" && git ls-files -z --cached --others --exclude-standard | xargs -0 cp -P --parents -t "$2""#,
                "copy",
                Program.repository.path, copy.path,
            ], in: scratch)
        try #require(copied.status == 0, "\(copied.errors)")
        let day = try await Program.run(
            "/usr/bin/env", ["git", "-C", Program.repository.path, "log", "-1", "--format=%ct"], in: scratch)
        setenv("SOURCE_DATE_EPOCH", day.output.trimmingCharacters(in: .whitespacesAndNewlines), 1)
        defer { unsetenv("SOURCE_DATE_EPOCH") }
        #expect(try await Self.release(copy, in: scratch, "second") == first)
        #expect(first.contains(#/^[0-9a-f]{64}  dalloc-\d+\.\d+\.\d+\.tar\.xz\n$/#))
    }

    @Test func aProgramAndAFirmwareReportWithoutSwift() async throws {
        let scratch = try Scratch()
        _ = try await Self.release(Program.repository, in: scratch, "release")
        let archive = try #require(
            try FileManager.default.contentsOfDirectory(atPath: scratch["release"]).first { $0.hasSuffix(".tar.xz") })
        let folder = "release/" + archive.replacing(".tar.xz", with: "")
        let hasSwift = try await Program.run(
            "/usr/bin/env", Self.withoutSwift + ["sh", "-c", "command -v swift || command -v swiftc"], in: scratch)
        try #require(hasSwift.status != 0, "no Swift is on this path: \(hasSwift.output)")
        try await Self.run(["tar", "xf", "release/" + archive, "-C", "release"], in: scratch)
        try await Self.run(
            [
                "gcc", "-I\(folder)/include", "-I\(folder)/lib/x86_64-linux", "\(folder)/examples/linux-agent.c",
                "\(folder)/lib/x86_64-linux/libDallocAgent.a", "-lpthread", "-o", "linux-agent",
            ], in: scratch)
        try await Self.run(["make", "-C", "\(folder)/examples/firmware"], in: scratch)

        let collector = try await RunningCollector(scratch)
        // Both run until they are killed, or their three seconds are over.
        let program = try Program(scratch["linux-agent"], ["\(collector.port)"], in: scratch)
        let board = try Program(
            "/usr/bin/qemu-system-arm",
            [
                "-M", "mps2-an386", "-display", "none", "-monitor", "none", "-semihosting", "-kernel",
                scratch["\(folder)/examples/firmware/node.elf"], "-serial", "tcp:127.0.0.1:\(collector.port)",
            ], in: scratch)
        try await wait(for: "both to report") {
            try #require(board.isRunning, "QEMU ended: \(board.errors)")
            let known = try await collector.devices()
            return ["linux-agent", "c-sensor-node-mps2-an386"].allSatisfy { id in
                known.contains { $0.id == id && $0.heaps.contains { $0.liveBlocks > 0 } }
            }
        }
        board.signal(SIGKILL)
        _ = (try await board.finish(), try await program.finish())
        #expect(try await collector.stop() == 0)
    }
}
