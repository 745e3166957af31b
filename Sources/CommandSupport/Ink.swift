// SPDX-License-Identifier: Apache-2.0

/// The colours of ECMA-48 that every terminal has.
package enum Ink: Int, Sendable {
    case plain = 0
    case bold = 1
    case dim = 2
    case red = 31
    case green = 32
    case yellow = 33
    case magenta = 35
    case cyan = 36

    /// The text in this colour, with the plain one after it.
    package func paint(_ text: String) -> String {
        guard self != .plain, !text.isEmpty else { return text }
        return "\u{1B}[\(rawValue)m\(text)\u{1B}[0m"
    }
}
