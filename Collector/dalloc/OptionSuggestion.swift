// SPDX-License-Identifier: Apache-2.0
//
// What an unknown option was meant to be. ArgumentParser counts a swap of two letters as two faults, and of names that
// are equally far takes the first: it answers --setp with --heap.

import Foundation

enum OptionSuggestion {
    /// The message of ArgumentParser with the nearest of the names in place of the one that it suggests.
    static func mend(_ message: String, names: some Sequence<String>) -> String {
        guard let start = message.range(of: "Unknown option '"),
            let end = message[start.upperBound...].range(of: "'. Did you mean '"),
            let close = message[end.upperBound...].range(of: "'?")
        else { return message }
        let typed = String(message[start.upperBound..<end.lowerBound])
        let suggested = String(message[end.upperBound..<close.lowerBound])
        let nearest = names.min { distance(typed, $0) < distance(typed, $1) } ?? suggested
        guard distance(typed, nearest) < distance(typed, suggested) else { return message }
        return message[..<end.upperBound] + nearest + message[close.lowerBound...]
    }

    /// The names in a help text: words that begin with two dashes.
    static func names(in help: String) -> Set<String> {
        let words = help.split { !($0.isLetter || $0.isNumber || $0 == "-") }
        return Set(words.filter { $0.hasPrefix("--") && $0.count > 2 }.map { String($0) })
    }

    /// Letters to put in, leave out, replace, or swap with their neighbour (optimal string alignment).
    static func distance(_ left: String, _ right: String) -> Int {
        let (left, right) = (Array(left), Array(right))
        var (before, last, row) = ([Int](), [Int](), Array(0...right.count))
        for i in left.indices {
            (before, last, row) = (last, row, [i + 1])
            for j in right.indices {
                var best = min(last[j + 1] + 1, row[j] + 1, last[j] + (left[i] == right[j] ? 0 : 1))
                if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] {
                    best = min(best, before[j - 1] + 1)
                }
                row.append(best)
            }
        }
        return row[right.count]
    }
}
