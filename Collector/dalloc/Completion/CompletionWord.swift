// SPDX-License-Identifier: Apache-2.0
//
// A word between a shell's quotes and its meaning. A device chooses its id: for a shell it is never more than a text.

import ArgumentParser

struct CompletionWord: Equatable {
    let text: String

    init(_ text: String) { self.text = text }

    /// Takes away quotes and backslashes as far as they were typed. Nothing is expanded.
    init(typed: String) {
        var (text, quote, isEscaped) = ("", nil as Character?, false)
        for character in typed {
            if isEscaped {
                // Between double quotes a backslash is one unless it stands before one of these.
                if quote == "\"", !"$`\"\\".contains(character) { text.append("\\") }
                text.append(character)
                isEscaped = false
            } else if character == "\\", quote != "'" {
                isEscaped = true
            } else if character == quote {
                quote = nil
            } else if quote == nil, character == "'" || character == "\"" {
                quote = character
            } else {
                text.append(character)
            }
        }
        self.text = text
    }

    /// As the scripts of ArgumentParser want it for that shell, before the shell quotes it for the command line.
    func candidate(in shell: CompletionShell?) -> String {
        switch shell {
        // compgen -W expands its words, with all that a shell can expand: $(…) would be run.
        case CompletionShell.bash?: "'" + text.replacing("'", with: "'\\''") + "'"
        // _describe takes what follows a colon for a description.
        case CompletionShell.zsh?: text.replacing("\\", with: "\\\\").replacing(":", with: "\\:")
        default: text
        }
    }
}
