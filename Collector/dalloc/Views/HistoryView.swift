// SPDX-License-Identifier: Apache-2.0
//
// A heap's figures over time: on a terminal a chart, then the table, then what is missing and up to when all is known.

import CommandSupport
import HeapHistory

enum HistoryView {
    /// The longest run of steps without data that gets a row for each step; a longer run gets one row.
    private static let mostEmptyRows: Int64 = 2

    static func render(_ history: UsageHistory, on screen: Screen) -> Rendering {
        let knowledge = Knowledge(
            knownUntil: history.knownUntil, until: history.until, gaps: history.gaps, zone: screen.zone)
        let notes = knowledge.text(on: screen)
        guard !history.points.isEmpty else { return Rendering(text: notes, remarks: [nothing(history, screen.zone)]) }
        // The ends are in it for the rows without data, which may lie on another day than every point.
        let grid = StepGrid(history)
        let ends = [grid.start(ofStep: 0), grid.start(ofStep: grid.count &- 1)]
        let times = TimeColumn(history.points.map(\.time) + ends, on: screen)
        var text = ""
        if screen.isTerminal {
            text += heading(history, times, on: screen)
            text += UsageChart.render(history, on: screen) + "\n"
        }
        text += table(history, times, on: screen).render(on: screen)
        return Rendering(text: text + (notes.isEmpty ? "" : "\n" + notes))
    }

    /// What the points can't say.
    static func remarks(_ history: UsageHistory, on screen: Screen) -> [String] {
        let knowledge = Knowledge(
            knownUntil: history.knownUntil, until: history.until, gaps: history.gaps, zone: screen.zone)
        return (history.points.isEmpty ? [nothing(history, screen.zone)] : []) + knowledge.sentences
    }

    private static func nothing(_ history: UsageHistory, _ zone: Zone) -> String {
        let range = "from \(zone.dateAndTime(history.since)) to \(zone.full(history.until))"
        return "No data for heap \(history.heapTitle) \(range); --since looks further back."
    }

    private static func heading(_ history: UsageHistory, _ times: TimeColumn, on screen: Screen) -> String {
        let (least, most) = history.sizes
        let size = least == most ? Figures.size(most) : Figures.number(least) + " to " + Figures.number(most) + " B"
        let facts = [size, times.sharedDate, "a step is \(step(history.stepMicroseconds))"].compactMap { $0 }
        let name = "\(history.device.printable)\(screen.separator)heap \(history.heapTitle)"
        return ([screen.paint(name, .bold)] + facts).joined(separator: screen.separator) + "\n\n"
    }

    private static func step(_ microseconds: Int64) -> String {
        let units: [(Int64, String)] = [
            (86_400_000_000, "d"), (3_600_000_000, "h"), (60_000_000, "min"), (1_000_000, "s"), (1000, "ms"),
        ]
        for (unit, name) in units where microseconds >= unit && microseconds % unit == 0 {
            return "\(microseconds / unit) \(name)"
        }
        return "\(Figures.number(microseconds)) µs"
    }

    private static func table(
        _ history: UsageHistory, _ times: TimeColumn, on screen: Screen
    ) -> TextTable {
        let hasBoots = history.points.contains { $0.boot != history.points[0].boot }
        // A heap that was made anew may have another size than before.
        let hasSizes = history.sizes.least != history.sizes.most
        let titles =
            ["USED B"] + (hasSizes ? ["SIZE B"] : [])
            + ["USED %", "BLOCKS", "PEAK B", "ALLOCS", "FREES", "FAILED", "MOVES", "MOVED B"]
        let columns: [TextTable.Column] =
            [times.column]
            + titles.map { .init(title: $0, isNumber: true, role: $0 == "USED %" ? .ornament : .essential) }
            + (hasBoots ? [.init(title: "BOOT", role: .detail)] : [])
        var table = TextTable(columns)
        let grid = StepGrid(history)
        let steps = KnownSteps(history, grid)

        /// Says that the steps from `first` to before `end` have no point.
        func addEmpty(_ first: Int64, _ end: Int64, _ word: String, _ words: String) {
            let count = end.subtractingClamped(first)
            if count > mostEmptyRows {
                table.add(remark: "… \(Figures.number(count)) steps \(words)")
            } else {
                for index in 0..<max(0, count) {
                    let time = times.cell(grid.start(ofStep: first.addingClamped(index)))
                    let cells = [time, .init(word, .dim)]
                    table.add(cells + Array(repeating: .init(""), count: columns.count - cells.count))
                }
            }
        }
        var next: Int64 = 0
        var boot: UInt32?
        for point in history.points {
            let index = grid.index(of: point.time)
            addEmpty(next, index, "no data", "without data")
            // For a person, a boot is named where it begins; for a program, each row is complete.
            let bootCell = TextTable.Cell(point.boot == boot && screen.isTerminal ? "" : Figures.boot(point.boot))
            table.add(cells(point, times, hasSizes: hasSizes) + (hasBoots ? [bootCell] : []))
            boot = point.boot
            next = index.addingClamped(1)
        }
        let unknown = max(next, steps.firstUnknown)
        addEmpty(next, min(unknown, grid.count), "no data", "without data")
        addEmpty(unknown, grid.count, "unknown", "that are not known yet")
        return table
    }

    private static func cells(_ point: UsagePoint, _ times: TimeColumn, hasSizes: Bool) -> [TextTable.Cell] {
        [times.cell(point.time), .init(Figures.number(point.used))]
            + (hasSizes ? [.init(Figures.number(point.size))] : [])
            + [
                .init(Figures.percent(point.used, of: point.size)), .init(Figures.number(point.liveBlocks)),
                .init(Figures.number(point.peak)), .init(Figures.number(point.allocated)),
                .init(Figures.number(point.freed)),
                .init(Figures.number(point.failures), point.failures > 0 ? .red : .plain),
                .init(Figures.number(point.moves)), .init(Figures.number(point.bytesMoved)),
            ]
    }
}

extension UsageHistory {
    fileprivate var heapTitle: String { name.isEmpty ? "\(heap)" : name.printable }

    /// The smallest and the largest size that the heap had at a point; its size now where there is none.
    var sizes: (least: Int, most: Int) {
        guard let first = points.first else { return (size, size) }
        return points.reduce((first.size, first.size)) { (min($0.0, $1.size), max($0.1, $1.size)) }
    }
}
