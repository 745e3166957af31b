// SPDX-License-Identifier: Apache-2.0
//
// Who allocated, then the summaries, then the last operations of those that failed.

import CommandSupport
import HeapHistory

enum SummariesView {
    /// - Parameter showsLast: all last operations; else those of a failure that is alone.
    static func render(_ list: SummaryList, showsLast: Bool, on screen: Screen) -> Rendering {
        guard !list.summaries.isEmpty else { return Rendering(text: "", remarks: remarks(list, on: screen)) }
        let times = TimeColumn(list.summaries.map(\.end), on: screen)
        var text = ""
        if screen.isTerminal {
            let name = screen.paint("\(list.device.printable)\(screen.separator)heap \(list.heapTitle)", .bold)
            text = [name, times.sharedDate].compactMap { $0 }.joined(separator: screen.separator) + "\n\n"
        }
        text += ranking(list.allocatedBy ?? [], on: screen) + table(list.summaries, times, on: screen)
        let failures = list.summaries.reduce(0) { $0.addingClamped($1.failures ?? 0) }
        for summary in list.summaries where !summary.lastOperations.isEmpty {
            guard showsLast || failures == 1 && summary.failures == 1 else { continue }
            text += "\n" + last(summary, on: screen)
        }
        var remarks = remarks(list, on: screen)
        if showsLast, list.summaries.allSatisfy(\.lastOperations.isEmpty) {
            remarks.insert(
                "None of these summaries brings last operations: a device sends them when an allocation fails.", at: 0)
        }
        return Rendering(text: text, remarks: remarks)
    }

    private static func ranking(_ shares: [AllocationShare], on screen: Screen) -> String {
        guard !shares.isEmpty else { return "" }
        var table = TextTable([
            .init(title: "ALLOCATED BY"), .init(title: "ALLOCS", isNumber: true), .init(title: "BYTES", isNumber: true),
            .init(title: "SHARE %", isNumber: true), .init(title: "BUILD", hidesEmpty: true),
        ])
        let isOneBuild = Set(shares.compactMap(\.build)).count < 2
        for share in shares {
            table.add([
                .init(who(share.tag, share.address)), .init(Figures.number(share.allocations)),
                .init(Figures.number(share.bytes)),
                .init(Figures.percent(Int(min(max(share.share, 0), 1) * 1000), of: 1000)),
                .init(isOneBuild ? "" : share.build ?? ""),
            ])
        }
        return table.render(on: screen) + "\n"
    }

    /// `call site 0x08000123`, `owner 0x20000010`.
    private static func who(_ tag: AllocationTag, _ address: Address?) -> String {
        let address = address?.description ?? "unknown"
        switch tag {
        case .callSite: return "call site \(address)"
        case .owner: return "owner \(address)"
        case .others: return "others"
        }
    }

    private static func table(_ summaries: [Summary], _ times: TimeColumn, on screen: Screen) -> String {
        var table = TextTable([
            times.column, .init(title: "LASTED", isNumber: true, role: .ornament),
            .init(title: "USED B", isNumber: true), .init(title: "PEAK B", isNumber: true),
            .init(title: "GAPS B", isNumber: true, hidesEmpty: true), .init(title: "BLOCKS", isNumber: true),
            .init(title: "FAILED", isNumber: true), .init(title: "OPS", isNumber: true),
            .init(title: "ALLOCS", isNumber: true), .init(title: "BYTES", isNumber: true),
            .init(title: "BOOT", role: .detail, hidesEmpty: true),
        ])
        let isOneBoot = Set(summaries.map(\.boot)).count == 1
        for summary in summaries {
            let failed = summary.failures.map { Figures.number($0) } ?? "?"
            table.add([
                times.cell(summary.end),
                .init(summary.start.map { Figures.duration(from: $0, to: summary.end) } ?? "?"),
                .init(Figures.number(summary.used)), .init(Figures.number(summary.peak)),
                .init(summary.gaps == 0 ? "" : Figures.number(summary.gaps)), .init(Figures.number(summary.liveBlocks)),
                .init(failed, summary.failures ?? 0 > 0 ? .red : .plain), .init(Figures.number(summary.operations)),
                .init(Figures.number(summary.allocations)), .init(Figures.number(summary.bytes)),
                .init(isOneBoot ? "" : Figures.boot(summary.boot)),
            ])
        }
        return table.render(on: screen)
    }

