// SPDX-License-Identifier: Apache-2.0

import CommandSupport
import Testing

@testable import dalloc

@Suite struct TextTableTests {
    private var table: TextTable {
        var table = TextTable([
            .init(title: "NAME"), .init(title: "NOTE", role: .detail), .init(title: "SIZE B", isNumber: true),
            .init(title: "BAR", role: .ornament), .init(title: "LAST"),
        ])
        table.add([.init("a"), .init("first"), .init("1,024"), .init("##"), .init("x")])
        table.add([.init("longer"), .init(""), .init("7"), .init("#"), .init("")])
        table.add(remark: "… and so on")
        return table
    }

    private func screen(_ columns: Int) -> Screen {
        Screen(isTerminal: true, usesColor: false, columns: columns, rows: 24)
    }

    @Test func columnsAreAsWideAsTheirContentsAndNoLineEndsInBlanks() {
        #expect(
            table.render(on: .plain) == """
                NAME    NOTE   SIZE B  BAR  LAST
                a       first   1,024  ##   x
                longer              7  #
                … and so on

                """)
    }

    @Test func detailsGoToASecondLineWhenTheScreenIsNarrow() {
        #expect(table.render(on: screen(32)) == table.render(on: .plain))
        #expect(
            table.render(on: screen(31)) == """
                NAME    SIZE B  BAR  LAST
                a        1,024  ##   x
                  note first
                longer       7  #
                … and so on

                """)
    }

    @Test func detailsTakeAsManyLinesAsTheyNeed() {
        var table = TextTable([
            .init(title: "NAME"), .init(title: "ONE", role: .detail), .init(title: "TWO", role: .detail),
            .init(title: "THREE", role: .detail, introduction: "and three:"),
        ])
        table.add([.init("a"), .init("1234567"), .init("2"), .init("温度")])
        #expect(table.render(on: screen(21)) == "NAME\na\n  one 1234567 · two 2\n  and three: 温度\n")
        #expect(table.render(on: screen(20)) == "NAME\na\n  one 1234567\n  two 2\n  and three: 温度\n")
    }

    @Test func ornamentsAreLeftOutWhenItIsNarrowerStill() {
        #expect(table.render(on: screen(24)).hasPrefix("NAME    SIZE B  LAST\na        1,024  x\n  note first\n"))
    }

    @Test func colourDoesNotChangeTheWidths() {
        var coloured = screen(80)
        coloured.usesColor = true
        var table = TextTable([.init(title: "A"), .init(title: "B")])
        table.add([.init("x", .red), .init("y")])
        #expect(table.render(on: coloured) == "\u{1B}[1mA\u{1B}[0m  \u{1B}[1mB\u{1B}[0m\n\u{1B}[31mx\u{1B}[0m  y\n")
    }

    @Test func escapeSequencesInACellDoNotReachTheTerminal() {
        var table = TextTable([.init(title: "A")])
        table.add([.init("\u{1B}[2Jx")])
        #expect(!table.render(on: .plain).contains("\u{1B}"))
    }
}
