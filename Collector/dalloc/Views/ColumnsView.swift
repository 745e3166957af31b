// SPDX-License-Identifier: Apache-2.0
//
// A table of the columns that were asked for. A long list comes in pages; its table grows with them.

struct ColumnsView<Element: ListElement> {
    private let columns: [ListColumn<Element.Row>]
    private let screen: Screen
    private var layout: TextTable.Layout?

    init(_ columns: [ListColumn<Element.Row>], on screen: Screen) {
        (self.columns, self.screen) = (columns, screen)
    }

    /// The rows of a page, the heading before the first of them.
    mutating func rows(of elements: some Sequence<Element>) -> String {
        let rows = elements.flatMap { element in element.rows.map { row in columns.map { $0.value(row) } } }
        guard let first = rows.first else { return "" }
        let headings = columns.enumerated().map { index, column in
            let title = column.name.replacing("_", with: " ").uppercased()
            let (isTime, isNumber) = (first[index].isTime, rows.contains { $0[index].isNumber })
            return TextTable.Column(title: isTime ? screen.zone.title(title) : title, isNumber: isNumber)
        }
        var table = TextTable(headings)
        for row in rows { table.add(row.map { .init($0.shown(in: screen.zone)) }) }
        return table.render(on: screen, following: &layout)
    }
}

extension CellValue {
    fileprivate var isTime: Bool { if case .time = self { true } else { false } }

    fileprivate var isNumber: Bool {
        switch self {
        case .number, .fraction: true
        default: false
        }
    }

    /// For people.
    fileprivate func shown(in zone: Zone) -> String {
        switch self {
        case .number(let number): Figures.number(number)
        case .boot(let boot): Figures.boot(boot)
        case .time(let time): zone.dateAndTime(time)
        case .flag(let flag): flag ? "yes" : "no"
        case .nothing, .fraction, .text: raw
        }
    }
}
