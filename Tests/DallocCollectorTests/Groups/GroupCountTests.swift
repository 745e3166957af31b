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

    static let cases: [Case] = (0...3).flatMap { traits in
        [(40, 5), (3, 90)].enumerated().map { index, pace in
            Case(
                traits: HeapTraits(rawValue: traits), seed: UInt64(traits) * 10 + UInt64(index), operations: pace.0,
                minutes: Int64(pace.1))
        }
    }

    @Test(arguments: cases)
    func eachPeriodCountsWhatHappened(_ given: Case) async throws {
        var device = try CountedDevice(given)
        let history = try RecordedHistory(durability: .process)
        try await history.greet(device.hello())
        for step in 0..<400 {
            let frame = try device.report()
            #expect(try await history.receive(frame.payload, at: RecordedHistory.time(Int64(frame.tick))))
            if step % 37 == 36 { try await ChunkWriter(store: history.store).gather() }
        }
        try await ChunkWriter(store: history.store).gather()
        let periods = try await history.store.read { try Self.periods($0) }
        #expect(periods.count > 3)
        var told = 0
        for period in periods { told += try check(period, device.truth) }
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

/// A device with a model heap, and the truth about its groups.
private struct CountedDevice {
    private(set) var truth = GroupTruth()
    private var heap: ReportingHeap
    private var random: SeededChoices
    private let given: GroupCountTests.Case
    private var tick: UInt64 = 1000
    private var sequence: UInt32 = 0

    init(_ given: GroupCountTests.Case) throws {
        let layout = try #require(
            HeapLayout(
                baseAddress: 0x2000_0000, size: 8192, alignment: 4, tableSize: 100, pointerWidth: 4,
                traits: given.traits))
        heap = ReportingHeap(layout, tick: tick)
        (random, self.given) = (SeededChoices(seed: given.seed), given)
    }

    func hello() throws -> DeviceHello {
        let bytes = PayloadBytes.hello(
            device: "pump", boot: 1, tick: tick, oldest: 1, layouts: [heap.layout], isOneWay: false)
        return try bytes.withUnsafeBufferPointer { try DeviceHello(payload: $0) }
    }

    mutating func report() throws -> (payload: [UInt8], tick: UInt64) {
        var done: [(Operation, ModelHeap, ModelHeap)] = []
        if sequence == 0 { done.append(try #require(step(.reset))) }
        for _ in 0..<given.operations { if let one = step(nil) { done.append(one) } }
        tick += UInt64(given.minutes * 60_000) / 2
        sequence += 1
        let time = RecordedHistory.time(Int64(tick)).microseconds
        truth.goOn(to: time - time % GroupPeriod.hour)
        for (operation, before, after) in done { truth.perform(operation, before: before, after: after) }
        let payload = heap.delta(number: 0, sequence: sequence, tick: tick).payload
        defer { tick += UInt64(given.minutes * 60_000) / 2 }
        return (payload, tick)
    }

    private mutating func step(_ wanted: Operation?) -> (Operation, ModelHeap, ModelHeap)? {
        let before = heap.model
        let kinds = [0, 0, 0, 0, 0, 3, 3, 3, 3, 4, 6, 7, 8, 8, 9, 10, 1, 5]
        let kind = kinds[random.below(kinds.count)]
        let operation = wanted ?? few(random.choose { heap.someOperation(kind, &$0) })
        tick += 3
        guard heap.perform(operation, at: tick) else { return nil }
        return (operation, before, heap.model)
    }

    /// The same with one of a few variables and call sites, so that groups have members.
    private func few(_ operation: Operation) -> Operation {
        func owner(_ owner: UInt64) -> UInt64 {
            let place = owner &- heap.layout.baseAddress
            guard place < UInt64(heap.layout.size) else { return 0x1000_0000 + owner % 24 * 4 }
            // One of the first words of a block.
            let holder = heap.model.blocks.last { $0.start <= place }
            return heap.layout.baseAddress + (holder?.start ?? 0) + place % 3 * 4
        }
        switch operation {
        case .alloc(let size, let address, let callSite):
            return .alloc(
                size: size, owner: owner(address), callSite: callSite == 0 ? 0 : 0x0800_0000 + callSite % 30 * 2)
        case .reown(let depth, let address): return .reown(depth: depth, owner: owner(address))
        default: return operation
        }
    }
}
