// SPDX-License-Identifier: Apache-2.0
//
// Answers as a collector gives them, and the screens on which they are shown.

import CommandSupport
import HeapHistory

@testable import dalloc

enum Samples {
    /// 2026-11-23T03:12:00Z.
    static let time = Timestamp(microseconds: 1_795_403_520_000_000)
    static let minute: Int64 = 60_000_000

    static func terminal(_ columns: Int = 80, rows: Int = 24) -> Screen {
        Screen(isTerminal: true, usesColor: false, columns: columns, rows: rows)
    }

    static func heap(_ name: String, used: Int, sequence: Int = 7) -> HeapSummary {
        HeapSummary(
            heap: 0, name: name, baseAddress: Address(0x2000_0400), size: 16_384, alignment: 4, tableSize: 100,
            used: used, liveBlocks: 42, peak: 16_000, sequence: sequence)
    }

    static func device(
        _ id: String, _ heaps: [HeapSummary], warnings: [DeviceWarning] = [], connected: Bool = true
    ) -> DeviceSummary {
        DeviceSummary(
            id: id, build: "1", boot: 1, link: "tcp 127.0.0.1:1", connected: connected, firstSeen: time, lastSeen: time,
            heaps: heaps, warnings: warnings)
    }

    static func point(_ minutes: Int64, used: Int, peak: Int, boot: UInt32 = 1, failures: Int = 0) -> UsagePoint {
        UsagePoint(
            time: time.later(minutes * minute), boot: boot, size: 1024, used: used, liveBlocks: 12, peak: peak,
            allocated: 5, freed: 4, failures: failures, moves: 30, bytesMoved: 2048)
    }

    static func history(minutes: Int64, _ points: [UsagePoint], gaps: [Gap] = []) -> UsageHistory {
        UsageHistory(
            device: "sensor-01", heap: 0, name: "main", size: 1024, since: time, until: time.later(minutes * minute),
            knownUntil: time.later(minutes * minute),
            stepMicroseconds: minute, points: points, gaps: gaps)
    }

    static func snapshot(size: Int, used: Int, _ entries: [SnapshotEntry]) -> Snapshot {
        Snapshot(
            device: "sensor-01", boot: 0x8F3A_01C2, build: "1.4.2", heap: 0, name: "main",
            baseAddress: Address(0x2000_0400), size: size, alignment: 4, at: time, time: time.later(-250_000),
            sequence: 1042, frameTime: time.later(-250_000), knownUntil: time.later(-250_000), used: used,
            entries: entries)
    }

    static func entry(
        _ index: Int, offset: Int, size: Int, owner: Address? = Address(0x2000_6000), allocation: Int? = 3,
        age: Int64? = 12_500_000
    ) -> SnapshotEntry {
        SnapshotEntry(
            index: index, offset: offset, address: Address(UInt64(truncatingIfNeeded: 0x2000_0400 + offset)),
            size: size, owner: owner,
            allocation: allocation, allocatedAt: age.map { time.later(-$0) })
    }
}
