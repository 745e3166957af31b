// SPDX-License-Identifier: Apache-2.0
//
// A heap at one moment: what it is of, on a terminal a picture, then the table.

import CommandSupport
import HeapHistory

enum SnapshotView {
    static func render(_ snapshot: Snapshot, on screen: Screen) -> Rendering {
        let picture = screen.isTerminal ? HeapMap.render(snapshot, on: screen) : ""
        let text = heading(snapshot, on: screen) + "\n" + picture
        guard !snapshot.entries.isEmpty else { return Rendering(text: text, remarks: [nothing(snapshot, screen.zone)]) }
        return Rendering(text: text + (picture.isEmpty ? "" : "\n") + table(snapshot).render(on: screen))
    }

    /// What the entries can't say.
    static func remarks(_ snapshot: Snapshot, on screen: Screen) -> [String] {
        [moment(snapshot, screen.zone)] + (snapshot.entries.isEmpty ? [nothing(snapshot, screen.zone)] : [])
    }

    private static func nothing(_ snapshot: Snapshot, _ zone: Zone) -> String {
        let name = snapshot.name.isEmpty ? "\(snapshot.heap)" : snapshot.name.printable
        return "Heap \(name) held no block at \(zone.full(snapshot.at))."
    }

    private static func heading(_ snapshot: Snapshot, on screen: Screen) -> String {
        let heap = snapshot.name.isEmpty ? "\(snapshot.heap)" : snapshot.name.printable
        let facts = [
            Figures.size(snapshot.size), "boot \(Figures.boot(snapshot.boot))",
            "build \(snapshot.build.printable)",
        ]
        let name = screen.paint("\(snapshot.device.printable)\(screen.separator)heap \(heap)", .bold)
        return ([name] + facts).joined(separator: screen.separator) + "\n"
            + moment(snapshot, screen.zone).wrapped(to: screen.columns) + "\n"
    }

    /// What the table is of, and how far that is known.
    private static func moment(_ snapshot: Snapshot, _ zone: Zone) -> String {
        let frame = zone.time(snapshot.frameTime, beside: snapshot.at)
        let known = zone.time(snapshot.knownUntil, beside: snapshot.at)
        var sentences = [
            "At \(zone.full(snapshot.at)).", "Last frame before it: #\(snapshot.sequence), \(frame).",
            "Known until \(known).",
        ]
        if !snapshot.complete {
            let doubtful = snapshot.entries.count { $0.certain == false }
            sentences.append(
                "Operations were lost before this, and the heap can't be listed: \(Figures.count(doubtful, "block")) marked `perhaps` may "
                    + "have gone or have another size, and others may be missing.")
        }
        if snapshot.at > snapshot.knownUntil {
            sentences.append("What came after that is not known yet.")
        }
        return sentences.joined(separator: " ")
    }

    private static func table(_ snapshot: Snapshot) -> TextTable {
        let hasCallSites = snapshot.entries.contains { $0.callSite != nil }
        var columns: [TextTable.Column] = [
            .init(title: "INDEX", isNumber: true),
            .init(title: "BLOCK", isNumber: true),
            .init(title: "OFFSET B", isNumber: true),
            .init(title: "ADDRESS"),
            .init(title: "SIZE B", isNumber: true),
        ]
        if !snapshot.watched { columns.append(.init(title: "OWNER")) }
        columns.append(.init(title: "AGE", isNumber: true))
        if hasCallSites { columns.append(.init(title: "CALL SITE")) }
        if !snapshot.complete { columns.append(.init(title: "CERTAIN")) }
        // A block's age is known as far as the table is.
        let end = min(snapshot.at, max(snapshot.knownUntil, snapshot.time))
        var table = TextTable(columns)
        for entry in snapshot.entries {
            var cells: [TextTable.Cell] = [
                .init("\(entry.index)"),
                .init(entry.allocation.map { "#\($0)" } ?? "?"),
                .init(Figures.number(entry.offset)),
                .init(entry.address.description),
                .init(Figures.number(entry.size)),
            ]
            if !snapshot.watched {
                cells.append(entry.owner.map { .init($0.description) } ?? .init("orphan", .red))
            }
            cells.append(.init(entry.allocatedAt.map { Figures.duration(from: $0, to: end) } ?? "?"))
            if hasCallSites { cells.append(.init(entry.callSite?.description ?? "?")) }
            if !snapshot.complete { cells.append(entry.certain == false ? .init("perhaps", .yellow) : .init("yes")) }
            table.add(cells)
        }
        return table
    }
}
