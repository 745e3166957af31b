// SPDX-License-Identifier: Apache-2.0
//
// Leaks as a table, the fastest first, and blocks without an owner.

import CommandSupport
import HeapHistory

enum LeaksView {
    static func render(_ list: LeakList, on screen: Screen) -> Rendering {
        var text = ""
        if screen.isTerminal, let device = list.device { text = screen.paint(device.printable, .bold) + "\n\n" }
        if !list.leaks.isEmpty { text += table(list, on: screen) }
        if !list.orphans.isEmpty { text += (list.leaks.isEmpty ? "" : "\n") + orphans(list, on: screen) }
        return Rendering(text: text, remarks: remarks(list, screen.zone))
    }

    private static func table(_ list: LeakList, on screen: Screen) -> String {
        let isFleet = list.device == nil
        var table = TextTable(
            [
                .init(title: "LEAKS"), .init(title: "B/H", isNumber: true), .init(title: "99 % BOUNDS", isNumber: true),
                .init(title: screen.zone.title("SINCE")), .init(title: "GREW B", isNumber: true),
                .init(title: screen.zone.title("FULL")), .init(title: "HEAP", role: .detail),
            ]
                + (isFleet
                    ? [
                        .init(title: "DEVICES", isNumber: true), .init(title: "BUILD"),
                        .init(title: "LOOK AT", role: .detail),
                    ]
                    : [.init(title: "BOOT", role: .detail)])
                + [.init(title: "KNOWN", isNumber: true, role: .detail)])
        for leak in list.leaks {
            let end: [TextTable.Cell] =
                isFleet
                ? [
                    .init("\(Figures.number(leak.devices))/\(Figures.number(leak.devicesSeen))"), .init(leak.build),
                    .init(leak.sample.device),
                ] : [.init(Figures.boot(leak.sample.boot))]
            table.add(
                [
                    .init(leak.group.words, .red), .init(rate(leak.bytesPerHour)),
                    .init("\(rate(leak.atLeast)) - \(rate(leak.atMost))"), .init(since(leak, screen.zone)),
                    .init(Figures.number(leak.growth)), .init(full(leak, screen.zone)), .init(leak.heapName),
                ] + end + [.init(percent(leak.known))])
        }
        return table.render(on: screen)
    }

    private static func orphans(_ list: LeakList, on screen: Screen) -> String {
        var table = TextTable(
            [
                .init(title: "NOBODY OWNS"), .init(title: "BLOCKS", isNumber: true),
                .init(title: "BYTES", isNumber: true),
                .init(title: "HEAP"),
            ]
                + (list.device == nil
                    ? [
                        .init(title: "DEVICES", isNumber: true), .init(title: "BUILD"),
                        .init(title: "LOOK AT", role: .detail),
                    ] : []))
        for orphans in list.orphans {
            let site = orphans.group.address.map { "blocks of call site \($0)" } ?? "blocks"
            table.add(
                [
                    .init(site, .yellow), .init(Figures.number(orphans.liveBlocks)),
                    .init(Figures.number(orphans.liveBytes)),
                    .init(orphans.heapName),
                ]
                    + (list.device == nil
                        ? [.init(Figures.number(orphans.devices)), .init(orphans.build), .init(orphans.sample.device)]
                        : []))
        }
        return table.render(on: screen)
    }

    /// `12`, `3.4`, `0.08`: two digits that matter, or all before the point.
    static func rate(_ value: Double) -> String {
        guard value.isFinite, value < 1e15 else { return "?" }
        if value >= 10 { return Figures.number(Int(value.rounded())) }
        let hundredths = Int((value * 100).rounded())
        let fraction = hundredths % 100
        if hundredths >= 100 { return "\(hundredths / 100).\(fraction / 10)" }
        return "0." + (fraction < 10 ? "0" : "") + "\(fraction)"
    }

    private static func since(_ leak: LeakList.Leak, _ zone: Zone) -> String {
        (leak.isOlder ? "before " : "") + String(zone.dateAndTime(leak.since).prefix(16))
    }

    private static func full(_ leak: LeakList.Leak, _ zone: Zone) -> String {
        func day(_ time: Timestamp) -> String { String(zone.dateAndTime(time).prefix(10)) }
        guard let expected = leak.full.expected else { return "not within 100 years" }
        let earliest = leak.full.earliest.map(day) ?? day(expected)
        let latest = leak.full.latest.map(day) ?? "never"
        let time = earliest == latest ? String(zone.dateAndTime(expected).prefix(16)) : "\(earliest) to \(latest)"
        return time + (leak.full.limit == .table ? ", table" : "")
    }

    private static func percent(_ share: Double) -> String { Figures.percent(Int(share * 1000), of: 1000) + " %" }

    /// `24 h`, `7.5 s`.
    private static func job(_ hours: Double) -> String {
        guard hours.isFinite, hours < 24 else { return "24 h" }
        return Figures.duration(Int64(max(0, hours) * 3.6e9))
    }

    static func remarks(_ list: LeakList, _ zone: Zone) -> [String] {
        var remarks: [String] = []
        let range = "from \(zone.dateAndTime(list.since)) to \(zone.full(list.until))"
        let whose = list.device.map { "of \($0.printable)" } ?? "of \(Figures.count(list.devicesKnown, "device"))"
        if list.devicesKnown == 0 {
            remarks.append(
                "Too little is known \(range): growth shows when a boot is known for some time. --since looks further back."
            )
        } else if list.leaks.isEmpty {
            remarks.append("Nothing \(whose) keeps growing \(range).")
        }
        if list.devicesKnown > 0 {
            remarks.append(
                "What comes back less often than every \(job(list.longestJobHours)) looks like a leak in such a range."
            )
        }
        if let shortest = list.leaks.map(\.longestJobHours).min(), shortest < list.longestJobHours {
            remarks.append("In devices that are known for less than 12 h it is every \(job(shortest)) already.")
        }
        if list.device == nil, list.devicesSeen > list.devicesKnown {
            remarks.append(
                "Of \(Figures.count(list.devicesSeen - list.devicesKnown, "other device")) too little is known.")
        }
        if list.leftOut > 0 {
            remarks.append("Cut by --limit: \(Figures.number(list.leftOut)) slower ones are left out.")
        }
        if let known = list.knownUntil, known < list.until {
            remarks.append("Known until \(zone.full(known)): what came after is not known yet.")
        }
        return remarks
    }
}
