// SPDX-License-Identifier: Apache-2.0
//
// What is missing of a heap's history, as a table.

import CommandSupport
import HeapHistory

enum GapsView {
    static func render(_ list: GapList, on screen: Screen) -> Rendering {
        let heap = list.name.isEmpty ? "\(list.heap)" : list.name.printable
        guard !list.gaps.isEmpty else { return Rendering(text: "", remarks: remarks(list, on: screen)) }
        let zone = screen.zone
        var table = TextTable([
            .init(title: zone.title("FROM")), .init(title: zone.title("TO")), .init(title: "LASTED", isNumber: true),
            .init(title: "MISSING"), .init(title: "CAUSE", role: .detail),
        ])
        for gap in list.gaps {
            table.add([
                .init(gap.start.map { zone.dateAndTime($0) } ?? "the beginning"),
                gap.end.map { .init(zone.dateAndTime($0)) }
                    ?? .init("still open", gap.cause == .summarized ? .plain : .red),
                .init(lasted(gap, list.until)),
                .init(GapSentence.missing(gap) ?? (gap.cause == .summarized ? "details" : "?")),
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
        let knowledge = Knowledge(knownUntil: list.knownUntil, until: list.until, gaps: list.gaps, zone: screen.zone)
        guard !list.gaps.isEmpty else {
            return [nothing(list, list.name.isEmpty ? "\(list.heap)" : list.name.printable, knowledge)]
        }
        return [beginning(list, screen.zone), knowledge.sentence].compactMap { $0 }
    }

    /// Nil when the question begins after the heap's first report.
    private static func beginning(_ list: GapList, _ zone: Zone) -> String? {
        guard let first = list.knownSince, first > list.since else { return nil }
        return "Nothing is known from before \(zone.full(first)): the heap's first report came then."
    }

    /// Nothing is missing as far as it is known, and no further.
    private static func nothing(_ list: GapList, _ heap: String, _ knowledge: Knowledge) -> String {
        let zone = knowledge.zone
        guard let end = knowledge.end else { return "Nothing of heap \(heap) is known yet." }
        guard end >= list.since else {
            return "Nothing of heap \(heap) is known from \(zone.full(list.since)) on: it is known until "
                + "\(zone.full(end)); --since looks further back."
        }
        let rest = end < list.until ? "; what came after is not known yet." : "; --since looks further back."
        if let beginning = beginning(list, zone) {
            guard let first = list.knownSince, first <= end else { return beginning }
            let after = end < list.until ? "what came before and after is" : "what came before is"
            return "Nothing is missing in heap \(heap) from its first report, \(zone.dateAndTime(first)), to "
                + "\(zone.full(end)); \(after) not known."
        }
        return "Nothing is missing in heap \(heap) from \(zone.dateAndTime(list.since)) to \(zone.full(end))" + rest
    }

    /// How long; a gap that is still open lasts to the end of the question at least.
    private static func lasted(_ gap: Gap, _ until: Timestamp) -> String {
        guard let start = gap.start else { return "?" }
        return Figures.duration(from: start, to: gap.end ?? until)
    }
}
