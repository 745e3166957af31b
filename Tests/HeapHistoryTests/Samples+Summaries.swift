// SPDX-License-Identifier: Apache-2.0
//
// One value of each type of the answers about summaries, with every optional field set, and with none.

import HeapHistory

extension Samples {
    static let sum = AllocationSum(.callSite, address: address, allocations: 3, bytes: 190)
    static let sumOfOthers = AllocationSum(.others, allocations: 3, bytes: 190)
    static let share = AllocationShare(
        .owner, address: address, build: "1.4.2", allocations: 3, bytes: 190, share: 0.625)
    static let shareOfOthers = AllocationShare(.others, allocations: 3, bytes: 190, share: 0.375)

    static let lastOperation: LastOperation = {
        var operation = bareLastOperation
        (operation.depth, operation.allocation, operation.address, operation.newAddress) = (3, 7, address, address)
        (operation.size, operation.oldSize, operation.owner, operation.oldOwner) = (61, 60, address, address)
        (operation.callSite, operation.reason, operation.used, operation.liveBlocks) = (address, .noRoom, 88, 2)
        return operation
    }()
    static let bareLastOperation = LastOperation(
        time: time, boot: 1, sequence: 1042, place: 0, operation: .badPointer)

    static let summary = summary(start: time, failures: 1, [sum, sumOfOthers], [lastOperation, bareLastOperation])
    static let bareSummary = summary(start: nil, failures: nil, [], [])

    private static func summary(
        start: Timestamp?, failures: Int?, _ sums: [AllocationSum], _ operations: [LastOperation]
    ) -> Summary {
        Summary(
            start: start, end: time, boot: 1, build: "1.4.2", sequence: 1042, size: 4096, used: 88, gaps: 8,
            liveBlocks: 2, peak: 96, failures: failures, operations: 40, allocations: 6, bytes: 380,
            complete: start != nil, sums: sums, lastOperations: operations)
    }

    static let summaryList = SummaryList(
        device: "sensor-01", heap: 0, name: "main", since: time, until: time, allocatedBy: [share, shareOfOthers],
        summaries: [summary, bareSummary], knownUntil: time, next: "1.1042.0", gaps: [fullGap])
    static let bareSummaryList = SummaryList(
        device: "sensor-01", heap: 0, name: "main", since: time, until: time, allocatedBy: nil, summaries: [],
        knownUntil: nil, gaps: [])
}
