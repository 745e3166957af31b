// SPDX-License-Identifier: Apache-2.0

import CommandSupport
import Testing

@testable import dalloc

@Suite struct CellsTests {
    @Test(arguments: [
        ("", 0), ("abc", 3), ("Gerät-7", 7), ("e\u{301}", 1), ("温度", 4), ("ﾊﾝｶｸ", 4), ("ＦＵＬＬ", 8), ("한국", 4),
        ("\u{1112}\u{1161}\u{11AB}", 2), ("🔥", 2), ("👍🏽", 2), ("👨\u{200D}👩\u{200D}👧", 2), ("🇩🇪", 2), ("❤\u{FE0F}", 2),
        ("❤", 1), ("1\u{FE0F}\u{20E3}", 2), ("한a温", 5), ("\u{FFFD}", 1), ("█░▏·…", 5), ("क्षि", 3), ("①", 1), ("〈〉", 4),
    ])
    func textIsAsWideAsOnATerminal(_ text: String, _ cells: Int) {
        #expect(text.cells == cells)
    }

    @Test func cuttingNeverLeavesAPartOfACharacter() {
        #expect("温度計".cut(to: 5) == "温度")
        #expect("ab🇩🇪c".cut(to: 3) == "ab")
        #expect("e\u{301}e\u{301}".cut(to: 1) == "e\u{301}")
        #expect("abc".cut(to: 3) == "abc")
        #expect("abc".cut(to: 0) == "")
    }

    @Test func cuttingKeepsTheEndOfEachColour() {
        #expect("\u{1B}[31mabcdef\u{1B}[0m".cut(to: 2) == "\u{1B}[31mab\u{1B}[0m")
    }

    @Test func wideNamesDoNotShiftColumns() {
        var table = TextTable([.init(title: "A"), .init(title: "B")])
        for name in ["温度", "abc", "e\u{301}x", "🔥"] { table.add([.init(name), .init("|")]) }
        let lines = table.render(on: .plain).split(separator: "\n")
        #expect(lines.map { String($0.prefix { $0 != "|" && $0 != "B" }).cells } == [6, 6, 6, 6, 6])
    }

    @Test func linesBreakByCells() {
        #expect("温度 温度 x".wrapped(to: 9) == "温度 温度\nx")
        #expect("温度 温度 x".wrapped(to: 8) == "温度\n温度 x")
    }
}
