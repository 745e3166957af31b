// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// Hooks with the agent as it is linked into a program: what a collector makes of the recording is what the program held.
@Suite struct HookRecordingTests {
    private let scratch: Scratch
    private let library: String

    init() async throws {
        scratch = try Scratch()
        library = try await Self.building.value
    }

    private static let building = Task {
        let folder = try Scratch.ofTheRun().path
        let script = Program.repository.appending(path: "scripts/build-library.sh").path
        let built = try await Program.run("/bin/bash", [script, "DallocAgent", "host", folder], in: Scratch())
        #expect(built.status == 0, "\(built.errors)")
        return folder
    }

    private func replay(_ hook: String, _ more: [String]) async throws -> WatchedReplay {
        let tests = Program.repository.appending(path: "Tests/C/Hooks").path
        let hooks = Program.repository.appending(path: "Agent/hooks").path
        let program = scratch["program"]
        let compiled = try await Program.run(
            "/usr/bin/gcc",
            ["-std=c11", "-D_GNU_SOURCE", "-O1", "-fno-builtin", "-Wall", "-Wextra", "-Werror", "-pedantic"]
                + ["-I\(library)/include", "-I\(tests)/\(hook)", "-I\(hooks)/\(hook)"]
                + ["\(tests)/\(hook)/record.c", tests + "/record.c", "\(hooks)/\(hook)/dalloc_watch_\(hook).c"]
                + more.map { $0.replacing("TESTS", with: tests).replacing("HOOKS", with: hooks) }
                + [library + "/libDallocAgent.a", "-o", program], in: scratch)
        #expect(compiled.status == 0, "\(compiled.errors)")
        let run = try await Program.run(program, [scratch["recording"], scratch["truth"]], in: scratch)
        #expect(run.status == 0, "\(run.errors)")
        return try WatchedReplay(recording: scratch["recording"], truth: WatchedTruth.read(scratch["truth"]))
    }

    @Test func theHeapOfFreeRTOSIsKnownAgainAfterEachLoss() async throws {
        let replay = try await replay("freertos", ["TESTS/freertos/heap.c"])
        #expect(replay.mistakes.isEmpty, "\(replay.mistakes.prefix(5))")
        #expect(replay.lost > 5000)
        #expect(replay.equal == 1000, "\(replay.unknown) unknown, \(replay.early) early")
    }

    @Test func wrappedMallocIsKnownFromItsBeginning() async throws {
        let replay = try await replay("wrap", ["@HOOKS/wrap/picolibc.flags"])
        #expect(replay.mistakes.isEmpty, "\(replay.mistakes.prefix(5))")
        #expect(replay.lost == 0 && replay.equal == 1000, "\(replay.equal)")
        #expect(replay.callSites == replay.blocks.count)
    }
}
