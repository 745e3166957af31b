// SPDX-License-Identifier: Apache-2.0
//
// The picture of a history: usage as bars with the peak above, and a line each for blocks, failures and moved bytes.
// A step without data is an empty column, never a line drawn across it; `!` below a column says that operations are
// known to be missing there, `?` that nothing is known yet.

import CommandSupport
import HeapHistory

enum UsageChart {
    /// What one column of the chart shows.
    struct Bucket: Equatable {
        var used = 0
        var peak = 0
        var blocks = 0
        var failures = 0
        var bytesMoved = 0
    }

    private static let levels = Array(" ▁▂▃▄▅▆▇█")
    private static let mostStepWidth = 8

    static func render(_ history: UsageHistory, on screen: Screen) -> String {
        let top = scale(history)
        let labelWidth = max("moved B".count, Figures.number(top).count)
        let room = max(10, screen.columns - labelWidth - 2)
        let grid = StepGrid(history)
        let width = grid.count <= room ? Int(grid.count) * min(mostStepWidth, room / Int(grid.count)) : room
        let columns = buckets(history, grid, width: width)
        let height = max(4, min(10, screen.rows / 3))

        var output = ""
        for row in (0..<height).reversed() {
            let isLabeled = row == height - 1 || (height.isMultiple(of: 2) && row == height / 2 - 1)
            let value = row == height - 1 ? top : top / 2
            output += label(isLabeled ? Figures.number(value) : "", labelWidth, on: screen)
            output += screen.paint(isLabeled ? " ┤" : " │", .dim)
            output += bars(columns, row: row, height: height, top: top, on: screen) + "\n"
        }
        output += label("0", labelWidth, on: screen) + screen.paint(" ┼", .dim)
        output += axis(history, columns, grid, on: screen) + "\n"
        output +=
            String(repeating: " ", count: labelWidth + 2) + timeLabels(history, grid, screen.zone, width: width) + "\n"
        for (name, key, ink) in [
            ("blocks", \Bucket.blocks, Ink.plain), ("failed", \Bucket.failures, .red),
            ("moved B", \Bucket.bytesMoved, .plain),
        ] {
            output += sparkline(name, columns.map { $0?[keyPath: key] }, labelWidth, ink, on: screen)
        }
        return output + legend(history, top, on: screen)
    }

    /// The value at the upper edge: the heap's largest size, or, where so little is used that nothing could be seen,
    /// the smallest power of two that holds the peak.
    static func scale(_ history: UsageHistory) -> Int {
        let peak = history.points.reduce(0) { max($0, $1.peak, $1.used) }
        let size = history.sizes.most
        guard peak < size / 2 else { return max(size, peak, 1) }
        // Ends below twice the peak, which is below the size.
        var top = 8
        while top < peak { top *= 2 }
        return top
    }

    /// Nil where no step of the column has a point.
    static func buckets(_ history: UsageHistory, _ grid: StepGrid, width: Int) -> [Bucket?] {
        var columns: [Bucket?] = Array(repeating: nil, count: width)
        for point in history.points {
            for column in Self.columns(ofStep: grid.index(of: point.time), of: grid.count, width: width) {
                var bucket = columns[column] ?? Bucket()
                bucket.used = point.used
                bucket.blocks = point.liveBlocks
                bucket.peak = max(bucket.peak, point.peak, point.used)
                bucket.failures = bucket.failures.addingClamped(point.failures)
                bucket.bytesMoved = bucket.bytesMoved.addingClamped(point.bytesMoved)
                columns[column] = bucket
            }
        }
        return columns
    }

    /// The columns that show a step: several when there is room, else one that it shares.
    private static func columns(ofStep index: Int64, of count: Int64, width: Int) -> Range<Int> {
        guard index >= 0, index < count else { return 0..<0 }
        if count <= width {
            let stepWidth = width / Int(count)
            return Int(index) * stepWidth..<(Int(index) + 1) * stepWidth
        }
        let column = Int(Double(index) * Double(width) / Double(count))
        return min(column, width - 1)..<min(column, width - 1) + 1
    }

    private static func bars(
        _ columns: [Bucket?], row: Int, height: Int, top: Int, on screen: Screen
    ) -> String {
        runs(columns.map { cell($0, row: row, height: height, top: top) }, on: screen)
    }

    private static func cell(_ bucket: Bucket?, row: Int, height: Int, top: Int) -> (Character, Ink) {
        guard let bucket else { return (" ", .plain) }
        func eighths(_ value: Int) -> Int {
            guard value > 0 else { return 0 }
            return max(1, Int((Double(value) / Double(top) * Double(height * 8)).rounded()))
        }
        let filled = min(max(eighths(bucket.used) - row * 8, 0), 8)
        if filled > 0 { return (levels[filled], .cyan) }
        return eighths(bucket.peak) > row * 8 ? ("░", .dim) : (" ", .plain)
    }

