// SPDX-License-Identifier: Apache-2.0
//
// What a person gets who types a Tab: in the shells themselves, against a real collector. A device chooses its id, and no shell must run
// what it says.

import Foundation
import TestSupport
import Testing

@Suite(.serialized)
struct ShellCompletionTests {
    @Test func bash() async throws { try await complete(in: "bash") }

    @Test(.enabled(if: ShellSession.isInstalled("zsh"))) func zsh() async throws { try await complete(in: "zsh") }

    @Test(.enabled(if: ShellSession.isInstalled("fish"))) func fish() async throws { try await complete(in: "fish") }

    private func complete(in shell: String) async throws {
        let scratch = try Scratch()
        let collector = try await RunningCollector(scratch)
        // The shell is in the folder of the test.
        let trap = scratch["trap"]
        let evil = "it's $(touch trap) `touch trap`"
        let ids = ["plain", "two words", "co:lon:s", "sp ace:x y", "温度", #"back\slash"#, ";&|<>*?[x]~#", evil]
        var sockets: [Socket] = []
        for id in ids {
            let socket = try Socket(connectedTo: collector.port)
            socket.send(WireBytes.hello(device: id))
            sockets.append(socket)
        }
        try await wait(for: "all devices") { try await collector.devices().count == ids.count }
        let session = try await ShellSession(shell, collector: "127.0.0.1:\(collector.apiPort)", in: scratch)
        for (typed, id) in [
            ("pl", "plain"), ("two", "two words"), ("'two w", "two words"), ("co", "co:lon:s"), ("co:", "co:lon:s"),
            ("co:lon:", "co:lon:s"), ("'co:l", "co:lon:s"), ("sp", "sp ace:x y"), (#"sp\ ace:x"#, "sp ace:x y"),
            ("温", "温度"),
            ("back", #"back\slash"#), (#"\;"#, ";&|<>*?[x]~#"), ("it", evil), (#""it"#, evil),
        ] {
            #expect(
                try await session.arguments(of: "dalloc snapshot \(typed)\t\n") == ["snapshot", id], "\(shell) \(typed)"
            )
        }
        for (typed, words) in [
            ("dalloc his\tpl\t", ["history", "plain"]),
            ("dalloc gaps pl\t--since 1h", ["gaps", "plain", "--since", "1h"]),
            ("dalloc devices --form\tnd\t", ["devices", "--format", "ndjson"]),
            ("dalloc devices --color al\t", ["devices", "--color", "always"]),
            ("dalloc devices --sort last\t", ["devices", "--sort", "last-seen"]),
            ("dalloc forget --yes pl\t", ["forget", "--yes", "plain"]),
            ("dalloc lab\tpl\ta=b", ["label", "plain", "a=b"]),
        ] { #expect(try await session.arguments(of: typed + "\n") == words, "\(shell) \(typed)") }
        #expect(!FileManager.default.fileExists(atPath: trap), "an id was run")
        for socket in sockets { socket.close() }
        #expect(try await collector.stop() == 0)
        // The word stays as it is, and nothing is said.
        #expect(try await session.arguments(of: "dalloc snapshot pl\t\n") == ["snapshot", "pl"])
        let alone = try await Program.run(
            "dalloc", ["---completion", "snapshot", "--", "positional@0", "2", "2", "dalloc", "snapshot", "pl"],
            in: scratch,
            environment: ["DALLOC_COLLECTOR": "127.0.0.1:\(collector.apiPort)", "SAP_SHELL": shell])
        #expect(alone.status == 0 && alone.output.allSatisfy(\.isWhitespace) && alone.errors.isEmpty, "\(alone)")
    }
}
