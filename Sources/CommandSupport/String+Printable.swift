// SPDX-License-Identifier: Apache-2.0
//
// Text from devices and the network on its way to a terminal, and text set in columns.

internal import HeapHistory

extension String {
    /// The text without what could steer a terminal or hide in it: a device chooses its own id and names, so an
    /// escape sequence in one of them is shown as U+FFFD, not obeyed.
    package var printable: String {
        if utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return self }
        var result = String.UnicodeScalarView()
        for scalar in unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator: result.append("\u{FFFD}")
            default: result.append(scalar)
            }
        }
        return String(result)
    }

    package func padded(to width: Int, onTheLeft: Bool = false) -> String {
        let padding = String(repeating: " ", count: max(0, width.subtractingClamped(cells)))
        return onTheLeft ? padding + self : self + padding
    }

    /// Line feeds in place of blanks, so that no line is longer than `width` unless a single word is.
    package func wrapped(to width: Int) -> String {
        guard cells > width else { return self }
        var (lines, line, blanks) = ([String](), "", "")
        var lineCells = 0
        for word in split(separator: " ", omittingEmptySubsequences: false).map({ String($0) }) {
            if !line.isEmpty && lineCells + blanks.count + word.cells > width {
                lines.append(line)
                (line, blanks, lineCells) = ("", "", 0)
            }
            // Several blanks in a row are words without letters between them.
            if word.isEmpty {
                blanks += line.isEmpty ? "" : " "
            } else {
                line += blanks + word
                lineCells += blanks.count + word.cells
                blanks = " "
            }
        }
        return (lines + [line]).joined(separator: "\n")
    }
}
