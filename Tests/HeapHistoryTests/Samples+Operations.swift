// SPDX-License-Identifier: Apache-2.0
//
// One value of each type of the answers about single operations, with every optional field set, and with none.

import HeapHistory

extension Samples {
    static let fullOperation: HeapOperation = {
        var operation = bareOperation
        (operation.allocation, operation.index, operation.address) = (7, 3, address)
        (operation.size, operation.oldSize, operation.owner, operation.oldOwner) = (61, 60, address, address)
        operation.newAddress = address
        (operation.callSite, operation.reason) = (address, .noRoom)
        return operation
    }()
    static let bareOperation = HeapOperation(time: time, boot: 1, sequence: 1042, place: 0, operation: .badPointer)

    static let operationList = OperationList(
        device: "sensor-01", heap: 0, name: "main", since: time, until: time,
        operations: [fullOperation, bareOperation],
        knownUntil: time, next: "1.1042.0", gaps: [fullGap])
    static let bareOperationList = OperationList(
        device: "sensor-01", heap: 0, name: "main", since: time, until: time, operations: [], knownUntil: nil, gaps: [])

    static let fullEvent = BlockLife.Event(
        time: time, sequence: 1042, event: .moved, index: 3, address: address, size: 61, owner: address, from: address,
        cause: 6)
    static let bareEvent = BlockLife.Event(
        time: time, sequence: 1042, event: .orphaned, index: 3, address: address, size: 61, owner: nil)
    static let blockLife = blockLife(callSite: address, knownUntil: time, stoppedAt: time)
    static let bareBlockLife = blockLife(callSite: nil, knownUntil: nil, stoppedAt: nil)

    private static func blockLife(callSite: Address?, knownUntil: Timestamp?, stoppedAt: Timestamp?) -> BlockLife {
        BlockLife(
            device: "sensor-01", boot: 1, build: "1.4.2", heap: 0, name: "main", allocation: 7, callSite: callSite,
            events: [fullEvent, bareEvent], moves: 1, bytesMoved: 64, truncated: false, live: true,
            knownUntil: knownUntil, stoppedAt: stoppedAt)
    }

    static let side = HeapDifference.Side(
        at: time, boot: 1, build: "1.4.2", sequence: 1042, used: 13_312, liveBlocks: 42)
    static let fullChange = HeapDifference.Change(
        .grew, fullEntry,
        before: SnapshotEntry(
            index: 0, offset: 0, address: Address(0x2000_0000), size: 60, owner: Address(0x2000_0004), allocation: 7,
            allocatedAt: time))
    static let bareChange = HeapDifference.Change(.came, bareEntry)
    static let difference = HeapDifference(
        device: "sensor-01", heap: 0, name: "main", from: side, to: side, unchanged: 3,
        changes: [fullChange, bareChange])

    static let bareBootHeap = BootList.Heap(
        heap: 0, name: "main", size: 16_384, used: 13_312, liveBlocks: 42, peak: 16_000, totalAllocations: 5,
        totalFailures: 3, totalBytesMoved: 9, gaps: 1)
    static let bootHeap = {
        var heap = bareBootHeap
        (heap.recorderMost, heap.recorderSize) = (150, 192)
        return heap
    }()
    static let boot = BootList.Boot(
        boot: 0x8F3A_01C2, run: 1, build: "1.4.2", link: "serial /dev/ttyUSB0", firstTime: time, lastTime: time,
        current: true, heaps: [bootHeap])
    static let bareBoot = BootList.Boot(
        boot: 0x8F3A_01C2, run: 1, build: "1.4.2", link: "serial /dev/ttyUSB0", firstTime: nil, lastTime: nil,
        current: false, heaps: [])
    static let bootList = BootList(device: "sensor-01", boots: [boot, bareBoot], next: "17")
    static let bareBootList = BootList(device: "sensor-01", boots: [])

    static let fullFailure = failure(entries: [fullEntry])
    static let bareFailure = failure(entries: nil)
    static let failureList = FailureList(
        device: "sensor-01", heap: 0, name: "main", since: time, until: time, failures: [fullFailure, bareFailure],
        counted: 3, next: time, knownUntil: time, gaps: [fullGap])
    static let bareFailureList = FailureList(
        device: "sensor-01", heap: 0, name: "main", since: time, until: time, failures: [], counted: 0, next: nil,
        knownUntil: nil, gaps: [])

    private static func failure(entries: [SnapshotEntry]?) -> FailureList.Failure {
        let address = entries.map { _ in Address(0x0800_1234) }
        return FailureList.Failure(
            time: time, boot: 1, sequence: 1042, place: 0, size: 512, reason: .tableFull, owner: address,
            callSite: address, free: entries.map { _ in 3072 }, largestFree: entries.map { _ in 3072 },
            liveBlocks: entries.map { _ in 100 },
            tableSize: 100, entries: entries)
    }

    static let fullWhatIfFailure = whatIfFailure(sequence: 1042, place: 0)
    static let bareWhatIfFailure = whatIfFailure(sequence: nil, place: nil)
    static let whatIfPoint = WhatIfAnswer.Point(time: time, used: 12, free: 4, largestFree: 3, fragmentation: 0.25)
    static let whatIf: WhatIfAnswer = {
        var answer = WhatIfAnswer(
            device: "sensor-01", heap: 0, name: "main", since: time, until: time, allocator: .firstFit, size: 8192,
            tableSize: 100, recordedSize: 16_384)
        (answer.firstFailure, answer.knownUntil, answer.stoppedAt) = (fullWhatIfFailure, time, time)
        (answer.points, answer.gaps) = ([whatIfPoint], [fullGap])
        return answer
    }()
    static let bareWhatIf = WhatIfAnswer(
        device: "sensor-01", heap: 0, name: "main", since: time, until: time, allocator: .heap4, size: 8192,
        tableSize: nil, recordedSize: 16_384)

    private static func whatIfFailure(sequence: Int?, place: Int?) -> WhatIfAnswer.Failure {
        WhatIfAnswer.Failure(
            time: time, boot: 1, sequence: sequence, place: place, size: 512, resize: false, reason: .fragmented,
            free: 600,
            largestFree: 300)
    }
}
