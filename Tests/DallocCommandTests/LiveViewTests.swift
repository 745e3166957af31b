// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import dalloc

@Suite struct LiveViewTests {
    private let screen = Screen(isTerminal: true, usesColor: false, columns: 40, rows: 6)

    @Test func aFrameOverwritesTheOneBefore() {
        let frame = LiveView.frame(of: Rendering(text: "a\nb\n"), trouble: nil, on: screen)
        #expect(frame == "\u{1B}[Ha\u{1B}[K\r\nb\u{1B}[K\r\n\u{1B}[K\r\nCtrl-C ends\u{1B}[K\u{1B}[J")
    }

    @Test func aFrameNeverScrolls() {
        let text = (1...20).map { "line \($0)\n" }.joined()
        let frame = LiveView.frame(of: Rendering(text: text), trouble: nil, on: screen)
        #expect(frame.components(separatedBy: "\r\n").count == screen.rows)
        #expect(frame.contains("line 3\u{1B}[K") && !frame.contains("line 4\u{1B}[K"))
        #expect(frame.contains("… 17 more lines than fit here"))
    }

    @Test func troubleIsSaidBelowTheLastAnswer() {
        let frame = LiveView.frame(of: Rendering(text: "a\n"), trouble: "no collector.", on: screen)
        #expect(frame.contains("a\u{1B}[K") && frame.contains("Not up to date: no collector."))
    }

    @Test func longTroubleDoesNotScrollEither() {
        let text = (1...20).map { "line \($0)\n" }.joined()
        let trouble = "no collector listens at http://127.0.0.1:7421; start it."
        let frame = LiveView.frame(of: Rendering(text: text), trouble: trouble, on: screen)
        #expect(frame.components(separatedBy: "\r\n").count == screen.rows)
        #expect(frame.contains("line 1\u{1B}[K") && frame.contains("start it."))
    }

    @Test func linesAreCutBetweenCharacters() {
        let line = String(repeating: "温", count: 30)
        let frame = LiveView.frame(of: Rendering(text: line + "\n"), trouble: nil, on: screen)
        #expect(frame.hasPrefix("\u{1B}[H" + String(repeating: "温", count: 20) + "\u{1B}[K"))
    }

    @Test func aTerminalThatCannotMoveItsCursorGetsLineAfterLine() {
        var dumb = screen
        dumb.isDumb = true
        let frame = LiveView.frame(of: Rendering(text: "a\n"), trouble: "no collector.", on: dumb)
        #expect(frame == "a\nNot up to date: no collector.\n")
    }

    @Test func aPipeGetsPlainText() {
        let frame = LiveView.frame(of: Rendering(text: "a\n", remarks: ["r"]), trouble: nil, on: .plain)
        #expect(frame == "a\nr\n\n")
    }
}
