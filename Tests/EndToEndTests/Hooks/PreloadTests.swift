// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeapReplica
import TestSupport
import Testing

/// Programs of others under dalloc-preload.so. What a collector makes of their recordings is what they held, at a thousand moments each.
@Suite struct PreloadTests {
    private let scratch: Scratch
    private let library: PreloadLibrary

    init() async throws {
        scratch = try Scratch()
        library = try await PreloadLibrary.built()
    }

    private func expectExact(
        _ run: (program: Program.Finished, replay: WatchedReplay), moments: Int = 1000,
        _ place: SourceLocation = #_sourceLocation
    ) {
        let replay = run.replay
        #expect(run.program.status == 0, "\(run.program.errors)", sourceLocation: place)
        #expect(replay.mistakes.isEmpty, "\(replay.mistakes.prefix(5))", sourceLocation: place)
        #expect(replay.equal >= moments, "early: \(replay.early)", sourceLocation: place)
        #expect(replay.lost == 0 && replay.unknown == 0, sourceLocation: place)
        #expect(replay.standing == .exact, sourceLocation: place)
    }

    @Test func theTableOfSQLiteIsKnown() async throws {
        let statements = """
            CREATE TABLE t(a, b);
            WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 20000)
            INSERT INTO t SELECT x, hex(x * x) || 'abc' FROM c;
            CREATE INDEX i ON t(b);
            SELECT count(*) FROM t WHERE b LIKE '%33%';
            """
        let run = try await library.record("/usr/bin/sqlite3", [":memory:", statements], step: 100, in: scratch)
        expectExact(run)
        #expect(!run.program.output.isEmpty)
        #expect(run.replay.callSites > 0)
    }

    @Test func theTableOfPythonIsKnown() async throws {
        let script = """
            import json, re
            kept = []
            for turn in range(200):
                words = [{"number": i, "text": str(i) * (150 + i * turn % 600)} for i in range(100)]
                again = json.loads(json.dumps(words))
                kept = kept[-300:] + [bytes(word["text"], "ascii") for word in again[::7]]
                print(len(re.findall("7+", again[turn % 100]["text"])))
            """
        let run = try await library.record("/usr/bin/python3", ["-S", "-c", script], step: 120, in: scratch)
        expectExact(run)
        #expect(!run.program.output.isEmpty)
    }

    @Test func theTableOfGitIsKnown() async throws {
        let git = ["-C", try await repository(), "--no-pager"]
        let run = try await library.record("/usr/bin/git", git + ["log", "--stat", "-p"], step: 20, in: scratch)
        expectExact(run)
    }

    /// A repository with 150 commits.
    private func repository() async throws -> String {
        let folder = scratch["repository"]
        let script = """
            git init -q \(folder) && cd \(folder) || exit
            git config user.name Test
            git config user.email test@example.com
            for i in $(seq 150); do
                for j in $(seq 40); do echo $i $j $((i * j)); done >file$((i % 7)).txt
                git add -A && git commit -q -m "Commit $i"
            done
            """
        let made = try await Program.run("/bin/bash", ["-c", script], in: scratch)
        #expect(made.status == 0, "\(made.errors)")
        return folder
    }

    @Test func threadsForksSignalsAndCancellationLeaveNoBlockOut() async throws {
        let program = try await PreloadLibrary.program()
        let all = ["6", "20000", "fork", "signals", "cancel"]
        let run = try await library.record(program, all, step: 200, in: scratch)
        expectExact(run)
        #expect(run.program.output == "ok\n")
    }

    @Test func whatAChildDoesIsNotItsParents() async throws {
        let program = try await PreloadLibrary.program()
        let run = try await library.record(
            program, ["2", "20000", "fork"], step: 1000, in: scratch, ["DALLOC_PRELOAD_CHILDREN": "1"])
        expectExact(run, moments: 10)
        let files = try FileManager.default.contentsOfDirectory(atPath: scratch.path)
        let children = files.filter { $0.hasPrefix("recording.") }
        #expect(children.count >= 5)
        for child in children {
            let replay = try WatchedReplay(recording: scratch[child])
            #expect(replay.mistakes.isEmpty && replay.standing == .exact, "\(child): \(replay.mistakes)")
            #expect(replay.devices.first?.hasSuffix("-" + (child.split(separator: ".").last ?? "")) == true)
        }
    }

    @Test func aProgramThatEndsAmidItsThreadsEndsInTime() async throws {
        let program = try await PreloadLibrary.program()
        let started = ContinuousClock.now
        let run = try await library.record(program, ["4", "1", "leave"], step: 1000, in: scratch)
        expectExact(run, moments: 10)
        #expect(ContinuousClock.now - started < .seconds(30))
    }

