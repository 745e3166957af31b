// SPDX-License-Identifier: Apache-2.0
//
// How two tables of a heap differ.

import CommandSupport
import HeapHistory

enum DiffView {
    /// Blocks that only moved take a line each only when they are few.
    private static let fewMoves = 20

    static func render(_ difference: HeapDifference, on screen: Screen) -> Rendering {
        var heading = ""
        if screen.isTerminal {
            let heap = difference.name.isEmpty ? "\(difference.heap)" : difference.name.printable
            heading = screen.paint("\(difference.device.printable)\(screen.separator)heap \(heap)", .bold) + "\n\n"
        }
        var table = TextTable([
            .init(title: ""), .init(title: "BLOCK", isNumber: true), .init(title: "ADDRESS"),
            .init(title: "BYTES", isNumber: true), .init(title: "OWNER"), .init(title: "CALL SITE", role: .detail),
            .init(title: screen.zone.title("ALLOCATED"), role: .detail), .init(title: "BEFORE", role: .detail),
        ])
        let moves = difference.changes.count { $0.change == .moved }
        for change in difference.changes where change.change != .moved || moves <= fewMoves {
            table.add([
                .init(sign(change.change), ink(change.change)), .init(change.allocation.map { "#\($0)" } ?? "?"),
                .init(change.address.description), .init(Figures.number(change.size)),
                .init(change.owner?.description ?? "none", change.owner == nil ? .yellow : .plain),
                .init(change.callSite?.description ?? ""),
                .init(change.allocatedAt.map { screen.zone.dateAndTime($0) } ?? ""),
                .init(before(change)),
            ])
        }
        let isEmpty = difference.changes.allSatisfy { $0.change == .moved && moves > fewMoves }
        let end = summary(difference, screen.zone).wrapped(to: screen.columns) + "\n"
        return Rendering(text: heading + (isEmpty ? "" : table.render(on: screen) + "\n") + end)
    }

    private static func sign(_ change: HeapDifference.Change.Kind) -> String {
        switch change {
        case .came: "+ came"
        case .went: "- went"
        case .grew: "> grew"
        case .shrank: "< shrank"
        case .moved: "~ moved"
        case .reowned: "* new owner"
        }
    }

    private static func ink(_ change: HeapDifference.Change.Kind) -> Ink {
        switch change {
        case .came, .grew: .green
        case .went, .shrank: .red
        case .moved, .reowned: .plain
        }
    }

    /// `64 B at 0x20000418, owner 0x20000100`: what differs.
    private static func before(_ change: HeapDifference.Change) -> String {
        [
            change.oldSize.map { Figures.number($0) + " B" }, change.oldAddress.map { "at \($0)" },
            change.oldOwner.map { "owner \($0)" },
        ].compactMap { $0 }.joined(separator: ", ")
    }

    static func summary(_ difference: HeapDifference, _ zone: Zone) -> String {
        func blocks(_ kind: HeapDifference.Change.Kind) -> [HeapDifference.Change] {
            difference.changes.filter { $0.change == kind }
        }
        func size(_ changes: [HeapDifference.Change]) -> String {
            Figures.number(changes.reduce(0) { $0.addingClamped($1.size) })
        }
        let (came, went) = (blocks(.came), blocks(.went))
        let resized = blocks(.grew).count + blocks(.shrank).count
        var parts = [
            "\(Figures.count(came.count, "block")) came (\(size(came)) B)",
            "\(Figures.number(went.count)) went (\(size(went)) B)",
        ]
        if resized > 0 { parts.append("\(Figures.number(resized)) changed size") }
        if !blocks(.reowned).isEmpty { parts.append("\(Figures.number(blocks(.reowned).count)) got another owner") }
        parts.append("\(Figures.number(blocks(.moved).count)) only moved")
        parts.append("\(Figures.number(difference.unchanged)) stayed where they were")
        let (from, to) = (difference.from, difference.to)
        var sentence =
            "From \(zone.full(from.at)) to \(zone.full(to.at)): " + parts.joined(separator: ", ") + ". Use went from "
            + "\(Figures.number(from.used)) to \(Figures.number(to.used)) B."
        if from.boot != to.boot {
            sentence +=
                " The device was reset in between: boot \(Figures.boot(from.boot)), then \(Figures.boot(to.boot))."
        }
        return sentence
    }
}
