// SPDX-License-Identifier: Apache-2.0
//
// Operations as a table that goes on page by page.

import CommandSupport
import HeapHistory

struct OpsView {
    private let screen: Screen
    private var layout: TextTable.Layout?
    private var hasTitle = false

    init(on screen: Screen) { self.screen = screen }

    mutating func rows(of list: OperationList) -> String {
        guard !list.operations.isEmpty else { return "" }
        var heading = ""
        if screen.isTerminal, !hasTitle {
            heading = screen.paint("\(list.device.printable)\(screen.separator)heap \(list.heapTitle)", .bold) + "\n\n"
            hasTitle = true
        }
        var table = TextTable([
            .init(title: screen.zone.title("TIME")), .init(title: "FRAME"), .init(title: "OPERATION"),
            .init(title: "BLOCK", isNumber: true), .init(title: "ADDRESS"), .init(title: "BYTES", isNumber: true),
            .init(title: "MOVED B", isNumber: true), .init(title: "USED B", isNumber: true),
            .init(title: "OWNER", role: .detail), .init(title: "CALL SITE", role: .detail),
        ])
        for operation in list.operations { table.add(Self.cells(operation, screen.zone)) }
        return heading + table.render(on: screen, following: &layout)
    }

    private static func cells(_ operation: HeapOperation, _ zone: Zone) -> [TextTable.Cell] {
        let ink: Ink = operation.operation == .failed || operation.operation == .badPointer ? .red : .plain
        return [
            .init(zone.dateAndTime(operation.time)), .init("#\(operation.sequence)"),
            .init(words(operation.operation, operation.reason), ink),
            .init(operation.allocation.map { "#\($0)" } ?? ""), .init(operation.address?.description ?? ""),
            .init(size(operation)), .init(operation.bytesMoved == 0 ? "" : Figures.number(operation.bytesMoved)),
            .init(Figures.number(operation.used)), .init(owner(operation)),
            .init(operation.callSite?.description ?? ""),
        ]
    }

    /// `failed: no room`.
    static func words(_ operation: HeapOperation.Kind, _ reason: HeapOperation.FailureReason?) -> String {
        switch operation {
        case .failed: "failed: " + (reason?.words ?? "unknown")
        case .badPointer: "bad pointer"
        case .reown: "new owner"
        default: operation.rawValue
        }
    }

    /// `64`, `64 > 96`.
    private static func size(_ operation: HeapOperation) -> String {
        guard let size = operation.size else { return "" }
        return (operation.oldSize.map { Figures.number($0) + " > " } ?? "") + Figures.number(size)
    }

    private static func owner(_ operation: HeapOperation) -> String {
        let owner = operation.owner?.description ?? (operation.operation == .orphan ? "none" : "")
        return (operation.oldOwner.map { "\($0) > " } ?? "") + owner
    }

    /// - Parameter isCut: more operations follow.
    static func remarks(_ list: OperationList, isCut: Bool, on screen: Screen) -> [String] {
        var remarks: [String] = []
        if list.operations.isEmpty, !isCut {
            remarks.append(
                "Nothing is known to have happened in heap \(list.heapTitle) in that time; --since looks further back.")
        }
        if isCut { remarks.append("Cut by --limit: more operations follow; --limit 0 lists all.") }
        return remarks
            + Knowledge(knownUntil: list.knownUntil, until: list.until, gaps: list.gaps, zone: screen.zone).sentences
    }
}

extension OperationList {
    fileprivate var heapTitle: String { name.isEmpty ? "\(heap)" : name.printable }
}

extension HeapOperation.FailureReason {
    var words: String {
        switch self {
        case .noRoom: "no room"
        case .tableFull: "table full"
        case .badSize: "bad size"
        }
    }
}