    /// The last operations of a summary, with their title.
    private static func last(_ summary: Summary, on screen: Screen) -> String {
        let (operations, times) = (summary.lastOperations, TimeColumn(summary.lastOperations.map(\.time), on: screen))
        let title =
            "The last \(Figures.number(operations.count)) of \(Figures.count(summary.operations, "operation")) until "
            + "\(screen.zone.full(summary.end)), frame #\(summary.sequence):"
        var table = TextTable([
            times.column, .init(title: "OPERATION"), .init(title: "BLOCK"), .init(title: "ADDRESS", hidesEmpty: true),
            .init(title: "BYTES", isNumber: true), .init(title: "USED B", isNumber: true),
            .init(title: "OWNER", role: .detail, hidesEmpty: true),
            .init(title: "CALL SITE", role: .detail, hidesEmpty: true),
        ])
        for operation in operations {
            let ink: Ink = operation.operation == .failed || operation.operation == .badPointer ? .red : .plain
            table.add([
                times.cell(operation.time), .init(OpsView.words(operation.operation, operation.reason), ink),
                .init(block(operation)), .init(change(operation.address, operation.newAddress) { "\($0)" }),
                .init(bytes(operation)), .init(operation.used.map { Figures.number($0) } ?? "?"),
                .init(owner(operation)), .init(operation.callSite?.description ?? ""),
            ])
        }
        let isNamed = !operations.contains { isUnknown($0) }
        let explanation =
            "A block without a number was allocated before these operations: which one it is, nobody knows."
        return screen.paint(title.wrapped(to: screen.columns), .bold) + "\n" + table.render(on: screen)
            + (isNamed ? "" : explanation.wrapped(to: screen.columns) + "\n")
    }

    private static func isUnknown(_ operation: LastOperation) -> Bool {
        switch operation.operation {
        case .free, .resize, .reown, .orphan, .compact, .pin, .unpin: operation.allocation == nil
        case .alloc, .failed, .badPointer, .reset: false
        }
    }

    /// `#1402`, `depth 5`.
    private static func block(_ operation: LastOperation) -> String {
        if let allocation = operation.allocation { return "#\(allocation)" }
        return isUnknown(operation) ? operation.depth.map { "depth \($0)" } ?? "?" : ""
    }

    /// `64`, `64 > 96`, `?`.
    private static func bytes(_ operation: LastOperation) -> String {
        guard operation.size != nil else { return isUnknown(operation) ? "?" : "" }
        return change(operation.oldSize, operation.size) { Figures.number($0) }
    }

    private static func owner(_ operation: LastOperation) -> String {
        let owner = change(operation.oldOwner, operation.owner) { "\($0)" }
        return operation.operation == .orphan ? (owner.isEmpty ? "" : owner + " > ") + "none" : owner
    }

    private static func change<Value>(_ old: Value?, _ new: Value?, _ text: (Value) -> String) -> String {
        [old, new].compactMap { $0.map(text) }.joined(separator: " > ")
    }

    static func remarks(_ list: SummaryList, on screen: Screen) -> [String] {
        var remarks: [String] = []
        if list.summaries.isEmpty, list.allocatedBy?.isEmpty != false, list.next == nil {
            let range = "between \(screen.zone.dateAndTime(list.since)) and \(screen.zone.full(list.until))"
            remarks.append(
                "\(list.device.printable) told of no summaries of heap \(list.heapTitle) \(range). `dalloc detail "
                    + "\(list.device.printable) summary` asks for them; --since looks further back.")
        }
        if list.next != nil {
            remarks.append(
                "Cut by --limit: more summaries follow; --limit 0 lists all. Who allocated is of the whole range.")
        }
        let parts = list.summaries.count { !$0.complete && $0.start != nil }
        if parts > 0 {
            let which = parts == 1 ? "a summary" : "\(Figures.number(parts)) summaries"
            remarks.append("Frames are missing before \(which): sums there are of the last part of the time only.")
        }
        // That operations are missing which the summaries stand for goes without saying.
        let gaps = list.gaps.filter { $0.cause != .summarized }
        let knowledge = Knowledge(knownUntil: list.knownUntil, until: list.until, gaps: gaps, zone: screen.zone)
        return remarks + knowledge.sentences
    }
}

extension SummaryList {
    fileprivate var heapTitle: String { name.isEmpty ? "\(heap)" : name.printable }
}
