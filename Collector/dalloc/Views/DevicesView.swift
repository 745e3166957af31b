// The fleet as a table: a row for each heap.

import HeapHistory

enum DevicesView {
    private static let barWidth = 10

    static func render(_ list: DeviceList, now: Timestamp, on screen: Screen) -> Rendering {
        guard !list.devices.isEmpty else {
            return Rendering(
                text: "",
                remarks: [
                    "No device has reported to this collector yet: point an agent or dalloc-simulator at its --listen "
                        + "address, or give it a --serial line."
                ])
        }
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
            .init(title: "LAST SEEN"),
        ])
        for device in list.devices {
            let seen = TextTable.Cell(
                Figures.ago(device.lastSeen, now: now) + (device.connected ? "" : ", offline"),
                device.connected ? .plain : .red)
            func deviceCells(_ isFirst: Bool) -> [TextTable.Cell] {
                // For a person, a device is named once; for a program, each row is complete.
                guard isFirst || !screen.isTerminal else { return Array(repeating: .init(""), count: 4) }
                return [
                    .init(device.id, .bold), .init(device.build), .init(Figures.boot(device.boot)),
                    .init(device.link),
                ]
            }
            if device.heaps.isEmpty {
                table.add(deviceCells(true) + [.init("no heap yet", .dim)] + blanks(5) + [seen])
            }
            for (index, heap) in device.heaps.enumerated() {
                let isFirst = index == 0
                table.add(
                    deviceCells(isFirst) + heapCells(heap, on: screen)
                        + [isFirst || !screen.isTerminal ? seen : .init("")])
            }
        }
        return Rendering(text: table.render(on: screen))
    }

    private static func heapCells(_ heap: HeapSummary, on screen: Screen) -> [TextTable.Cell] {
        let name = heap.name.isEmpty ? "\(heap.heap)" : heap.name
        // No frame has come yet: the figures are not known to be 0.
        guard heap.sequence > 0 else {
            return [.init(name), .init("-"), .init(Figures.number(heap.size)), .init("-"), .init(""), .init("-")]
        }
        let share = heap.size > 0 ? Double(heap.used) / Double(heap.size) : 0
        let ink: Ink = share < 0.7 ? .green : share < 0.9 ? .yellow : .red
        return [
            .init(name), .init(Figures.number(heap.used)), .init(Figures.number(heap.size)),
            .init(Figures.percent(heap.used, of: heap.size)),
            .init(screen.isTerminal ? bar(share) : "", ink), .init(Figures.number(heap.allocations)),
        ]
    }

    /// `███▌······`: eight steps a character, and never empty when something is in use.
    static func bar(_ share: Double) -> String {
        let eighths = max(0, min(barWidth * 8, Int((share * Double(barWidth * 8)).rounded())))
        let visible = share > 0 ? max(1, eighths) : 0
        let partial = visible % 8 == 0 ? "" : String(Array("▏▎▍▌▋▊▉")[visible % 8 - 1])
        let filled = String(repeating: "█", count: visible / 8) + partial
        return filled + String(repeating: "·", count: barWidth - filled.count)
    }

    private static func blanks(_ count: Int) -> [TextTable.Cell] { Array(repeating: .init(""), count: count) }
}
