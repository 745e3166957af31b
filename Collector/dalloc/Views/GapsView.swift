// What is missing of a heap's history, as a table.

import HeapHistory

enum GapsView {
    static func render(_ list: GapList, on screen: Screen) -> Rendering {
        let stretch = "from \(Figures.dateAndTime(list.since)) to \(Figures.dateAndTime(list.until)) UTC"
        let heap = list.name.isEmpty ? "\(list.heap)" : list.name.printable
        guard !list.gaps.isEmpty else {
            return Rendering(
                text: "", remarks: ["Nothing is missing in heap \(heap) \(stretch); --since looks further back."])
        }
        var table = TextTable([
            .init(title: "FROM UTC"), .init(title: "TO UTC"), .init(title: "LASTED", isNumber: true),
            .init(title: "MISSING"), .init(title: "CAUSE", role: .detail),
        ])
        for gap in list.gaps {
            table.add([
                .init(gap.start.map { Figures.dateAndTime($0) } ?? "the beginning"),
                gap.end.map { .init(Figures.dateAndTime($0)) } ?? .init("still open", .red),
                .init(lasted(gap)),
                .init(GapSentence.missing(gap) ?? "?"),
                .init(GapSentence.cause(gap.cause)),
            ])
        }
        let heading = screen.isTerminal ? screen.paint("\(list.device.printable) · heap \(heap)", .bold) + "\n\n" : ""
        return Rendering(text: heading + table.render(on: screen), remarks: [])
    }

    private static func lasted(_ gap: Gap) -> String {
        guard let start = gap.start, let end = gap.end else { return "?" }
        return Figures.duration(max(0, end.microseconds - start.microseconds))
    }
}
