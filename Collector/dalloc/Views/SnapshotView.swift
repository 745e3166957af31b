// A heap at one moment: on a terminal a picture, then the table.

import HeapHistory

enum SnapshotView {
    static func render(_ snapshot: Snapshot, on screen: Screen) -> Rendering {
        let picture = screen.isTerminal ? heading(snapshot, on: screen) + HeapMap.render(snapshot, on: screen) : ""
        guard !snapshot.entries.isEmpty else {
            let name = snapshot.name.isEmpty ? "\(snapshot.heap)" : snapshot.name.printable
            return Rendering(
                text: picture,
                remarks: ["Heap \(name) held no block at \(Figures.dateAndTime(snapshot.at)) UTC."])
        }
        return Rendering(
            text: picture + (picture.isEmpty ? "" : "\n") + table(snapshot).render(on: screen))
    }

    private static func heading(_ snapshot: Snapshot, on screen: Screen) -> String {
        let heap = snapshot.name.isEmpty ? "\(snapshot.heap)" : snapshot.name.printable
        return screen.paint("\(snapshot.device.printable) · heap \(heap)", .bold)
            + " · boot \(Figures.boot(snapshot.boot)) · build \(snapshot.build.printable)\n"
            + "At \(Figures.dateAndTime(snapshot.at)) UTC: frame #\(snapshot.sequence), "
            + "last report \(Figures.dateAndTime(snapshot.time))\n\n"
    }

    private static func table(_ snapshot: Snapshot) -> TextTable {
        let hasCallSites = snapshot.entries.contains { $0.callSite != nil }
        var columns: [TextTable.Column] = [
            .init(title: "INDEX", isNumber: true),
            .init(title: "BLOCK", isNumber: true),
            .init(title: "OFFSET B", isNumber: true),
            .init(title: "ADDRESS"),
            .init(title: "SIZE B", isNumber: true),
            .init(title: "OWNER"),
            .init(title: "AGE", isNumber: true),
        ]
        if hasCallSites { columns.append(.init(title: "CALL SITE")) }
        var table = TextTable(columns)
        for entry in snapshot.entries {
            var cells: [TextTable.Cell] = [
                .init("\(entry.index)"),
                .init(entry.allocation.map { "#\($0)" } ?? "?"),
                .init(Figures.number(entry.offset)),
                .init(entry.address.description),
                .init(Figures.number(entry.size)),
                entry.owner.map { .init($0.description) } ?? .init("orphan", .red),
                .init(entry.allocatedAt.map { age(from: $0, to: snapshot.at) } ?? "?"),
            ]
            if hasCallSites { cells.append(.init(entry.callSite?.description ?? "?")) }
            table.add(cells)
        }
        return table
    }

    private static func age(from start: Timestamp, to end: Timestamp) -> String {
        Figures.duration(max(0, end.microseconds - start.microseconds))
    }
}
