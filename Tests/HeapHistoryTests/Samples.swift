// SPDX-License-Identifier: Apache-2.0
//
// One value of each type that the API exchanges, with every optional field set, and with none.

import HeapHistory

enum Samples {
    static let time = Timestamp(microseconds: 1_795_403_520_000_001)
    static let address = Address(0x2000_0418)

    static let heapSummary = {
        var summary = HeapSummary(
            heap: 0, name: "main", baseAddress: address, size: 16_384, alignment: 4, tableSize: 100, used: 13_312,
            liveBlocks: 42, peak: 16_000, failuresLastHour: 3, failureReason: "table_full", sequence: 1042)
        (summary.recorderMost, summary.recorderSize) = (150, 192)
        return summary
    }()

    static let bareHeapSummary = HeapSummary(
        heap: 0, name: "main", baseAddress: address, size: 16_384, alignment: 4, tableSize: 100, used: 0,
        liveBlocks: 0, peak: 0, sequence: 0)

    static let deviceSummary = DeviceSummary(
        id: "sensor-01", build: "1.4.2", boot: 0x8F3A_01C2, link: "tcp 10.0.0.7:50122", connected: true,
        firstSeen: time, lastSeen: time, labels: ["site": "berlin", "owner_name": "the \"lab\""], heaps: [heapSummary],
        warnings: [DeviceWarning(.idConflict, "Two peers use its id.")])

    static let usagePoint = UsagePoint(
        time: time, boot: 1, size: 10, used: 2, liveBlocks: 3, peak: 4, allocated: 5, freed: 6, failures: 7, moves: 8,
        bytesMoved: 9)

    static let fullGap = Gap(start: time, end: time, cause: .recorderOverflow, operations: 3, frames: 4)
    static let bareGap = Gap(start: nil, end: nil, cause: .noKeyframe, operations: nil, frames: nil)

    static let usageHistory = UsageHistory(
        device: "sensor-01", heap: 0, name: "main", size: 16_384, since: time, until: time,
        knownUntil: time, stepMicroseconds: 60_000_000, points: [usagePoint], gaps: [fullGap, bareGap])

    static let fullEntry = SnapshotEntry(
        index: 0, offset: 24, address: address, size: 61, owner: address, callSite: address, allocation: 7,
        allocatedAt: time, certain: true)
    static let bareEntry = SnapshotEntry(
        index: 0, offset: 24, address: address, size: 61, owner: nil, allocation: nil, allocatedAt: nil)

    static let snapshot = Snapshot(
        device: "sensor-01", boot: 1, build: "1.4.2", heap: 0, name: "main", baseAddress: address, size: 16_384,
        alignment: 4, at: time, time: time, sequence: 1042, frameTime: time, knownUntil: time, used: 88,
        entries: [fullEntry, bareEntry])

    static let fullCause = MoveCause(
        operation: .free, allocation: 7, index: 3, address: address, size: 61, owner: address)
    static let bareCause = MoveCause(
        operation: .resize, allocation: nil, index: 3, address: address, size: 61, owner: nil)
    static let fullMove = Move(
        time: time, boot: 1, sequence: 1042, allocation: 9, from: address, to: Address(0x2000_03D8), bytes: 128,
        cause: fullCause)
    static let bareMove = Move(
        time: time, boot: 1, sequence: 1042, allocation: nil, from: address, to: address, bytes: 128,
        cause: bareCause)

    static let moveList = MoveList(
        device: "sensor-01", heap: 0, name: "main", since: time, until: time, moves: [fullMove, bareMove],
        truncated: true, knownUntil: time, stoppedAt: time, gaps: [fullGap])

    static let gapList = GapList(
        device: "sensor-01", heap: 0, name: "main", since: time, until: time, knownSince: time, knownUntil: time,
        gaps: [fullGap, bareGap])

    static let bareUsageHistory = UsageHistory(
        device: "sensor-01", heap: 0, name: "main", size: 16_384, since: time, until: time, knownUntil: nil,
        stepMicroseconds: 60_000_000, points: [], gaps: [])
    static let bareMoveList = MoveList(
        device: "sensor-01", heap: 0, name: "main", since: time, until: time, moves: [], truncated: false,
        knownUntil: nil, gaps: [])
    static let bareGapList = GapList(
        device: "sensor-01", heap: 0, name: "main", since: time, until: time, knownUntil: nil, gaps: [])

    static let detail = DeviceDetail(device: "sensor-01", detail: .summary, connected: true, told: true)
    static let bareDetail = DeviceDetail(device: "sensor-01", detail: nil, connected: false, told: false)

    static let problem = Problem(.unknownInGap, "The moment lies in a gap.", hint: "Ask for another one.")
}
