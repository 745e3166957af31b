// SPDX-License-Identifier: Apache-2.0
//
// Choosing devices of a fleet, naming them, and forgetting one: the real command and a real collector.

import Foundation
import HeapHistory
import TestSupport
import Testing

@Suite(.serialized)
struct FleetCommandTests {
    private func run(_ arguments: [String], _ collector: RunningCollector) async throws -> Program.Finished {
        try await Program.run(
            "dalloc", arguments + ["--collector", "127.0.0.1:\(collector.apiPort)"], in: collector.scratch)
    }

    /// The ids that a list has.
    private func ids(_ arguments: [String], _ collector: RunningCollector) async throws -> [String] {
        let end = try await run(["devices", "--format", "csv", "--columns", "id"] + arguments, collector)
        #expect(end.status == 0, "\(arguments): \(end.errors)")
        return end.output.components(separatedBy: "\r\n").dropFirst().filter { !$0.isEmpty }
    }

    @Test func theCollectorChooses() async throws {
        let collector = try await RunningCollector(Scratch())
        var sockets: [Socket] = []
        for (name, blocks) in [("empty", 0), ("small", 100), ("large", 1000), ("medium", 400)] {
            sockets.append(try await BusyDevice.report(name, to: collector, blocks: blocks, frees: 0))
        }
        #expect(try await ids([], collector) == ["empty", "large", "medium", "small"])
        #expect(try await ids(["--sort", "usage"], collector) == ["large", "medium", "small", "empty"])
        #expect(try await ids(["--sort", "peak", "--limit", "2"], collector) == ["large", "medium"])
        #expect(try await ids(["--usage", ">=1600"], collector) == ["large", "medium"])
        #expect(try await ids(["--usage", "<1%", "--limit", "1"], collector) == ["empty"])
        #expect(try await ids(["--build", "1.0", "--limit", "3"], collector) == ["empty", "large", "medium"])
        #expect(try await ids(["--build", "1.1"], collector) == [])
        #expect(try await ids(["--silent", "1h"], collector) == [])
        #expect(try await ids(["--failing"], collector) == [])
        let cut = try await run(["devices", "--limit", "2"], collector)
        #expect(cut.errors.contains("These are the first 2 devices of more"), "\(cut.errors)")
        for (words, key) in [(["--limit", "2"], "next"), (["--limit", "2", "--sort", "usage"], "truncated")] {
            let json = try await run(["devices", "--format", "json"] + words, collector)
            let object = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
            #expect(object?.keys.sorted() == ["devices", key], "\(json.output)")
        }
        for (path, status) in [
            ("?sort=usage&after=a", 400), ("?sort=size", 400), ("?usage=80%25", 200), ("?usage=full", 400),
            ("?failing=1", 400),
            ("?silent=0", 400), ("?label=a%20b", 400), ("?label=site&label=owner", 200),
        ] { #expect(try await collector.get("v1/devices" + path).1 == status, "\(path)") }
        for socket in sockets { socket.close() }
        #expect(try await collector.stop() == 0)
    }

    @Test func aDeviceIsNamedAndFoundByItsLabels() async throws {
        let collector = try await RunningCollector(Scratch())
        let sockets = [
            try await BusyDevice.report("a/b", to: collector, blocks: 1, frees: 0),
            try await BusyDevice.report("c", to: collector, blocks: 1, frees: 0),
        ]
        let set = try await run(["label", "a/b", "site=Neukölln & more", "owner=ann"], collector)
        #expect(set.status == 0 && set.output.isEmpty, "\(set.errors)")
        #expect(try await ids(["--label", "site=Neukölln & more"], collector) == ["a/b"])
        #expect(try await ids(["--label", "owner", "--label", "site=x"], collector) == [])
        #expect(try await ids(["--label", "owner="], collector) == ["c"])
        let table = try await run(["devices"], collector)
        #expect(table.output.contains("  owner=ann, site=Neukölln & more\n"), "\(table.output)")
        #expect(try await run(["label", "a/b", "owner="], collector).status == 0)
        // They outlive the collector.
        #expect(try await collector.stop() == 0)
        try await collector.restart()
        #expect(try await collector.devices().map(\.labels) == [["site": "Neukölln & more"], [:]])
        #expect(try await run(["label", "nobody", "a=b"], collector).status == 66)
        for path in ["labels", "labels?label=a", "labels?label=a%20b=c"] {
            #expect(try await collector.ask("/v1/devices/c/\(path)", method: "PUT")?.status == 400, "\(path)")
        }
        #expect(try await collector.ask("/v1/devices/c/labels")?.headers["allow"] == "PUT")
        for socket in sockets { socket.close() }
        #expect(try await collector.stop() == 0)
        let check = try await collector.check()
        #expect(check.findings == [])
    }

    @Test func aDeviceIsForgottenWhenThatIsMeant() async throws {
        let collector = try await RunningCollector(Scratch())
        let device = try await BusyDevice.report("old pump", to: collector, blocks: 1, frees: 0)
        let connected = try await run(["forget", "old pump", "--yes"], collector)
        #expect(connected.status == 75 && connected.errors.contains("is connected"), "\(connected.errors)")
        device.close()
        try await wait(for: "it to be gone") { try await collector.devices().map(\.connected) == [false] }
        let silent = try await run(["forget", "old pump"], collector)
        #expect(silent.status == 64 && silent.errors.contains("say --yes if that is meant"), "\(silent.errors)")
        // On a terminal it asks: script(1) gives it one.
        let command = Program.folder.appendingPathComponent("dalloc").path
        for (answer, status) in [("n", 1), ("", 1), ("y", 0)] as [(String, Int32)] {
            let line = "\(command) forget 'old pump' --collector 127.0.0.1:\(collector.apiPort)"
            let end = try await Program.run(
                "/bin/sh", ["-c", "echo '\(answer)' | script -qec \"$0\" /dev/null", line], in: collector.scratch)
            #expect(
                end.output.contains("Remove old pump and its whole history? It can't be undone. [y/N]"), "\(end.output)"
            )
            #expect(end.status == status, "\(answer): \(end.output)")
            #expect(try await collector.devices().isEmpty == (status == 0))
        }
        #expect(try await run(["forget", "old pump", "--yes"], collector).status == 66)
        #expect(try await collector.stop() == 0)
    }
}