    private static func axis(
        _ history: UsageHistory, _ columns: [Bucket?], _ grid: StepGrid, on screen: Screen
    ) -> String {
        var line = columns.map { Character($0 == nil ? " " : "─") }
        let unknown = KnownSteps(history, grid).firstUnknown
        if unknown < grid.count {
            for column in columnRange(unknown, grid, line.count).lowerBound..<line.count where line[column] == " " {
                line[column] = "?"
            }
        }
        for gap in history.gaps {
            // Before the first known value, the mark stands where that value became known. What is
            // not over yet is marked as unknown already.
            guard let start = gap.start ?? gap.end, gap.cause != .silence || gap.end != nil else { continue }
            let end = gap.end ?? history.until
            guard end >= history.since, start <= history.until, start <= end else { continue }
            let first = columnRange(grid.index(of: max(start, history.since)), grid, line.count)
            let last = columnRange(grid.index(of: min(end, history.until)), grid, line.count)
            for column in first.lowerBound..<max(first.lowerBound, last.upperBound) { line[column] = "!" }
        }
        let inks: [Character: Ink] = ["!": .red, "?": .yellow]
        return runs(line.map { ($0, inks[$0] ?? .dim) }, on: screen)
    }

    /// Signs side by side, those of one ink painted together.
    private static func runs(_ signs: [(sign: Character, ink: Ink)], on screen: Screen) -> String {
        var runs: [(text: String, ink: Ink)] = []
        for (sign, ink) in signs {
            if runs.last?.ink == ink {
                runs[runs.count - 1].text.append(sign)
            } else {
                runs.append((String(sign), ink))
            }
        }
        return runs.map { screen.paint($0.text, $0.ink) }.joined().trimmingTrailingBlanks
    }

    private static func columnRange(_ index: Int64, _ grid: StepGrid, _ width: Int) -> Range<Int> {
        columns(ofStep: min(max(0, index), grid.count &- 1), of: grid.count, width: width)
    }

    private static func timeLabels(
        _ history: UsageHistory, _ grid: StepGrid, _ zone: Zone, width: Int
    ) -> String {
        let (start, end) = (grid.start(ofStep: 0), grid.start(ofStep: grid.count))
        func text(_ time: Timestamp) -> String {
            let full = zone.local(time).description
            if end.microseconds(since: start) > 86_400_000_000 {
                return String(full.dropFirst(5).prefix(11)).replacing("T", with: " ")
            }
            return String(full.dropFirst(11).prefix(history.stepMicroseconds % 60_000_000 == 0 ? 5 : 8))
        }
        let (left, right) = (text(start), text(end))
        guard width >= left.count + right.count + 2 else { return left }
        let middle = text(grid.start(ofStep: grid.count / 2))
        let middleStart = columnRange(grid.count / 2, grid, width).lowerBound
        var line = left.padded(to: width - right.count) + right
        if middleStart > left.count + 1, middleStart + middle.count + 1 < width - right.count {
            line = left.padded(to: middleStart) + middle
            line = line.padded(to: width - right.count) + right
        }
        return line
    }

    private static func sparkline(
        _ name: String, _ values: [Int?], _ labelWidth: Int, _ ink: Ink, on screen: Screen
    ) -> String {
        let most = values.reduce(0) { max($0, $1 ?? 0) }
        let line = values.map { value -> Character in
            guard let value else { return " " }
            guard value > 0 else { return "·" }
            return levels[max(1, Int((Double(value) / Double(most) * 8).rounded()))]
        }
        return label(name, labelWidth, on: screen) + "  "
            + screen.paint(String(line).trimmingTrailingBlanks, most > 0 ? ink : .dim) + "\n"
    }

    private static func legend(_ history: UsageHistory, _ top: Int, on screen: Screen) -> String {
        var parts = ["█ used", "░ peak"]
        if history.gaps.contains(where: { $0.cause != .silence || $0.end != nil }) { parts.append("! gap") }
        let grid = StepGrid(history)
        if KnownSteps(history, grid).firstUnknown < grid.count { parts.append("? not known yet") }
        if top < history.sizes.most {
            parts.append("drawn up to \(Figures.number(top)) of \(Figures.number(history.sizes.most)) B")
        }
        let most = history.points.reduce(into: (blocks: 0, moved: 0)) {
            $0 = (max($0.blocks, $1.liveBlocks), max($0.moved, $1.bytesMoved))
        }
        parts.append("at most \(Figures.count(most.blocks, "block"))")
        parts.append("\(Figures.number(most.moved)) B moved in a step")
        // Blanks inside a part don't break: a sign stays with its meaning.
        let text = parts.map { $0.replacing(" ", with: "\u{A0}") }.joined(separator: "   ").wrapped(to: screen.columns)
        return screen.paint(text.replacing("\u{A0}", with: " "), .dim) + "\n"
    }

    private static func label(_ text: String, _ width: Int, on screen: Screen) -> String {
        screen.paint(text.padded(to: width, onTheLeft: true), .dim)
    }
}

extension String {
    fileprivate var trimmingTrailingBlanks: String {
        var copy = self
        while copy.last == " " { copy.removeLast() }
        return copy
    }
}
