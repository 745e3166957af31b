// SPDX-License-Identifier: Apache-2.0
//
// What is missing of a heap's history, as a table.

import HeapHistory

enum GapsView {
    static func render(_ list: GapList, on screen: Screen) -> Rendering {
        let heap = list.name.isEmpty ? "\(list.heap)" : list.name.printable
        guard !list.gaps.isEmpty else { return Rendering(text: "", remarks: remarks(list, on: screen)) }
        var table = TextTable([
            .init(title: "FROM UTC"), .init(title: "TO UTC"), .init(title: "LASTED", isNumber: true),
            .init(title: "MISSING"), .init(title: "CAUSE", role: .detail),
        ])
        for gap in list.gaps {
            table.add([
                .init(gap.start.map { Figures.dateAndTime($0) } ?? "the beginning"),
                gap.end.map { .init(Figures.dateAndTime($0)) } ?? .init("still open", .red),
                .init(lasted(gap, list.until)),
                .init(GapSentence.missing(gap) ?? "?"),
                .init(GapSentence.cause(gap.cause)),
            ])
        }
        let title = "\(list.device.printable)\(screen.separator)heap \(heap)"
        let heading = screen.isTerminal ? screen.paint(title, .bold) + "\n\n" : ""
        let sentences = remarks(list, on: screen).map { $0.wrapped(to: screen.columns) + "\n" }
        let end = sentences.isEmpty ? "" : "\n" + sentences.joined()
        return Rendering(text: heading + table.render(on: screen) + end)
    }

    /// What the list can't say.
    static func remarks(_ list: GapList, on screen: Screen) -> [String] {
        let knowledge = Knowledge(knownUntil: list.knownUntil, until: list.until, gaps: list.gaps)
        guard !list.gaps.isEmpty else {
            return [nothing(list, list.name.isEmpty ? "\(list.heap)" : list.name.printable, knowledge)]
        }
        return [beginning(list), knowledge.sentence].compactMap { $0 }
    }

    /// Nil when the question begins after the heap's first report.
    private static func beginning(_ list: GapList) -> String? {
        guard let first = list.knownSince, first > list.since else { return nil }
        return "Nothing is known from before \(Figures.dateAndTime(first)) UTC: the heap's first report came then."
    }

    /// Nothing is missing as far as it is known, and no further.
    private static func nothing(_ list: GapList, _ heap: String, _ knowledge: Knowledge) -> String {
        let since = Figures.dateAndTime(list.since)
        guard let end = knowledge.end else { return "Nothing of heap \(heap) is known yet." }
        guard end >= list.since else {
            return "Nothing of heap \(heap) is known from \(since) UTC on: it is known until "
                + "\(Figures.dateAndTime(end)) UTC; --since looks further back."
        }
        let rest = end < list.until ? "; what came after is not known yet." : "; --since looks further back."
        if let beginning = beginning(list) {
            guard let first = list.knownSince, first <= end else { return beginning }
            let after = end < list.until ? "what came before and after is" : "what came before is"
            return "Nothing is missing in heap \(heap) from its first report, \(Figures.dateAndTime(first)), to "
                + "\(Figures.dateAndTime(end)) UTC; \(after) not known."
        }
        return "Nothing is missing in heap \(heap) from \(since) to \(Figures.dateAndTime(end)) UTC" + rest
    }

    /// How long; a gap that is still open lasts to the end of the question at least.
    private static func lasted(_ gap: Gap, _ until: Timestamp) -> String {
        guard let start = gap.start else { return "?" }
        return Figures.duration(from: start, to: gap.end ?? until)
    }
}
