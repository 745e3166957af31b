// A heap's figures over time: on a terminal a chart, then the table.

import HeapHistory

enum HistoryView {
    /// Runs of up to so many steps without data are a row each; longer ones are said in one.
    private static let mostEmptyRows: Int64 = 2

    static func render(_ history: UsageHistory, on screen: Screen) -> Rendering {
        let gaps = history.gaps.map { GapSentence.text($0).wrapped(to: screen.columns) + "\n" }.joined()
        guard !history.points.isEmpty else {
            let stretch = "from \(Figures.dateAndTime(history.since)) to \(Figures.dateAndTime(history.until)) UTC"
            return Rendering(
                text: gaps,
                remarks: ["No data for heap \(history.heapTitle) \(stretch); --since looks further back."])
        }
        // The ends are in it for the rows without data, which may lie on another day than every point.
        let grid = StepGrid(history)
        let ends = [grid.start(ofStep: 0), grid.start(ofStep: grid.count - 1)]
        let times = TimeColumn(history.points.map(\.time) + ends, on: screen)
        var text = ""
        if screen.isTerminal {
            text += heading(history, times, on: screen)
            text += UsageChart.render(history, on: screen) + "\n"
        }
        text += table(history, times).render(on: screen)
        return Rendering(text: text + (gaps.isEmpty ? "" : "\n" + gaps))
    }

    private static func heading(_ history: UsageHistory, _ times: TimeColumn, on screen: Screen) -> String {
        let date = times.sharedDate.map { " · \($0)" } ?? ""
        return screen.paint("\(history.device.printable) · heap \(history.heapTitle)", .bold)
            + " · \(Figures.number(history.size)) B\(date) · a step is \(step(history.stepMicroseconds))\n\n"
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

    private static func table(_ history: UsageHistory, _ times: TimeColumn) -> TextTable {
        let hasBoots = history.points.contains { $0.boot != history.points[0].boot }
        let columns: [TextTable.Column] =
            [times.column]
            + ["USED B", "USED %", "BLOCKS", "PEAK B", "ALLOCS", "FREES", "FAILED", "MOVES", "MOVED B"].map {
                .init(title: $0, isNumber: true, role: $0 == "USED %" ? .ornament : .essential)
            } + (hasBoots ? [.init(title: "BOOT", role: .detail)] : [])
        var table = TextTable(columns)
        let grid = StepGrid(history)

        /// Says that `count` steps from `step` on have no point.
        func addEmpty(_ count: Int64, from step: Int64) {
            if count > mostEmptyRows {
                table.add(remark: "… \(Figures.number(count)) steps without data")
            } else {
                for index in 0..<max(0, count) {
                    let time = times.cell(grid.start(ofStep: step + index))
                    let cells = [time, .init("no data", .dim)]
                    table.add(cells + Array(repeating: .init(""), count: columns.count - cells.count))
                }
            }
        }
        var next: Int64 = 0
        for point in history.points {
            let index = grid.index(of: point.time)
            addEmpty(index - next, from: next)
            table.add(cells(point, of: history, times) + (hasBoots ? [.init(Figures.boot(point.boot))] : []))
            next = index + 1
        }
        addEmpty(grid.count - next, from: next)
        return table
    }

    private static func cells(
        _ point: UsagePoint, of history: UsageHistory, _ times: TimeColumn
    ) -> [TextTable.Cell] {
        [
            times.cell(point.time), .init(Figures.number(point.used)),
            .init(Figures.percent(point.used, of: history.size)), .init(Figures.number(point.allocations)),
            .init(Figures.number(point.peak)), .init(Figures.number(point.allocated)),
            .init(Figures.number(point.freed)),
            .init(Figures.number(point.failures), point.failures > 0 ? .red : .plain),
            .init(Figures.number(point.moves)), .init(Figures.number(point.bytesMoved)),
        ]
    }
}

extension UsageHistory {
    fileprivate var heapTitle: String { name.isEmpty ? "\(heap)" : name.printable }
}
