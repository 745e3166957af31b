// SPDX-License-Identifier: Apache-2.0
//
// What would have been enough, heap by heap.

import CommandSupport
import HeapHistory

enum RightSizeView {
    static func render(_ answer: RightSize, on screen: Screen) -> Rendering {
        guard !answer.heaps.isEmpty else { return Rendering(text: "", remarks: remarks(answer, screen.zone)) }
        var table = TextTable([
            .init(title: "HEAP"), .init(title: "DEVICES", isNumber: true), .init(title: "DAYS", isNumber: true),
            .init(title: ""),
            .init(title: "NOW", isNumber: true), .init(title: "ENOUGH", isNumber: true),
            .init(title: "BOUND", isNumber: true),
            .init(title: "MARGIN", isNumber: true), .init(title: "SAVES B", isNumber: true),
        ])
        for heap in answer.heaps {
            table.add(
                [
                    .init(heap.name.isEmpty ? "without a name" : heap.name), .init(Figures.number(heap.devices)),
                    .init(Figures.number(heap.deviceDays)),
                ] + cells("bytes", heap.size) + [.init(Figures.number(heap.saves), heap.saves > 0 ? .green : .plain)])
            table.add([.init(""), .init(""), .init("")] + cells("blocks", heap.table) + [.init("")])
        }
        return Rendering(text: table.render(on: screen), remarks: remarks(answer, screen.zone))
    }

    private static func cells(_ what: String, _ need: RightSize.Need) -> [TextTable.Cell] {
        let left = need.now - (need.bound ?? need.enough)
        let margin = left <= 0 ? "none" : Figures.percent(left, of: need.now) + " %"
        return [
            .init(what), .init(Figures.number(need.now)), .init(Figures.number(need.enough)),
            .init(need.bound.map { Figures.number($0) } ?? "?", need.bound == nil ? .yellow : .plain),
            .init(margin, left <= 0 ? .red : .plain),
        ]
    }

    static func remarks(_ answer: RightSize, _ zone: Zone) -> [String] {
        let range = "from \(zone.dateAndTime(answer.since)) to \(zone.full(answer.until))"
        guard !answer.heaps.isEmpty else {
            let build = answer.build.map { " with build \($0.printable)" } ?? ""
            return ["No day of a heap\(build) is gathered yet \(range): frames are every ten minutes."]
        }
        var remarks = ["For \(percent(answer.quantile)) of device-days, \(range)."]
        if answer.heaps.contains(where: { $0.size.bound == nil }) {
            remarks.append(
                "A bound takes \(Figures.count(answer.needed, "device-day")); where there are fewer, MARGIN and SAVES go by what was seen."
            )
        }
        let failing = answer.heaps.reduce(0) { $0.addingClamped($1.failingDays) }
        if failing > 0 {
            remarks.append(
                "On \(Figures.count(failing, "device-day")) allocations failed: no peak has what was asked for then, so the need is higher."
            )
        }
        return remarks
    }

    /// `99.9 %`, with as many digits as matter.
    private static func percent(_ share: Double) -> String {
        var text = String((share * 1_000_000).rounded() / 10_000)
        if text.hasSuffix(".0") { text.removeLast(2) }
        return text + " %"
    }
}