    @Test func aProgramThatClosesAllDescriptorsIsRecordedOn() async throws {
        let program = try await PreloadLibrary.program()
        let recording = scratch["recording"]
        let finished = try await Program.run(
            program, ["2", "20000", "close"], in: scratch, environment: library.environment("file:" + recording))
        #expect(finished.status == 0 && finished.output == "ok\n", "\(finished.errors)")
        let replay = try WatchedReplay(recording: recording)
        #expect(replay.mistakes.isEmpty && replay.standing == .exact && replay.lost == 0, "\(replay.mistakes)")
        #expect(replay.frames > 20)
    }

    @Test func aFreeThatNobodySawIsMadeUpFor() async throws {
        let program = try await PreloadLibrary.program()
        let recording = scratch["recording"]
        let finished = try await Program.run(
            program, ["1", "1000", "past"], in: scratch, environment: library.environment("file:" + recording))
        #expect(finished.status == 0 && finished.output == "ok\n", "\(finished.errors)")
        let replay = try WatchedReplay(recording: recording)
        #expect(replay.mistakes.isEmpty && replay.standing == .exact, "\(replay.mistakes.prefix(5))")
    }

    @Test func aCollectorHasWhatAProgramHeld() async throws {
        let collector = try await RunningCollector(scratch)
        let program = try await PreloadLibrary.program()
        let device = ["DALLOC_PRELOAD_DEVICE": "program"]
        for options in [["2", "20000"], ["2", "20000", "close"]] {
            let finished = try await Program.run(
                program, options, in: scratch,
                environment: library.environment("tcp://127.0.0.1:\(collector.port)", device))
            #expect(finished.status == 0, "\(finished.errors)")
        }
        let answer = try await Program.run(
            "dalloc",
            ["snapshot", "program", "--format", "json", "--collector", "http://127.0.0.1:\(collector.apiPort)"],
            in: scratch)
        #expect(answer.status == 0, "\(answer.errors)")
        #expect(answer.output.contains("\"malloc\"") && answer.output.contains("\"address\""), "\(answer.output)")
        #expect(try await collector.stop() == 0)
    }

    @Test func whatThePageShowsWorks() async throws {
        let collector = try await RunningCollector(scratch)
        let page = try String(contentsOf: Program.repository.appending(path: "docs/heaps.md"), encoding: .utf8)
        let commands = try #require(page.split(separator: "```sh\n").last?.split(separator: "```").first)
        let script = String(commands).replacing("make preload\n", with: "set -e\n")
            .replacing("$PWD/.build/preload/dalloc-preload.so", with: library.path)
            .replacing("127.0.0.1:7420", with: "127.0.0.1:\(collector.port)")
            .replacing("dalloc-collector", with: Program.folder.appending(path: "dalloc-collector").path)
        let run = try await Program.run("/bin/bash", ["-c", script], in: scratch)
        #expect(run.status == 0 && run.output.hasPrefix("1\n1\n"), "\(run.output) \(run.errors)")
        #expect(try await collector.stop() == 0)
    }

    @Test func aCollectorThatIsAwayHoldsNobodyUp() async throws {
        let program = try await PreloadLibrary.program()
        let port = try freePort()
        let started = ContinuousClock.now
        let finished = try await Program.run(
            program, ["4", "50000"], in: scratch, environment: library.environment("tcp://127.0.0.1:\(port)"))
        #expect(finished.status == 0 && finished.output == "ok\n", "\(finished.errors)")
        #expect(ContinuousClock.now - started < .seconds(20))
    }

    @Test func aWrongTargetIsToldAndChangesNothing() async throws {
        let finished = try await Program.run(
            "/bin/echo", ["hello"], in: scratch, environment: library.environment("udp://nowhere"))
        #expect(finished.output == "hello\n")
        #expect(finished.errors.contains("set it to tcp://HOST:PORT or file:PATH"))
    }

    @Test func theLibraryShowsOnlyMalloc() async throws {
        let symbols = try await Program.run("/usr/bin/nm", ["-D", "--defined-only", library.path], in: scratch)
        let names = symbols.output.split(separator: "\n").compactMap { $0.split(separator: " ").last.map(String.init) }
        #expect(
            names.sorted() == [
                "aligned_alloc", "calloc", "free", "malloc", "memalign", "posix_memalign", "pvalloc", "realloc",
                "reallocarray", "valloc",
            ])
    }
}
