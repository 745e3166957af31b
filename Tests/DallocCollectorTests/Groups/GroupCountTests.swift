// SPDX-License-Identifier: Apache-2.0
//
// What the collector counts by group, against a plain count of the same operations.

import GRDB
import HeapHistory
import HeapWire
import Testing

@testable import DallocCollector
@testable import FuzzModels

struct GroupCountTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var traits: HeapTraits
        var seed: UInt64
        /// Operations between two frames, and minutes.
        var operations: Int
        var minutes: Int64

        var testDescription: String {
            "traits \(traits.rawValue), \(operations) operations in \(minutes) min, seed \(seed)"
        }
    }

    static let cases: [Case] = [0, 1, 2, 3, 4, 6].flatMap { traits in
        [(40, 5), (3, 90)].enumerated().map { index, pace in
            Case(
                traits: HeapTraits(rawValue: traits), seed: UInt64(traits) * 10 + UInt64(index), operations: pace.0,
                minutes: Int64(pace.1))
        }
    }

    @Test(arguments: cases)
    func eachPeriodCountsWhatHappened(_ given: Case) async throws {
        var device = try ToldDevice(traits: given.traits, seed: given.seed)
        let history = try RecordedHistory(durability: .process)
        try await history.greet(device.hello())
        var truth = GroupTruth()
        for step in 0..<400 {
            let half = UInt64(given.minutes * 30_000)
            let frame = device.report(operations: given.operations, after: half)
            let time = RecordedHistory.time(Int64(frame.tick))
            truth.goOn(to: time.microseconds - time.microseconds % GroupPeriod.hour)
            for step in frame.steps { truth.perform(step.operation, before: step.before, after: step.after) }
            #expect(try await history.receive(frame.payload, at: time))
            device.pass(half)
            if step % 37 == 36 { try await ChunkWriter(store: history.store).gather() }
        }
        try await ChunkWriter(store: history.store).gather()
        let periods = try await history.store.read { try Self.periods($0) }
        #expect(periods.count > 3)
        var told = 0
        for period in periods { told += try check(period, truth) }
        #expect(told > 50)
    }

    /// All rows, and the one that is open.
    static func periods(_ db: Database) throws -> [GroupPeriod] {
        var periods = try GroupPeriod.fetchAll(db, heap: 1)
        let stored = try #require(try StoredGroups(db, heap: 1))
        periods.append(GroupPeriod(stored.open(), isOpen: true))
        return periods
    }

    /// Returns how many groups were compared.
    private func check(_ period: GroupPeriod, _ truth: GroupTruth) throws -> Int {
        let times = (0..<period.hours).map { period.time + Int64($0) * GroupPeriod.hour }
        let hours = times.map { truth.hours[$0] ?? [:] }
        let last = try #require(truth.hours[times[times.count - 1]])
        var others = Set(hours.flatMap(\.keys))
        var (allocated, freed, moved, live) = (Int64(0), Int64(0), Int64(0), UInt64(0))
        for group in period.groups where group.group.kind != .others {
            let code = group.group.code
            #expect(others.remove(code) != nil, "\(code) was there: \(period.groupCount) groups")
            let sums = hours.map { $0[code] ?? GroupTruth.Sums() }
            #expect(group.figures.allocated.value == sums.reduce(0) { $0 + $1.allocated }, "\(code)")
            #expect(group.figures.freed.value == sums.reduce(0) { $0 + $1.freed }, "\(code)")
            #expect(group.figures.failures.value == sums.reduce(0) { $0 + $1.failed }, "\(code)")
            #expect(group.figures.bytesMoved.value == sums.reduce(0) { $0 + $1.moved }, "\(code)")
            #expect(group.figures.liveBytes == last[code]?.live ?? 0, "\(code)")
            #expect(Int(group.figures.liveBlocks) == last[code]?.blocks ?? 0, "\(code)")
            #expect(group.points == Self.points(sums.map(\.low), period.pointHours), "\(code)")
        }
        for code in others {
            for hour in hours {
                guard let sums = hour[code] else { continue }
                (allocated, freed, moved) = (allocated + sums.allocated, freed + sums.freed, moved + sums.moved)
            }
            live += last[code]?.live ?? 0
            if let most = period.largestOther { #expect(last[code]?.live ?? 0 <= most) }
        }
        let rest = period.groups.first { $0.group.kind == .others }
        #expect(rest?.figures.allocated.value ?? 0 == allocated)
        #expect(rest?.figures.freed.value ?? 0 == freed)
        #expect(rest?.figures.bytesMoved.value ?? 0 == moved)
        #expect(rest?.figures.liveBytes ?? 0 == live)
        return period.groups.count
    }

    private static func points(_ lows: [UInt64], _ step: Int) -> [UInt64?] {
        stride(from: 0, to: lows.count, by: step).map { lows[$0..<min($0 + step, lows.count)].min() }
    }
}
