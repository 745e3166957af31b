// SPDX-License-Identifier: Apache-2.0
//
// Asks the person at the terminal.

import Foundation

enum Confirmation {
    /// True only for y or yes. Nil where nobody can be asked: standard input or standard error is no terminal.
    static func ask(_ question: String) -> Bool? {
        guard isatty(STDIN_FILENO) == 1, isatty(STDERR_FILENO) == 1 else { return nil }
        try? FileHandle.standardError.write(contentsOf: Data("\(question) [y/N] ".utf8))
        let answer = readLine()?.trimmingCharacters(in: .whitespaces).lowercased()
        return answer == "y" || answer == "yes"
    }
}
