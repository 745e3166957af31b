// SPDX-License-Identifier: Apache-2.0
//
// The ids of devices for a shell that completes a word. A collector that can't be reached is no reason to say anything, or to let a person
// wait.

import CommandSupport
import ArgumentParser
import Foundation
import HeapHistory
import Synchronization

enum DeviceCompletion {
    /// Seconds of silence.
    private static let patience = 1.0

    static let kind = CompletionKind.custom { words, _, typed in
        let answer = Answer()
        // ArgumentParser's own asynchronous completions would make all parsing asynchronous.
        Task.detached {
            answer.give(await ids(words, typed, environment: ProcessInfo.processInfo.environment))
        }
        return answer.wait().map { CompletionWord($0).candidate(in: CompletionShell.requesting) }
    }

    /// The ids that begin with what was typed, a page of them.
    /// - Parameters:
    ///   - words: the words of the command line, as they were typed.
    ///   - typed: the word up to the cursor.
    static func ids(_ words: [String], _ typed: String, environment: [String: String]) async -> [String] {
        let beginning = CompletionWord(typed: typed).text
        guard let address = try? CollectorAddress(option: collector(in: words), environment: environment) else {
            return []
        }
        let client = CollectorClient(address: address, timeout: patience, environment: environment)
        guard let page = try? await client.devices(after: predecessor(of: beginning)) else { return [] }
        // What could steer a terminal is not shown on one.
        return page.devices.map(\.id).filter { $0.hasPrefix(beginning) && $0 == $0.printable }
    }

    /// What stands after --collector.
    private static func collector(in words: [String]) -> String? {
        let option = "--collector"
        for (index, word) in words.enumerated() {
            if word.hasPrefix(option + "=") {
                return CompletionWord(typed: String(word.dropFirst(option.count + 1))).text
            }
            if word == option, index + 1 < words.count { return CompletionWord(typed: words[index + 1]).text }
        }
        return nil
    }

    /// A text before all that begin with this one, and after nearly all others; nil for none. The collector lists what comes after it.
    static func predecessor(of text: String) -> String? {
        guard let last = text.unicodeScalars.last, let before = Unicode.Scalar(last.value.subtractingClamped(1)),
            before.properties.generalCategory != .control
        else { return nil }
        return String(String.UnicodeScalarView(text.unicodeScalars.dropLast())) + String(before) + "\u{10FFFF}"
    }

    /// What a task has found, for a thread that waits.
    private final class Answer: Sendable {
        private let ids = Mutex<[String]>([])
        private let isThere = DispatchSemaphore(value: 0)

        func give(_ ids: [String]) {
            self.ids.withLock { $0 = ids }
            isThere.signal()
        }

        func wait() -> [String] {
            isThere.wait()
            return ids.withLock { $0 }
        }
    }
}
