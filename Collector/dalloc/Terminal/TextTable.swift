// A table of text: as wide as its contents, numbers to the right, and on a narrow terminal the columns that may are
// said in a second line below each row, so that nothing is lost.

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
    }

    struct Cell {
        var text: String
        var ink = Ink.plain

        init(_ text: String, _ ink: Ink = .plain) {
            (self.text, self.ink) = (text, ink)
        }
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

    func render(on screen: Screen) -> String {
        let widths = columns.indices.map { column in
            lines.reduce(columns[column].title.count) { widest, line in
                if case .row(let cells) = line { max(widest, cells[column].text.count) } else { widest }
            }
        }
        var shown = Array(columns.indices)
        func isTooWide() -> Bool {
            let spaces = Self.space.count * max(0, shown.count - 1)
            return shown.reduce(spaces) { $0 + widths[$1] } > screen.columns
        }
        if isTooWide() { shown.removeAll { columns[$0].role == .detail } }
        if isTooWide() { shown.removeAll { columns[$0].role == .ornament } }
        let below = columns.indices.filter { columns[$0].role == .detail && !shown.contains($0) }

        var output = line(columns.map { Cell($0.title, .bold) }, shown, widths, screen)
        for entry in lines {
            switch entry {
            case .row(let cells):
                output += line(cells, shown, widths, screen)
                let details = below.filter { !cells[$0].text.isEmpty }
                    .map { columns[$0].title.lowercased() + " " + cells[$0].text }
                if !details.isEmpty {
                    output += screen.paint(Self.space + details.joined(separator: " · "), .dim) + "\n"
                }
            case .remark(let text):
                output += screen.paint(text, .dim) + "\n"
            }
        }
        return output
    }

    private func line(_ cells: [Cell], _ shown: [Int], _ widths: [Int], _ screen: Screen) -> String {
        let last = shown.last { !cells[$0].text.isEmpty }
        var line = ""
        for column in shown {
            let cell = cells[column]
            let text = cell.text.padded(to: widths[column], onTheLeft: columns[column].isNumber)
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
