// SPDX-License-Identifier: Apache-2.0
//
// The runs of a device as a table.

import CommandSupport
import HeapHistory

enum BootsView {
    static func render(_ list: BootList, on screen: Screen) -> Rendering {
        let zone = screen.zone
        var table = TextTable([
            .init(title: "BOOT"), .init(title: "BUILD"), .init(title: zone.title("FROM")),
            .init(title: "LASTED", isNumber: true),
            .init(title: "HEAP"), .init(title: "PEAK B", isNumber: true), .init(title: "OF", isNumber: true),
            .init(title: "ALLOCATED", isNumber: true, role: .detail), .init(title: "FAILED", isNumber: true),
            .init(title: "GAPS", isNumber: true, role: .detail),
            .init(title: "RECORDER %", isNumber: true, role: .detail, hidesEmpty: true),
        ])
        for boot in list.boots {
            for (index, row) in boot.rows.enumerated() {
                table.add(beginning(boot, isFirst: index == 0, zone) + figures(row.heap))
            }
        }
        let heading = screen.isTerminal ? screen.paint(list.device.printable, .bold) + "\n\n" : ""
        return Rendering(text: heading + table.render(on: screen), remarks: remarks(list))
    }

    private static func beginning(_ boot: BootList.Boot, isFirst: Bool, _ zone: Zone) -> [TextTable.Cell] {
        guard isFirst else { return Array(repeating: .init(""), count: 4) }
        let run = boot.run > 1 ? " (run \(boot.run))" : ""
        var lasted = ""
        if let first = boot.firstTime, let last = boot.lastTime { lasted = Figures.duration(from: first, to: last) }
        return [
            .init(Figures.boot(boot.boot) + run, boot.current ? .bold : .plain), .init(boot.build),
            .init(boot.firstTime.map { zone.dateAndTime($0) } ?? "nothing came"), .init(lasted),
        ]
    }

    private static func figures(_ heap: BootList.Heap?) -> [TextTable.Cell] {
        guard let heap else { return [.init("none")] + Array(repeating: .init(""), count: 6) }
        return [
            .init(heap.name.isEmpty ? "\(heap.heap)" : heap.name), .init(Figures.number(heap.peak)),
            .init(heap.size == 0 ? "-" : Figures.number(heap.size)), .init(Figures.number(heap.totalAllocations)),
            .init(Figures.number(heap.totalFailures), heap.totalFailures > 0 ? .red : .plain),
            .init(Figures.number(heap.gaps), heap.gaps > 0 ? .yellow : .plain), recorder(heap),
        ]
    }

    /// How full it got.
    private static func recorder(_ heap: BootList.Heap) -> TextTable.Cell {
        guard let most = heap.recorderMost, let size = heap.recorderSize else { return .init("") }
        return .init(Figures.percent(most, of: size), most >= size - size / 4 ? .yellow : .plain)
    }

    static func remarks(_ list: BootList) -> [String] {
        list.next == nil ? [] : ["Cut by --limit: there are earlier boots."]
    }
}
