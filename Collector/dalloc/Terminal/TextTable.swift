// SPDX-License-Identifier: Apache-2.0
//
// A table of text: as wide as its contents, numbers to the right, and on a narrow terminal the columns that may are
// said in a second line below each row, so that nothing is lost.

import CommandSupport

struct TextTable {
    struct Column {
        enum Role {
            /// Always in the table.
            case essential
            /// In a second line, by name, when the table is too wide.
            case detail
            /// Left out when the table is too wide even then: it repeats what other columns say.
            case ornament
        }

        var title: String
        var isNumber = false
        var role = Role.essential
        /// What stands before a detail in the second line; the title in small letters unless it is given.
        var introduction: String?
        /// Left out as long as no row has anything in it.
        var hidesEmpty = false
    }

    struct Cell {
        var text: String
        var ink = Ink.plain

        init(_ text: String, _ ink: Ink = .plain) {
            (self.text, self.ink) = (text, ink)
        }
    }

    /// Which columns are shown, and how wide each column is. Handed from one part of a long table to the next.
    struct Layout: Equatable {
        fileprivate var widths: [Int]
        fileprivate var shown: [Int]
    }

    private enum Line {
        case row([Cell])
        case remark(String)
    }

    private static let space = "  "

    private let columns: [Column]
    private var lines: [Line] = []

    init(_ columns: [Column]) {
        self.columns = columns
    }

    /// As many cells as columns.
    mutating func add(_ cells: [Cell]) {
        lines.append(.row(cells.map { Cell($0.text.printable, $0.ink) }))
    }

    /// A line that stands between the rows.
    mutating func add(remark: String) {
        lines.append(.remark(remark.printable))
    }

    /// The heading and all lines.
    func render(on screen: Screen) -> String {
        var layout: Layout?
        return render(on: screen, following: &layout)
    }

    /// The lines as the next part of a table: columns never get narrower, and the heading comes first, and again when
    /// other columns are shown than before.
    func render(on screen: Screen, following layout: inout Layout?) -> String {
        let next = self.layout(on: screen, after: layout)
        var output = ""
        if layout?.shown != next.shown {
            output = line(columns.map { Cell($0.title, .bold) }, next, screen)
        }
        layout = next
        let below = columns.indices.filter { columns[$0].role == .detail && !next.shown.contains($0) }
        for entry in lines {
            switch entry {
            case .row(let cells):
                output += line(cells, next, screen) + details(cells, below, screen)
            case .remark(let text):
                output += screen.paint(text, .dim) + "\n"
            }
        }
        return output
    }

    private func layout(on screen: Screen, after layout: Layout?) -> Layout {
        let widths = columns.indices.map { column in
            lines.reduce(layout?.widths[column] ?? columns[column].title.cells) { widest, line in
                if case .row(let cells) = line { max(widest, cells[column].text.cells) } else { widest }
            }
        }
        var shown = columns.indices.filter { column in
            !columns[column].hidesEmpty || layout?.shown.contains(column) == true
                || lines.contains { if case .row(let cells) = $0 { !cells[column].text.isEmpty } else { false } }
        }
        func isTooWide() -> Bool {
            let spaces = Self.space.count * max(0, shown.count - 1)
            return shown.reduce(spaces) { $0 + widths[$1] } > screen.columns
        }
        if isTooWide() { shown.removeAll { columns[$0].role == .detail } }
        if isTooWide() { shown.removeAll { columns[$0].role == .ornament } }
        return Layout(widths: widths, shown: shown)
    }

    /// What the row has in columns that are not shown, in as many lines as it takes.
    private func details(_ cells: [Cell], _ below: [Int], _ screen: Screen) -> String {
        var (output, used) = ("", 0)
        for column in below where !cells[column].text.isEmpty {
            let introduction = columns[column].introduction ?? columns[column].title.lowercased()
            let (text, ink) = (introduction + " " + cells[column].text, cells[column].ink)
            if used > 0, used + screen.separator.count + text.cells <= screen.columns {
                output += screen.paint(screen.separator, .dim)
                used += screen.separator.count + text.cells
            } else {
                output += (used > 0 ? "\n" : "") + Self.space
                used = Self.space.count + text.cells
            }
            output += screen.paint(text, ink == .plain ? .dim : ink)
        }
        return output.isEmpty ? "" : output + "\n"
    }

    private func line(_ cells: [Cell], _ layout: Layout, _ screen: Screen) -> String {
        let last = layout.shown.last { !cells[$0].text.isEmpty }
        var line = ""
        for column in layout.shown {
            let cell = cells[column]
            let text = cell.text.padded(to: layout.widths[column], onTheLeft: columns[column].isNumber)
            // No blanks at the end of a line.
            let isLast = column == last
            let trimmed = isLast && !columns[column].isNumber ? cell.text : text
            line += screen.paint(trimmed, cell.ink)
            if isLast { break }
            line += Self.space
        }
        return line + "\n"
    }
}
