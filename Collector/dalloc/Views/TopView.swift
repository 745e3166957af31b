// SPDX-License-Identifier: Apache-2.0
//
// The worst heaps as a table.

import CommandSupport
import HeapHistory

enum TopView {
    static func render(_ list: TopList, on screen: Screen) -> Rendering {
        guard !list.heaps.isEmpty else { return Rendering(text: "", remarks: remarks(list, screen.zone)) }
        var columns: [TextTable.Column] = [
            .init(title: "DEVICE"), .init(title: "BUILD"), .init(title: "HEAP"),
            .init(title: title(list.by), isNumber: true),
            .init(title: list.by == .usage ? "USED B" : "PEAK B", isNumber: true),
            .init(title: "SIZE B", isNumber: true),
        ]
        if list.by != .usage { columns.append(.init(title: "KNOWN H", isNumber: true, role: .detail)) }
        var table = TextTable(columns)
        for heap in list.heaps {
            var cells: [TextTable.Cell] = [
                .init(heap.device), .init(heap.build), .init(heap.name.isEmpty ? "\(heap.heap)" : heap.name),
                .init(value(heap.value, list.by), ink(heap.value, list.by)), .init(Figures.number(heap.used)),
                .init(heap.size == 0 ? "-" : Figures.number(heap.size)),
            ]
            if list.by != .usage { cells.append(.init(LeaksView.rate(heap.knownHours))) }
            table.add(cells)
        }
        return Rendering(text: table.render(on: screen), remarks: remarks(list, screen.zone))
    }

    private static func title(_ figure: TopList.Figure) -> String {
        switch figure {
        case .usage: "USED %"
        case .peak: "PEAK %"
        case .failures: "FAILURES"
        case .churn: "ALLOCATIONS/H"
        case .moved: "MOVED B/H"
        }
    }

    private static func value(_ value: Double, _ figure: TopList.Figure) -> String {
        switch figure {
        case .usage, .peak: Figures.percent(Int(min(max(value, 0), 1000) * 10), of: 1000)
        case .failures: Figures.number(Int(min(value, 1e15)))
        case .churn, .moved: LeaksView.rate(value)
        }
    }

    private static func ink(_ value: Double, _ figure: TopList.Figure) -> Ink {
        switch figure {
        case .usage, .peak: value >= 95 ? .red : value >= 80 ? .yellow : .plain
        case .failures: .red
        case .churn, .moved: .plain
        }
    }

    static func remarks(_ list: TopList, _ zone: Zone) -> [String] {
        let range = "from \(zone.dateAndTime(list.since)) to \(zone.full(list.until))"
        guard !list.heaps.isEmpty else {
            if list.heapsSeen == 0 {
                return [
                    list.by == .usage
                        ? "No heap is known." : "Nothing is gathered yet \(range): frames are every ten minutes."
                ]
            }
            let what = list.by == .failures ? "No allocation failed" : "There is nothing to rank"
            return ["\(what) in \(Figures.count(list.heapsSeen, "heap")) \(range)."]
        }
        let rest = list.heapsSeen - list.heaps.count
        let others = rest > 0 ? "The worst of \(Figures.count(list.heapsSeen, "heap"))" : "All of them"
        return list.by == .usage ? ["\(others), as they are now."] : ["\(others), \(range)."]
    }
}
