// SPDX-License-Identifier: Apache-2.0
//
// The picture of a heap: its bytes in rows of cells, low addresses first. Neighbouring blocks differ in glyph and in
// colour, so the picture can be read without colour, too.

import CommandSupport
import HeapHistory

enum HeapMap {
    enum Cell: Equatable {
        /// Mostly one block; the flag alternates from each block that can be seen to the next.
        case block(isOdd: Bool)
        /// Several blocks, none of which has half of the cell.
        case several
        /// Mostly bytes between the end of a block and the next aligned address.
        case padding
        case free
    }

    private static let mostRows = 8
    /// No device has more. Sums of two numbers up to it can't overflow.
    private static let mostBytes = 1 << 48

    static func render(_ snapshot: Snapshot, on screen: Screen) -> String {
        guard (1...mostBytes).contains(snapshot.size), snapshot.alignment <= mostBytes else { return "" }
        let labelWidth = snapshot.baseAddress.advanced(by: snapshot.size).description.count
        // A power of two, so that every row begins at a round address.
        var rowCells = 16
        while rowCells < 128 && rowCells * 2 + labelWidth + 2 <= screen.columns { rowCells *= 2 }
        var cellBytes = 1
        while cellBytes < snapshot.alignment { cellBytes *= 2 }
        while (snapshot.size + cellBytes - 1) / cellBytes > rowCells * mostRows { cellBytes *= 2 }

        let cells = cells(of: snapshot, cellBytes: cellBytes)
        var output = ""
        for start in stride(from: 0, to: cells.count, by: rowCells) {
            let address = snapshot.baseAddress.advanced(by: start * cellBytes)
            output += screen.paint(address.description.padded(to: labelWidth), .dim) + "  "
            output += paint(cells[start..<min(start + rowCells, cells.count)], on: screen) + "\n"
        }
        let legend = legend(cells, cellBytes, isWatched: snapshot.watched, on: screen)
        return output + "\n" + legend + "\n" + summary(snapshot) + "\n"
    }

    static func cells(of snapshot: Snapshot, cellBytes: Int) -> [Cell] {
        struct Contents {
            var used = 0
            var padding = 0
            var blocks = 0
            var (largest, largestIndex) = (0, 0)
        }
        var contents = Array(repeating: Contents(), count: (snapshot.size + cellBytes - 1) / cellBytes)

        /// Calls `body` with each cell that the bytes lie in, and how many lie there.
        func spread(_ bytes: Range<Int>, _ body: (inout Contents, Int) -> Void) {
            var position = bytes.lowerBound
            while position < bytes.upperBound {
                let cell = position / cellBytes
                let end = min(bytes.upperBound, (cell + 1) * cellBytes)
                body(&contents[cell], end - position)
                position = end
            }
        }
        for (position, extent) in extents(of: snapshot).enumerated() {
            spread(extent.block) { cell, bytes in
                cell.used += bytes
                cell.blocks += 1
                if bytes > cell.largest { (cell.largest, cell.largestIndex) = (bytes, position) }
            }
            spread(extent.padding) { cell, bytes in cell.padding += bytes }
        }
        // By what is seen, not by the index: a block too small for a cell of its own must not make its neighbours
        // look like one.
        var (shown, isOdd) = (-1, true)
        return contents.map { cell in
            if cell.used == 0 && cell.padding == 0 { return .free }
            if cell.padding > cell.used { return .padding }
            if cell.blocks > 1 && cell.largest * 2 <= cellBytes { return .several }
            if cell.largestIndex != shown { (shown, isOdd) = (cell.largestIndex, !isOdd) }
            return .block(isOdd: isOdd)
        }
    }

    /// For each entry its block and the padding after it: inside the heap, in order, and never two in one place,
    /// whatever the answer says.
    private static func extents(of snapshot: Snapshot) -> [(block: Range<Int>, padding: Range<Int>)] {
        let entries = snapshot.entries
        let unit = snapshot.watched ? 1 : max(snapshot.alignment, 1)
        var free = 0
        return entries.indices.map { index in
            let next = index + 1 < entries.count ? entries[index + 1].offset : snapshot.size
            let start = min(max(free, entries[index].offset), snapshot.size)
            let limit = min(max(start, next), snapshot.size)
            let end = start + min(max(0, entries[index].size), limit - start)
            // Beyond the next aligned address is a gap.
            let over = (end - start) % unit
            let padded = over == 0 ? end : min(limit, end + unit - over)
            free = padded
            return (start..<end, end..<padded)
        }
    }

    private static func paint(_ cells: ArraySlice<Cell>, on screen: Screen) -> String {
        var output = ""
        var rest = cells
        while let first = rest.first {
            let run = rest.prefix { $0 == first }
            output += screen.paint(String(repeating: glyph(first), count: run.count), ink(first))
            rest = rest.dropFirst(run.count)
        }
        return output
    }

    private static func legend(_ cells: [Cell], _ cellBytes: Int, isWatched: Bool, on screen: Screen) -> String {
        func sample(_ cell: Cell) -> String { screen.paint(String(glyph(cell)), ink(cell)) }
        var parts = [sample(.block(isOdd: false)) + sample(.block(isOdd: true)) + " blocks in turn"]
        if cells.contains(.several) { parts.append(sample(.several) + " several blocks") }
        if cells.contains(.padding) { parts.append(sample(.padding) + " padding") }
        // Another allocator's own bytes, before and after blocks, can't be told from free ones.
        parts.append(sample(.free) + (isWatched ? " no block" : " free"))
        return parts.joined(separator: "   ") + "   a cell is \(Figures.number(cellBytes)) B"
    }

    private static func summary(_ snapshot: Snapshot) -> String {
        let padding = extents(of: snapshot).reduce(0) { $0.addingClamped($1.padding.count) }
        let padded = snapshot.watched ? "" : ", \(Figures.number(padding)) B of it padding"
        let share = Figures.percent(snapshot.used, of: snapshot.size)
        return "\(Figures.count(snapshot.entries.count, "block")), \(Figures.number(snapshot.used)) of "
            + "\(Figures.number(snapshot.size)) B used (\(share) %)" + padded
    }

    private static func glyph(_ cell: Cell) -> Character {
        switch cell {
        case .block(isOdd: false): "█"
        case .block(isOdd: true): "▒"
        case .several: "▚"
        case .padding: "-"
        case .free: "·"
        }
    }

    private static func ink(_ cell: Cell) -> Ink {
        switch cell {
        case .block(isOdd: false): .cyan
        case .block(isOdd: true): .magenta
        case .several: .yellow
        case .padding: .red
        case .free: .dim
        }
    }
}

extension Address {
    fileprivate func advanced(by bytes: Int) -> Address { Address(value &+ UInt64(bytes)) }
}
