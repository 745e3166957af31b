// SPDX-License-Identifier: Apache-2.0
//
// How many cells of a terminal a text takes, after Unicode's East Asian Width (UAX #11) and what terminals do with
// emoji: an ideograph takes two, an accent none, whatever the number of characters or bytes.

extension String {
    /// Columns on a terminal. Meant for one line without control characters.
    package var cells: Int {
        if utf8.allSatisfy({ $0 < 0x80 }) { return utf8.count }
        return reduce(0) { $0 + $1.cells }
    }

    /// As much of the beginning as fits into `width` cells; never a part of a character. Escape sequences for colours
    /// take no room, and stay to the end, so that none is left switched on.
    package func cut(to width: Int) -> String {
        guard utf8.count > width else { return self }
        var (result, used, isInEscape, isFull) = ("", 0, false, false)
        for character in self {
            if isInEscape || character == "\u{1B}" {
                isInEscape = !(character.isLetter && isInEscape)
                result.append(character)
            } else if !isFull {
                isFull = used + character.cells > width
                if !isFull {
                    used += character.cells
                    result.append(character)
                }
            }
        }
        return result
    }
}

extension Character {
    package var cells: Int {
        if isASCII { return 1 }
        let sum = unicodeScalars.reduce(0) { $0 + $1.cells }
        // Emoji that a joiner, a modifier or a selector makes one picture of; and the two letters of a flag.
        let isPicture = unicodeScalars.first.map { $0.cells == 2 || $0.properties.isEmoji } ?? false
        if isPicture && unicodeScalars.contains("\u{FE0F}") { return 2 }
        return isPicture ? min(sum, 2) : sum
    }
}

extension Unicode.Scalar {
    package var cells: Int {
        switch properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format, .control, .lineSeparator, .paragraphSeparator: return 0
        default: break
        }
        // Vowels and finals of Hangul stand in the cells of the consonant before them.
        if (0x1160...0x11FF).contains(value) { return 0 }
        let isFlagLetter = (0x1F1E6...0x1F1FF).contains(value)
        if properties.isEmojiPresentation && !isFlagLetter { return 2 }
        return Self.wide.contains { $0.contains(value) } ? 2 : 1
    }

    /// What has the width W or F in EastAsianWidth.txt of Unicode 16, emoji apart; unassigned places of these blocks
    /// included.
    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2329...0x232A, 0x2630...0x2637, 0x268A...0x268F, 0x2E80...0x303E, 0x3041...0x3247,
        0x3250...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F,
        0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x16FE0...0x18DFF, 0x1AFF0...0x1B2FF, 0x1D300...0x1D376, 0x1F200...0x1F2FF,
        0x20000...0x2FFFD, 0x30000...0x3FFFD,
    ]
}
