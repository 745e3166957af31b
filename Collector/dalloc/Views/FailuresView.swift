// SPDX-License-Identifier: Apache-2.0
//
// Failed allocations as a table, each with the heap at its moment where that was asked for.

import CommandSupport
import HeapHistory

enum FailuresView {
    static func render(_ list: FailureList, on screen: Screen) -> Rendering {
        guard !list.failures.isEmpty else { return Rendering(text: "", remarks: remarks(list, on: screen)) }
        var text = ""
        if screen.isTerminal {
            text = screen.paint("\(list.device.printable)\(screen.separator)heap \(list.heapTitle)", .bold) + "\n\n"
        }
        if list.failures.contains(where: { $0.entries != nil }) {
            for failure in list.failures {
                let below =
                    failure.entries.map { entries($0, on: screen) }
                    ?? "  The table at that moment is not known: a summary tells of the failure.\n"
                text += table([failure], on: screen) + "\n" + below + "\n"
            }
        } else {
            text += table(list.failures, on: screen)
        }
        return Rendering(text: text, remarks: remarks(list, on: screen))
    }

    private static func table(_ failures: [FailureList.Failure], on screen: Screen) -> String {
        var table = TextTable([
            .init(title: screen.zone.title("TIME")), .init(title: "BOOT", role: .detail), .init(title: "FRAME"),
            .init(title: "BYTES", isNumber: true), .init(title: "REASON"), .init(title: "ASKED BY"),
            .init(title: "FREE B", isNumber: true),
            .init(title: "LARGEST B", isNumber: true), .init(title: "BLOCKS", isNumber: true),
            .init(title: "OF", isNumber: true),
        ])
        for failure in failures {
            table.add([
                .init(screen.zone.dateAndTime(failure.time)), .init(Figures.boot(failure.boot)),
                .init("#\(failure.sequence)"),
                .init(Figures.number(failure.size)), .init(failure.reason.words, .red),
                .init(asker(of: failure)),
                .init(failure.free.map { Figures.number($0) } ?? "?"),
                .init(failure.largestFree.map { Figures.number($0) } ?? "?"),
                .init(failure.liveBlocks.map { Figures.number($0) } ?? "?"),
                .init(Figures.number(failure.tableSize)),
            ])
        }
        return table.render(on: screen)
    }

    /// The call, or the variable that the block was meant for.
    private static func asker(of failure: FailureList.Failure) -> String {
        if let callSite = failure.callSite { return "call \(callSite)" }
        return failure.owner.map { "variable \($0)" } ?? "unknown"
    }

    private static func entries(_ entries: [SnapshotEntry], on screen: Screen) -> String {
        var table = TextTable([
            .init(title: "  BLOCK", isNumber: true), .init(title: "ADDRESS"), .init(title: "BYTES", isNumber: true),
            .init(title: "OWNER"), .init(title: "CALL SITE", role: .detail),
            .init(title: screen.zone.title("ALLOCATED"), role: .detail),
        ])
        for entry in entries {
            table.add([
                .init(entry.allocation.map { "#\($0)" } ?? "?"), .init(entry.address.description),
                .init(Figures.number(entry.size)),
                .init(entry.owner?.description ?? "none", entry.owner == nil ? .yellow : .plain),
                .init(entry.callSite?.description ?? ""),
                .init(entry.allocatedAt.map { screen.zone.dateAndTime($0) } ?? ""),
            ])
        }
        return table.render(on: screen)
    }

    static func remarks(_ list: FailureList, on screen: Screen) -> [String] {
        let knowledge = Knowledge(knownUntil: list.knownUntil, until: list.until, gaps: list.gaps, zone: screen.zone)
        var remarks: [String] = []
        if list.failures.isEmpty {
            let what =
                list.counted == 0 && list.gaps.isEmpty
                ? "No allocation failed" : "No failed allocation is known in detail"
            let end = knowledge.end.map { max($0, list.since) } ?? list.until
            remarks.append(
                "\(what) in heap \(list.heapTitle) from \(screen.zone.dateAndTime(list.since)) to \(screen.zone.full(end)); "
                    + "--since looks further back.")
        }
        if let next = list.next {
            remarks.append("Cut by --limit: there are earlier ones; --until '\(next)' goes on from there.")
        } else if list.counted > list.failures.count {
            remarks.append(
                "The device counted \(Figures.count(list.counted, "failure")); of the others "
                    + "the operations are no longer kept, or missing, or a summary counts them only."
            )
        }
        return remarks + knowledge.sentences
    }
}

extension FailureList {
    fileprivate var heapTitle: String { name.isEmpty ? "\(heap)" : name.printable }
}
