// SPDX-License-Identifier: Apache-2.0
//
// Builds that differ by a known amount, or not at all, and heaps that are run again in the size that was said to be enough.

import Foundation
import GRDB
import HeapHistory
import Testing

@testable import DallocCollector

struct BuildTruthTests {
    private static let devices = 60
    private static let days = 6

    /// Device-days as the collector would have gathered them: each device has a usual peak, and days that differ from it a little.
    private func fleet(seed: Int, factor: Double, _ history: RecordedHistory) async throws {
        try await history.store.pool.write { db in
            var random = ModelRandom(seed: seed)
            for device in 0..<2 * Self.devices {
                let isB = device >= Self.devices
                let usual = 20_000 * random.lognormal(0.12) * (isB ? factor : 1)
                let id = Int64(device + 1)
                try db.execute(
                    sql: "INSERT INTO devices (id, name, first_seen, last_seen) VALUES (?, ?, 0, 0)",
                    arguments: [id, "device-\(device)"])
                try db.execute(
                    sql: """
                        INSERT INTO boots (id, device_id, boot, run, build, link, ticks_per_second, anchor_tick, anchor_time,
                            last_sequence, last_seen, entered) VALUES (?, ?, 1, 1, ?, '', 1000, 0, 0, 0, 0, 0)
                        """, arguments: [id, id, isB ? "B" : "A"])
                try db.execute(
                    sql: """
                        INSERT INTO heaps (id, boot_id, number, name, base_address, size, alignment, table_size, pointer_width, traits,
                            first_time, last_time) VALUES (?, ?, 0, 'main', 0, 65536, 4, 200, 4, 0, ?, ?)
                        """,
                    arguments: [id, id, Self.start.microseconds, Self.end.microseconds])
                for day in 0..<Self.days {
                    let peak = usual * random.lognormal(0.05)
                    let (used, blocks) = (peak * random.uniform(0.6, 0.9), peak / 300)
                    let (allocated, moved) = (40_000 * random.lognormal(0.1), 9e6 * random.lognormal(0.1))
                    try db.execute(
                        sql: "INSERT INTO days VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, 0, ?)",
                        arguments: [
                            Self.start.microseconds + Int64(day) * GroupPeriod.day, id, Int64(used), 40, Int64(peak),
                            Int64(blocks),
                            Int64(allocated), Int64(allocated), random.poisson(0.2), Int64(moved), GroupPeriod.day,
                        ])
                }
            }
        }
    }

    private static let start = Timestamp(microseconds: 20_000 * GroupPeriod.day)
    private static var end: Timestamp { start.later(byMicroseconds: Int64(days) * GroupPeriod.day - 1) }

    private func compare(seed: Int, factor: Double) async throws -> BuildComparison {
        let history = try RecordedHistory(durability: .process)
        try await fleet(seed: seed, factor: factor, history)
        return try await history.query.compare(("A", "B"), since: Self.start, until: Self.end)
    }

    @Test(arguments: 1...20)
    func aHigherPeakIsSeen(_ seed: Int) async throws {
        let comparison = try await compare(seed: seed, factor: 1.15)
        let peak = try #require(comparison.metrics.first { $0.figure == .peak })
        #expect(peak.verdict == .higher)
        let relative = try #require(peak.relative)
        #expect(relative.lower ?? 0 <= 0.15 * 1.5 && relative.upper ?? 1 >= 0.15 / 1.5)
        #expect(comparison.verdict.hasPrefix("B is worse than A: the peak of a day is "))
        #expect(
            comparison.a.devices == Self.devices && Int(comparison.a.deviceDays.rounded()) == Self.devices * Self.days)
    }

    @Test(arguments: 1...20)
    func nothingIsSeenWhereNothingIs(_ seed: Int) async throws {
        let comparison = try await compare(seed: seed + 100, factor: 1)
        for metric in comparison.metrics {
            #expect(metric.verdict != .higher && metric.verdict != .lower, "\(metric)")
        }
        #expect(!comparison.verdict.contains("worse") && !comparison.verdict.contains("better"))
    }

    @Test func tooFewDeviceDaysAreAVerdict() async throws {
        let fleet = try SeededFleet(hours: 48)
        for (index, build) in ["A", "B"].enumerated() {
            let program = try SeededProgram(seed: UInt64(index), hours: 48, interval: 3_600_000_000, leak: nil)
            try await fleet.add(program, device: "device-\(index)", build: build)
        }
        try await fleet.gather()
        let comparison = try await fleet.query.compare(("A", "B"), since: fleet.start, until: fleet.end)
        #expect(comparison.metrics.allSatisfy { $0.verdict == .notEnough })
        #expect(comparison.verdict.hasPrefix("Not enough device-days to compare A with B"))
        await #expect(throws: Problem.self) {
            try await fleet.query.compare(("A", "C"), since: fleet.start, until: fleet.end)
        }
    }

    /// The same workloads again in heaps of the size that was said to be enough.
    @Test func theRightSizeIsEnoughForItsShare() async throws {
        let fleet = try SeededFleet(hours: 24 * 20)
        let quantile = 0.9
        let devices = 5
        for device in 0..<devices {
            let program = try SeededProgram(
                seed: UInt64(device + 1), hours: 24 * 20, interval: 3_600_000_000, leak: nil,
                scale: 0.8 + 0.1 * Double(device))
            try await fleet.add(program, device: "device-\(device)", build: "A")
        }
        try await fleet.gather()
        let answer = try await fleet.query.rightSize(quantile: quantile, since: fleet.start, until: fleet.end)
        let heap = try #require(answer.heaps.first)
        #expect(heap.devices == devices && heap.failingDays == 0)
        let size = UInt32(try #require(heap.size.bound))
        let table = UInt32(try #require(heap.table.bound))
        #expect(heap.saves == devices * (262_144 - Int(size)))
        #expect(heap.size.enough <= Int(size) && Int(size) <= heap.size.highest + 4)
        var (failing, days) = (0, 0)
        for device in 0..<devices {
            var day = answer.since
            while day < fleet.end {
                let end = day.later(byMicroseconds: GroupPeriod.day)
                let run = try await fleet.query.whatIf(
                    device: "device-\(device)", heap: nil, OtherHeap(size: size, tableSize: table), since: .time(day),
                    until: .time(min(end, fleet.end)))
                days += 1
                if run.failures > 0 { failing += 1 }
                day = end
            }
        }
        #expect(days >= heap.deviceDays)
        #expect(Double(failing) <= (1 - quantile) * Double(days), "\(failing) of \(days) device-days failed")
        // A heap that is much smaller would not have been.
        let small = try await fleet.query.whatIf(
            device: "device-4", heap: nil, OtherHeap(size: size / 2), since: .time(fleet.start), until: .time(fleet.end)
        )
        #expect(small.failures > 0)
    }
}

extension ModelRandom {
    /// With a median of 1.
    fileprivate mutating func lognormal(_ sigma: Double) -> Double { exp(sigma * normal()) }
}
