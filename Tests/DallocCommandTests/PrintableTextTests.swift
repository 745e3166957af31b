// SPDX-License-Identifier: Apache-2.0

import CommandSupport
import Foundation
import Testing

@testable import dalloc

@Suite struct PrintableTextTests {
    @Test func whatCouldSteerATerminalIsReplaced() {
        #expect("a\u{1B}[31mb".printable == "a\u{FFFD}[31mb")
        #expect("a\n\r\tb\u{9B}c\u{7F}".printable == "a\u{FFFD}\u{FFFD}\u{FFFD}b\u{FFFD}c\u{FFFD}")
        #expect("a\u{202E}b\u{2028}".printable == "a\u{FFFD}b\u{FFFD}")
        #expect("Gerät-7 温度 é".printable == "Gerät-7 温度 é")
    }

    @Test func inJSONItIsEscapedAndStaysTheSameText() throws {
        let name = "a\u{9B}2J\u{202E}b\u{7F}\u{E0001}\u{1B}温度\n"
        let json = String(decoding: try JSONEncoder().encode([name]), as: UTF8.self).withoutControlCodesInJSON
        #expect(json == #"["a\u009b2J\u202eb\u007f\udb40\udc01\u001b温度\n"]"#)
        #expect(try JSONDecoder().decode([String].self, from: Data(json.utf8)) == [name])
    }

    @Test func linesBreakBetweenWords() {
        #expect("one two three".wrapped(to: 8) == "one two\nthree")
        #expect("one two three".wrapped(to: 7) == "one two\nthree")
        #expect("one   two".wrapped(to: 9) == "one   two")
        #expect("one   two".wrapped(to: 8) == "one\ntwo")
        #expect("incomprehensible".wrapped(to: 4) == "incomprehensible")
        #expect("".wrapped(to: 4) == "")
    }

    @Test func paddingNeverCuts() {
        #expect("ab".padded(to: 4) == "ab  ")
        #expect("ab".padded(to: 4, onTheLeft: true) == "  ab")
        #expect("abcde".padded(to: 4) == "abcde")
    }
}
