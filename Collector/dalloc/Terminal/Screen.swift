// SPDX-License-Identifier: Apache-2.0
//
// What standard output can show: decided once, then handed to the pure functions under Views.

import CommandSupport
import Foundation

struct Screen: Equatable, Sendable {
    /// Pictures, and tables fitted to the width, are for terminals; a pipe or a file gets the plain table.
    var isTerminal: Bool
    var usesColor: Bool
    /// Cells in a line, and lines.
    var columns: Int
    var rows: Int
    var spelling = Spelling.unicode
    /// Whether the cursor can be moved: not on TERM=dumb.
    var isDumb = false
    /// In which times are written.
    var zone = Zone.utc

    /// Between two things that are said beside each other.
    var separator: String { spelling == .unicode ? " · " : " - " }

    /// A pipe or a file: no limits, no colour.
    static let plain = Screen(isTerminal: false, usesColor: false, columns: .max, rows: .max)

    /// What standard output is now; a terminal's size may have changed since the last call.
    static func standardOutput(color: ColorChoice) -> Screen {
        let isTerminal = isatty(STDOUT_FILENO) == 1
        let environment = ProcessInfo.processInfo.environment
        let usesColor = color.usesColor(isTerminal: isTerminal, environment: environment)
        var screen = Screen(
            isTerminal: isTerminal, usesColor: usesColor, columns: .max, rows: .max,
            spelling: Spelling(environment: environment, isTerminal: isTerminal),
            isDumb: environment["TERM"] == "dumb")
        guard isTerminal else { return screen }
        var size = winsize()
        let isKnown = ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
        screen.columns = isKnown ? Int(size.ws_col) : 80
        screen.rows = isKnown && size.ws_row > 0 ? Int(size.ws_row) : 24
        return screen
    }

    func paint(_ text: String, _ ink: Ink) -> String {
        usesColor ? ink.paint(text) : text
    }
}
