// SPDX-License-Identifier: Apache-2.0
//
// The life of a block, event by event, and its sum.

import CommandSupport
import HeapHistory

enum BlockView {
    static func render(_ life: BlockLife, on screen: Screen) -> Rendering {
        var heading = ""
        if screen.isTerminal {
            let heap = life.name.isEmpty ? "\(life.heap)" : life.name.printable
            heading =
                [
                    screen.paint("\(life.device.printable)\(screen.separator)heap \(heap)", .bold),
                    screen.paint("block #\(life.allocation)", .bold), "boot \(Figures.boot(life.boot))",
                    "build \(life.build.printable)",
                ].joined(separator: screen.separator) + "\n\n"
        }
        var table = TextTable([
            .init(title: screen.zone.title("TIME")), .init(title: "FRAME"), .init(title: "EVENT"),
            .init(title: "ADDRESS"),
            .init(title: "BYTES", isNumber: true), .init(title: "OWNER"), .init(title: "CAUSE", role: .detail),
        ])
        for event in life.events {
            table.add([
                .init(screen.zone.dateAndTime(event.time)), .init("#\(event.sequence)"), .init(words(event.event)),
                .init(event.address.description), .init(Figures.number(event.size)),
                .init(event.owner?.description ?? "none", event.owner == nil ? .yellow : .plain), .init(cause(event)),
            ])
        }
        return Rendering(text: heading + table.render(on: screen), remarks: remarks(life, on: screen))
    }

    private static func words(_ event: BlockLife.Event.Kind) -> String {
        event == .newOwner ? "new owner" : event.rawValue
    }

    /// `from 0x20000418, by block #17`.
    private static func cause(_ event: BlockLife.Event) -> String {
        guard let from = event.from else { return "" }
        return "from \(from)" + (event.cause.map { ", because of block #\($0)" } ?? "")
    }

    static func remarks(_ life: BlockLife, on screen: Screen) -> [String] {
        var sentence = "Block #\(life.allocation)"
        if let site = life.callSite { sentence += ", allocated by the call that returns to \(site)," }
        let moves = "moved \(Figures.count(life.moves, "time")), \(Figures.number(life.bytesMoved)) B in all"
        if let stoppedAt = life.stoppedAt {
            return [
                sentence
                    + " \(moves), as far as it is known. From \(screen.zone.full(stoppedAt)) on it is not: operations are missing, "
                    + "or it would take more work than one question may."
            ]
        }
        if life.live {
            let until = life.knownUntil.map { " at \(screen.zone.full($0)), the last that is known" } ?? ""
            return [sentence + " \(moves). It is still in the heap\(until)."]
        }
        guard let first = life.events.first, let last = life.events.last else { return [] }
        return [sentence + " \(moves). It lived \(Figures.duration(from: first.time, to: last.time))."]
    }
}
