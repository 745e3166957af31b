// SPDX-License-Identifier: Apache-2.0
//
// Relocated blocks as a table, in the order of time.

import CommandSupport
import HeapHistory

enum MovesView {
    static func render(_ list: MoveList, on screen: Screen) -> Rendering {
        let notes = knowledge(list, screen.zone).text(on: screen)
        guard !list.moves.isEmpty else { return Rendering(text: notes, remarks: cuts(list, screen.zone)) }
        let times = TimeColumn(list.moves.lazy.map(\.time), on: screen)
        var heading = ""
        if screen.isTerminal {
            let name = "\(list.device.printable)\(screen.separator)heap \(list.heapTitle)"
            heading =
                ([screen.paint(name, .bold)] + [times.sharedDate].compactMap { $0 })
                .joined(separator: screen.separator) + "\n\n"
        }
        return Rendering(
            text: heading + table(list.moves, times).render(on: screen) + (notes.isEmpty ? "" : "\n" + notes),
            remarks: cuts(list, screen.zone))
    }

    /// What the moves can't say.
    static func remarks(_ list: MoveList, on screen: Screen) -> [String] {
        cuts(list, screen.zone) + knowledge(list, screen.zone).sentences
    }

    private static func knowledge(_ list: MoveList, _ zone: Zone) -> Knowledge {
        Knowledge(knownUntil: list.knownUntil, until: list.stoppedAt ?? list.until, gaps: list.gaps, zone: zone)
    }

    /// Why there is nothing to see, or not all.
    private static func cuts(_ list: MoveList, _ zone: Zone) -> [String] {
        var remarks = list.moves.isEmpty ? [nothing(list, zone)] : []
        if let stoppedAt = list.stoppedAt {
            remarks.append(
                "The search ended at \(zone.full(stoppedAt)) after as much work as one question may take: "
                    + "ask for a shorter range.")
        }
        if list.truncated, !list.moves.isEmpty {
            let shown =
                list.moves.count == 1
                ? "this is the latest move" : "these are the latest \(Figures.number(list.moves.count)) moves"
            remarks.append(
                "Cut by --limit: \(shown) of more; raise --limit (at most 100000) or narrow --since and --until to "
                    + "see the earlier ones.")
        }
        return remarks
    }

    /// That nothing moved is said of what is known only.
    private static func nothing(_ list: MoveList, _ zone: Zone) -> String {
        let end = min(list.stoppedAt ?? list.until, list.knownUntil ?? list.since)
        let known = list.gaps.isEmpty && end > list.since ? "No block moved" : "No block is known to have moved"
        let range = "from \(zone.dateAndTime(list.since)) to \(zone.full(max(end, list.since)))"
        return "\(known) in heap \(list.heapTitle) \(range); --since looks further back."
    }

    private static func table(_ moves: [Move], _ times: TimeColumn) -> TextTable {
        // Sequence numbers begin again with every boot.
        let hasBoots = moves.contains { $0.boot != moves[0].boot }
        var table = TextTable(
            [
                times.column,
                .init(title: "FRAME"),
                .init(title: "BLOCK", isNumber: true),
                .init(title: "FROM"),
                .init(title: "TO"),
                .init(title: "BYTES", isNumber: true),
                .init(title: "DISTANCE B", isNumber: true),
                .init(title: "CAUSE", role: .detail),
            ] + (hasBoots ? [.init(title: "BOOT", role: .detail)] : []))
        for move in moves {
            table.add(
                [
                    times.cell(move.time),
                    .init("#\(move.sequence)"),
                    .init(move.allocation.map { "#\($0)" } ?? "?"),
                    .init(move.from.description),
                    .init(move.to.description),
                    .init(Figures.number(move.bytes)),
                    .init(distance(move)),
                    .init(cause(move.cause)),
                ] + (hasBoots ? [.init(Figures.boot(move.boot))] : []))
        }
        return table
    }

    /// Negative towards the heap's base.
    private static func distance(_ move: Move) -> String {
        let isUpwards = move.to > move.from
        let bytes = isUpwards ? move.to.value &- move.from.value : move.from.value &- move.to.value
        return (isUpwards ? "+" : "-") + Figures.number(bytes)
    }

    /// `free of #123, 64 B at 0x20000418`.
    static func cause(_ cause: MoveCause) -> String {
        let block = cause.allocation.map { "#\($0)" } ?? "entry \(cause.index)"
        let size = "\(Figures.number(cause.size)) B at \(cause.address)"
        return switch cause.operation {
        case .free: "free of \(block), \(size)"
        case .resize: "resize of \(block), until then \(size)"
        case .compact: "compaction from \(block) on, \(size)"
        }
    }
}

extension MoveList {
    fileprivate var heapTitle: String { name.isEmpty ? "\(heap)" : name.printable }
}
