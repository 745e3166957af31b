// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import HeapHistory
import Testing

@testable import dalloc

@Suite struct CompletionTests {
    private func server(_ ids: String...) throws -> HTTPServer {
        let encoder = HistoryCoding.encoder()
        let devices = try ids.map { try String(decoding: encoder.encode(Samples.device($0, [])), as: UTF8.self) }
        return try HTTPServer(status: "200 OK", json: #"{"devices":[\#(devices.joined(separator: ","))]}"#)
    }

    private func ids(_ typed: String, of server: HTTPServer, _ words: [String]? = nil) async -> [String] {
        await DeviceCompletion.ids(
            words ?? ["dalloc", "history", typed], typed, environment: [CollectorAddress.variable: server.address])
    }

    @Test func theCollectorIsAskedForWhatBeginsLikeTheWord() async throws {
        let server = try server("pump-1", "pump-2", "valve")
        #expect(await ids("pu", of: server) == ["pump-1", "pump-2"])
        #expect(await ids("", of: server) == ["pump-1", "pump-2", "valve"])
        #expect(
            server.requestLines == [
                "GET /v1/devices?limit=1000&after=pt%F4%8F%BF%BF HTTP/1.1", "GET /v1/devices?limit=1000 HTTP/1.1",
            ])
    }

    @Test(arguments: [["--collector", "'ADDRESS'"], ["--collector=ADDRESS"]])
    func theCollectorOfTheLineIsTheOneToAsk(_ option: [String]) async throws {
        let (server, other) = (try server("a"), try server("b"))
        let words = ["dalloc"] + option.map { $0.replacing("ADDRESS", with: server.address) } + ["gaps", ""]
        #expect(await ids("", of: other, words) == ["a"])
    }

    @Test func nothingIsSaidWithoutACollector() async throws {
        let silent = try HTTPServer(response: nil)
        let begin = ContinuousClock.now
        #expect(await ids("", of: silent) == [])
        #expect(ContinuousClock.now - begin < .seconds(5))
        #expect(await ids("", of: silent, ["dalloc", "--collector", "nonsense://", "gaps", ""]) == [])
        #expect(await ids("", of: try HTTPServer(status: "200 OK", json: "no")) == [])
    }

    /// Escape sequences and marks that turn the direction of writing.
    @Test func whatSteersATerminalIsNotOffered() async throws {
        #expect(await ids("", of: try server("a\u{1B}[2J", "b\u{202E}", "c")) == ["c"])
    }

    @Test func allThatBeginsWithATextComesAfterItsPredecessor() throws {
        for text in ["b", "a-", "x!", "é", "温", "a\u{10FFFF}", "pump "] {
            guard let before = DeviceCompletion.predecessor(of: text) else {
                #expect(text == "pump ", "the sign before a blank is a control character")
                continue
            }
            #expect(before.utf8.lexicographicallyPrecedes(text.utf8), "\(text)")
            let shorter = String(text.unicodeScalars.dropLast().map { Character($0) })
            #expect(shorter.isEmpty || shorter.utf8.lexicographicallyPrecedes(before.utf8), "\(text)")
        }
        #expect(DeviceCompletion.predecessor(of: "") == nil)
        #expect(DeviceCompletion.predecessor(of: "\u{E000}") == nil, "no scalar stands before it")
    }

    @Test(arguments: [
        ("plain", "plain"), (#"a\ b"#, "a b"), ("'a b", "a b"), ("'a b'c", "a bc"), (#""a \"b\" \c"#, #"a "b" \c"#),
        (#"'it'\''s'"#, "it's"), (#"a\"#, "a"), (#"'\'"#, #"\"#), ("$(x)", "$(x)"),
    ])
    func quotesAreTakenAway(_ typed: String, _ text: String) {
        #expect(CompletionWord(typed: typed).text == text)
    }

    @Test func aCandidateIsATextForEveryShell() {
        let word = CompletionWord(#"$(touch x) it's a:b\"#)
        #expect(word.candidate(in: .bash) == #"'$(touch x) it'\''s a:b\'"#)
        #expect(word.candidate(in: .zsh) == #"$(touch x) it's a\:b\\"#)
        #expect(word.candidate(in: .fish) == word.text)
        #expect(CompletionWord(typed: word.candidate(in: .bash)) == word)
    }

    @Test func theScriptOfBashIsLedByOurs() throws {
        let bash = try #require(CompletionScript.requested(by: ["--generate-completion-script", "bash"]))
        #expect(bash.hasSuffix("\ncomplete -F _dalloc_words dalloc"))
        #expect(bash.components(separatedBy: "\ncomplete ").count == 2)
        for shell in ["zsh", "fish"] {
            let script = CompletionScript.requested(by: ["--generate-completion-script=\(shell)"])
            #expect(script?.contains("dalloc") == true && script?.contains("_dalloc_words") == false)
        }
        for words in [
            [], ["devices"], ["--generate-completion-script", "tcsh"], ["devices", "--generate-completion-script"],
        ] {
            #expect(CompletionScript.requested(by: words) == nil)
        }
    }
}
