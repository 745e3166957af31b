// SPDX-License-Identifier: Apache-2.0
//
// dalloc-preload.so, built once, and programs that run under it.

import Foundation
import TestSupport

struct PreloadLibrary: Sendable {
    let path: String

    /// Built by the first test that asks for it.
    static func built() async throws -> PreloadLibrary { try await building.value }

    private static let building = Task {
        let folder = try Scratch.ofTheRun()
        let script = Program.repository.appending(path: "scripts/build-preload.sh").path
        let built = try await Program.run("/bin/bash", [script, folder.path], in: Scratch())
        guard built.status == 0 else { throw Failure(what: built.errors) }
        return PreloadLibrary(path: folder.appending(path: "dalloc-preload.so").path)
    }

    /// Tests/C/Hooks/preload/program.c, which does to malloc all that a program can do.
    static func program() async throws -> String { try await compiling.value }

    private static let compiling = Task {
        let program = try Scratch.ofTheRun().appending(path: "program").path
        let source = Program.repository.appending(path: "Tests/C/Hooks/preload/program.c").path
        let flags = ["-std=gnu11", "-O1", "-fno-builtin", "-Wall", "-Wextra", "-Werror"]
        let compiled = try await Program.run(
            "/usr/bin/gcc", flags + [source, "-pthread", "-o", program], in: Scratch())
        guard compiled.status == 0 else { throw Failure(what: compiled.errors) }
        return program
    }

    /// What a program is started with so that it is watched.
    func environment(_ target: String, _ more: [String: String] = [:]) -> [String: String] {
        ["LD_PRELOAD": path, "DALLOC_PRELOAD": target].merging(more) { $1 }
    }

    /// Runs a program that records into `recording` and tells what it really holds after every `step` operations.
    func record(
        _ name: String, _ arguments: [String], step: Int, in scratch: Scratch, _ more: [String: String] = [:]
    ) async throws -> (program: Program.Finished, replay: WatchedReplay) {
        let truth = ["DALLOC_PRELOAD_TRUTH": scratch["truth"], "DALLOC_PRELOAD_TRUTH_EVERY": String(step)]
        let finished = try await Program.run(
            name, arguments, in: scratch,
            environment: environment("file:" + scratch["recording"], truth.merging(more) { $1 }))
        let replay = try WatchedReplay(recording: scratch["recording"], truth: WatchedTruth.read(scratch["truth"]))
        return (finished, replay)
    }

    struct Failure: Error, CustomStringConvertible {
        let what: String
        var description: String { what }
    }
}
