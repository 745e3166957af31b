// SPDX-License-Identifier: Apache-2.0
//
// JSON on its way to a terminal. An encoder escapes the control codes below U+0020 only; a name from a device may have
// others, and marks that turn the direction of writing. Escaped they say the same to a program, and nothing to a
// terminal.

internal import Foundation

extension String {
    /// JSON whose texts have no scalar left that a terminal obeys.
    package var withoutControlCodesInJSON: String {
        guard unicodeScalars.contains(where: \.steersTerminals) else { return self }
        var result = ""
        for scalar in unicodeScalars {
            if scalar.steersTerminals {
                for unit in String(scalar).utf16 { result += "\\u" + String(format: "%04x", Int(unit)) }
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}

extension Unicode.Scalar {
    /// Outside the texts of JSON nothing of the kind stands but line feeds and blanks, which are below.
    fileprivate var steersTerminals: Bool {
        if value < 0x7F { return false }
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: return true
        default: return false
        }
    }
}
