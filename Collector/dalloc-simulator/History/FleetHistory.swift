// SPDX-License-Identifier: Apache-2.0
//
// All devices of a fleet through many days: day by day, so that the database grows as it does with time.

import DallocCollector
import HeapHistory
import Synchronization

struct FleetHistory: Sendable {
    struct Written: Sendable {
        var boots = 0
        var frames = 0
        var operations = 0
    }

    let name: String
    let count: Int
    /// Devices have them in turn.
    let builds: [String]
    let days: Int
    let ordinary: [RecordedWeek]
    /// Of the first devices, which report more often.
    let watched: [RecordedWeek]
    let watchedCount: Int
    let end = Timestamp.now

    var start: Timestamp { Timestamp(microseconds: end.microseconds - Int64(days) * Self.day) }

    private static let day: Int64 = 86_400_000_000
    private static let workers = 2

    /// - Parameter tell: called when a day is written.
    func write(into history: HistoryImport, _ tell: @escaping @Sendable (Int, Written) -> Void) async throws -> Written
    {
        let total = Total()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<Self.workers {
                group.addTask {
                    var devices = stride(from: worker, to: count, by: Self.workers).map { device($0) }
                    for day in 1...days {
                        let until = Timestamp(microseconds: start.microseconds + Int64(day) * Self.day)
                        for index in devices.indices {
                            total.add(try await devices[index].report(until: until, into: history))
                        }
                        if worker == 0 { tell(day, total.written.withLock { $0 }) }
                    }
                }
            }
            try await group.waitForAll()
        }
        return total.written.withLock { $0 }
    }

    private func device(_ index: Int) -> FleetMember {
        let weeks = index < watchedCount ? watched : ordinary
        // Devices don't all report at the same moment.
        let (share, overflow) = Int64(index).multipliedReportingOverflow(by: 600_000_000)
        let late = overflow ? 0 : share / Int64(count)
        return FleetMember(
            id: "\(name)-\(index + 1)", build: builds[index % builds.count],
            // Each build runs all recordings.
            week: weeks[index / builds.count % weeks.count],
            began: Timestamp(microseconds: start.microseconds + late))
    }

    private final class Total: Sendable {
        let written = Mutex(Written())

        func add(_ other: Written) {
            written.withLock {
                $0.boots += other.boots
                $0.frames += other.frames
                $0.operations += other.operations
            }
        }
    }
}

/// One device on its way through time. Each week it boots again.
private struct FleetMember {
    let id: String
    let build: String
    let week: RecordedWeek
    private var began: Timestamp
    private var number: UInt32 = 0
    private var next = 0
    private var boot: ImportedBoot?

    init(id: String, build: String, week: RecordedWeek, began: Timestamp) {
        (self.id, self.build, self.week, self.began) = (id, build, week, began)
    }

    mutating func report(until: Timestamp, into history: HistoryImport) async throws -> FleetHistory.Written {
        var written = FleetHistory.Written()
        while let time = nextTime, time < until {
            if boot == nil {
                number += 1
                let hello = try week.hello(device: id, build: build, boot: number)
                boot = try await ImportedBoot(hello, at: began, into: history)
                written.boots += 1
            }
            try boot?.receive(week.frames[next].payload, at: time)
            written.frames += 1
            written.operations += week.operations(of: next)
            next += 1
            guard next == week.frames.count else { continue }
            try await boot?.commit(at: time)
            // Being off for a minute is a gap like any other.
            (boot, began, next) = (nil, Timestamp(microseconds: time.microseconds + 60_000_000), 0)
        }
        try await boot?.commit(at: until)
        return written
    }

    private var nextTime: Timestamp? {
        week.frames.isEmpty ? nil : Timestamp(microseconds: began.microseconds + week.frames[next].time)
    }
}
