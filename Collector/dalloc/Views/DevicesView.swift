// SPDX-License-Identifier: Apache-2.0
//
// The fleet as a table: a row for each heap. A large fleet comes in pages; its table grows with them.

import CommandSupport
import HeapHistory

struct DevicesView {
    private static let barWidth = 10
    /// More lines than a person reads below a table; programs take --format json.
    private static let mostWarnings = 1000

    /// Why the list is empty.
    static func nothing(_ selection: DeviceSelection?) -> String {
        selection?.isFiltered == true
            ? "No device is like that: leave one of --build, --silent, --failing, --leaking, --usage and --label away to see more."
            : "No device has reported to this collector yet: point an agent or dalloc-simulator at its --listen address, or "
                + "give it a --serial line."
    }

    let now: Timestamp
    let screen: Screen
    private var layout: TextTable.Layout?
    private var warnings: [String] = []
    private var warningsLeftOut = 0

    init(now: Timestamp, on screen: Screen) {
        (self.now, self.screen) = (now, screen)
    }

    /// A fleet of one page.
    static func render(_ list: DeviceList, now: Timestamp, on screen: Screen) -> String {
        var view = DevicesView(now: now, on: screen)
        let rows = view.rows(of: list.devices)
        return rows + view.end()
    }

    /// The rows of a page, the heading before the first of them.
    mutating func rows(of devices: [DeviceSummary]) -> String {
        guard !devices.isEmpty else { return "" }
        var table = TextTable([
            .init(title: "DEVICE"),
            .init(title: "BUILD", role: .detail),
            .init(title: "BOOT", role: .detail),
            .init(title: "LINK", role: .detail),
            .init(title: "HEAP"),
            .init(title: "USED B", isNumber: true),
            .init(title: "SIZE B", isNumber: true),
            .init(title: "USED %", isNumber: true),
            .init(title: "", role: .ornament),
            .init(title: "BLOCKS", isNumber: true),
            .init(title: "FAILED 1 H", role: .detail, introduction: "failed within the hour:"),
            .init(title: "LAST SEEN"),
            .init(title: "LABELS", role: .detail, hidesEmpty: true),
        ])
        for device in devices {
            add(device, to: &table)
            for warning in device.warnings { note(warning, of: device) }
        }
        return table.render(on: screen, following: &layout)
    }

    /// What stands below the table: a line for each thing that needs a person.
    func end() -> String {
        guard !warnings.isEmpty else { return "" }
        var lines = warnings.map { screen.paint($0.wrapped(to: screen.columns), .yellow) }
        if warningsLeftOut > 0 {
            lines.append("… \(Figures.count(warningsLeftOut, "more warning")); --format json has all of them")
        }
        return "\n" + lines.joined(separator: "\n") + "\n"
    }

    private mutating func note(_ warning: DeviceWarning, of device: DeviceSummary) {
        if warnings.count < Self.mostWarnings {
            warnings.append("\(device.id): \(warning.message)".printable)
        } else {
            warningsLeftOut += 1
        }
    }

    private func add(_ device: DeviceSummary, to table: inout TextTable) {
        let seen = TextTable.Cell(
            Figures.ago(device.lastSeen, now: now) + (device.connected ? "" : ", offline"),
            device.connected ? .plain : .red)
        let labels = TextTable.Cell(
            device.labels.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }.joined(separator: ", "))
        func deviceCells(_ isFirst: Bool) -> [TextTable.Cell] {
            // For a person, a device is named once; for a program, each row is complete.
            guard isFirst || !screen.isTerminal else { return Array(repeating: .init(""), count: 4) }
            return [
                .init(device.id, .bold), .init(device.build), .init(Figures.boot(device.boot)), .init(device.link),
            ]
        }
        if device.heaps.isEmpty {
            let blanks = Array(repeating: TextTable.Cell(""), count: 6)
            table.add(deviceCells(true) + [.init("no heap yet", .dim)] + blanks + [seen, labels])
        }
        for (index, heap) in device.heaps.enumerated() {
            let isFirst = index == 0
            let end = isFirst || !screen.isTerminal ? [seen, labels] : [.init(""), .init("")]
            table.add(deviceCells(isFirst) + heapCells(heap) + end)
        }
    }

    private func heapCells(_ heap: HeapSummary) -> [TextTable.Cell] {
        let name = heap.name.isEmpty ? "\(heap.heap)" : heap.name
        // No frame has come yet: the figures are not known to be 0.
        guard heap.sequence > 0 else {
            return [
                .init(name), .init("-"), .init(size(heap)), .init("-"), .init(""),
                .init("-/\(Figures.number(heap.tableSize))"), failures(heap),
            ]
        }
        let share = heap.size > 0 ? Double(heap.used) / Double(heap.size) : 0
        let ink: Ink = share < 0.7 ? .green : share < 0.9 ? .yellow : .red
        return [
            .init(name), .init(Figures.number(heap.used)), .init(size(heap)),
            .init(Figures.percent(heap.used, of: heap.size), ink == .red ? .red : .plain),
            .init(screen.isTerminal ? Self.bar(share) : "", ink), blocks(heap), failures(heap),
        ]
    }

    /// Not of all heaps of other allocators is it known.
    private func size(_ heap: HeapSummary) -> String { heap.size == 0 ? "-" : Figures.number(heap.size) }

    /// `100/100`: a table that is full fails every allocation, however much room the heap has.
    private func blocks(_ heap: HeapSummary) -> TextTable.Cell {
        let text = "\(Figures.number(heap.liveBlocks))/\(Figures.number(heap.tableSize))"
        guard heap.tableSize > 0, heap.liveBlocks > 0 else { return .init(text) }
        let isFull = heap.liveBlocks >= heap.tableSize
        return .init(text, isFull ? .red : heap.liveBlocks >= heap.tableSize / 10 * 9 ? .yellow : .plain)
    }

    /// `3, table full`.
    private func failures(_ heap: HeapSummary) -> TextTable.Cell {
        // A line below the row that says nothing new is not for people.
        guard heap.failuresLastHour != 0 else { return .init(screen.isTerminal ? "" : "0") }
        let reason = heap.failureReason.map { ", " + $0.replacing("_", with: " ") } ?? ""
        return .init(Figures.number(heap.failuresLastHour) + reason, .red)
    }

    /// `███▌······`: eight steps a character, and never empty when something is in use.
    static func bar(_ share: Double) -> String {
        let most = Double(barWidth * 8)
        let eighths = Int(max(0, min(most, (share * most).rounded())))
        let visible = share > 0 ? max(1, eighths) : 0
        let partial = visible % 8 == 0 ? "" : String(Array("▏▎▍▌▋▊▉")[visible % 8 - 1])
        let filled = String(repeating: "█", count: visible / 8) + partial
        return filled + String(repeating: "·", count: barWidth - filled.count)
    }
}
