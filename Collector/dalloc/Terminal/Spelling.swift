// SPDX-License-Identifier: Apache-2.0
//
// Which signs the reader's side can show. What a view draws with is written in ASCII where the locale knows no UTF-8.

import CommandSupport
import Foundation

enum Spelling: Equatable, Sendable {
    case unicode
    /// Our own signs in ASCII, and others as they are: a pipe or a file takes any bytes, and grep looks for them.
    case ascii
    /// Everything in ASCII: another character set would show the bytes of UTF-8 as something else, control codes among
    /// it.
    case asciiOnly

    init(environment: [String: String], isTerminal: Bool) {
        // POSIX, Base Definitions 8.2: the first that is set and not empty decides, and none of them means POSIX.
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty } ?? ""
        let codeset = locale.lowercased().replacing("-", with: "")
        let isDumb = environment["TERM"] == "dumb" && isTerminal
        self = codeset.contains("utf8") && !isDumb ? .unicode : isTerminal ? .asciiOnly : .ascii
    }

    /// The text with every sign that can't be shown replaced; as wide as before, `…` apart.
    func callAsFunction(_ text: String) -> String {
        guard self != .unicode, !text.utf8.allSatisfy({ $0 < 0x80 }) else { return text }
        var result = ""
        for character in text {
            if character.isASCII {
                result.append(character)
            } else if let sign = Self.signs[character] {
                result += sign
            } else if self == .ascii {
                result.append(character)
            } else {
                result += String(repeating: "?", count: character.cells)
            }
        }
        return result
    }

    private static let signs: [Character: String] = [
        "…": "...", "·": ".", "–": "-", "µ": "u", "\u{A0}": " ",
        // Lines of a chart, its bars, and what is above them.
        "─": "-", "│": "|", "┤": "+", "┼": "+", "░": "^",
        "▁": "_", "▂": ".", "▃": ":", "▄": "-", "▅": "=", "▆": "+", "▇": "*", "█": "#",
        // The parts of a bar that lies.
        "▏": "-", "▎": "-", "▍": "-", "▌": "=", "▋": "=", "▊": "=", "▉": "=",
        // Blocks of a heap.
        "▒": "%", "▚": "&",
    ]
}
