// SPDX-License-Identifier: Apache-2.0
//
// Leaks at a known call site from a known time, among caches that fill up and stay, jobs and bursts: each must be found, and nothing else.

import HeapHistory
import Testing

@testable import DallocCollector

struct LeakTruthTests {
    private static let hours = 168.0

    @Test(arguments: 1...20)
    func aLeakIsFoundAndNothingElse(_ seed: Int) async throws {
        var random = SeededChoices(seed: UInt64(seed))
        let fleet = try SeededFleet(hours: Self.hours)
        let start = Int64(Double(10 + random.below(50)) / 100 * Self.hours * 3.6e9)
        let rate = 0.5 + Double(random.below(250)) / 100
        for (index, share) in [1.0, 0.7, 0].enumerated() {
            let leak = share > 0 ? SeededProgram.Leak(start: start, blocksPerHour: rate * share) : nil
            let program = try SeededProgram(
                seed: UInt64(seed * 10 + index), hours: Self.hours, interval: 1_200_000_000, leak: leak)
            try await fleet.add(program, device: "device-\(index)", build: "1.\(seed)")
        }
        try await fleet.gather()
        let all = try await fleet.query.leaks(since: fleet.start, until: fleet.end, limit: 100)
        try check(all.leaks, start: fleet.start.later(byMicroseconds: start), rate)
        // The slower one may not be sure yet.
        #expect((1...2).contains(all.leaks.first?.devices ?? 0) && all.leaks.first?.devicesSeen == 3)
        #expect(all.devicesKnown == 3 && all.leaks.first?.sample.device != "device-2")
        let one = try await fleet.query.leaks(device: "device-0", since: fleet.start, until: fleet.end, limit: 100)
        try check(one.leaks, start: fleet.start.later(byMicroseconds: start), rate)
        let none = try await fleet.query.leaks(device: "device-2", since: fleet.start, until: fleet.end, limit: 100)
        #expect(none.leaks.isEmpty)
    }

    /// A board on the desk: twenty minutes, of which nothing is gathered.
    @Test(arguments: 1...10)
    func aLeakOfMinutesIsFoundInADevice(_ seed: Int) async throws {
        for leaks in [true, false] {
            let fleet = try SeededFleet(hours: 1.0 / 3)
            let leak = SeededProgram.Leak(start: 300_000_000, blocksPerHour: 300)
            let program = try SeededProgram(
                seed: UInt64(seed), hours: 1.0 / 3, interval: 5_000_000, leak: leaks ? leak : nil)
            try await fleet.add(program, device: "board", build: "1")
            let list = try await fleet.query.leaks(device: "board", since: fleet.start, until: fleet.end, limit: 10)
            #expect(list.devicesKnown == 1 && list.longestJobHours < 0.1)
            let all = try await fleet.query.leaks(
                since: fleet.end.later(byMicroseconds: -7 * GroupPeriod.day), until: fleet.end, limit: 10)
            #expect(all.leaks.map(\.group) == list.leaks.map(\.group) && all.devicesKnown == 1)
            #expect(all.longestJobHours == 24 && all.leaks.allSatisfy { $0.longestJobHours < 0.1 })
            let sites = list.leaks.map(\.group.address)
            #expect(sites == (leaks ? [Address(SeededProgram.Site.leak.rawValue)] : []), "\(list.leaks.map(\.group))")
            guard let found = list.leaks.first else { continue }
            let error = abs(found.since.microseconds(since: fleet.start) - leak.start)
            #expect(
                error <= 180_000_000, "it began after 300 s, and is said to after \(error / 1_000_000) s more or less")
        }
    }

    /// What leaks can't go on in a heap that is full; here its table has no entry left after three quarters of the time.
    @Test(arguments: 1...10)
    func aLeakThatHasFilledTheTableIsFoundLater(_ seed: Int) async throws {
        for leaks in [true, false] {
            let fleet = try SeededFleet(hours: 1)
            let leak = SeededProgram.Leak(start: 2_280_000_000, blocksPerHour: 1000)
            let program = try SeededProgram(
                seed: UInt64(seed), hours: 1, interval: 5_000_000, leak: leaks ? leak : nil, tableSize: 360)
            try await fleet.add(program, device: "board", build: "1")
            let list = try await fleet.query.leaks(device: "board", since: fleet.start, until: fleet.end, limit: 10)
            let sites = list.leaks.map(\.group.address)
            #expect(sites == (leaks ? [Address(SeededProgram.Site.leak.rawValue)] : []), "\(list.leaks.map(\.group))")
            guard let found = list.leaks.first else { continue }
            #expect(found.full.limit == .table)
            let full = try #require(found.full.expected).microseconds(since: fleet.start)
            #expect((2_500_000_000...3_300_000_000).contains(full), "full after \(full / 1_000_000) s")
        }
    }

    @Test func aDeviceThatLeaksIsChosen() async throws {
        let fleet = try SeededFleet(hours: Self.hours)
        for (index, leak) in [SeededProgram.Leak(start: 0, blocksPerHour: 3), nil].enumerated() {
            let program = try SeededProgram(
                seed: UInt64(index), hours: Self.hours, interval: 3_600_000_000, leak: leak)
            try await fleet.add(program, device: "device-\(index)", build: "1")
        }
        try await fleet.gather()
        var filter = DeviceFilter()
        filter.isLeaking = true
        let chosen = fleet.query.devices(connected: [], matching: try await fleet.query.withLeaks(filter))
        #expect(chosen.devices.map(\.id) == ["device-0"])
    }

    private func check(_ leaks: [LeakList.Leak], start: Timestamp, _ rate: Double) throws {
        #expect(leaks.count == 1, "\(leaks.map(\.group))")
        let leak = try #require(leaks.first)
        #expect(leak.group == GroupName(.callSite, address: Address(SeededProgram.Site.leak.rawValue)))
        let error = Double(abs(leak.since.microseconds - start.microseconds)) / (Self.hours * 3.6e9)
        #expect(error <= 0.1, "it began at \(start), and is said to at \(leak.since)")
        // 64 bytes on average.
        #expect(leak.atLeast <= rate * 64 * 1.2 && leak.atMost >= rate * 64 * 0.8)
        #expect(leak.atLeast > 0 && leak.known > 0.99)
        #expect(leak.full.earliest.map { $0 > start } ?? true)
    }
}
