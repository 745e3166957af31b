// SPDX-License-Identifier: Apache-2.0
//
// Which devices and heaps the figures for monitoring are of.

import HeapHistory
import HeapWire
import Testing

@testable import DallocCollector

struct FleetFiguresTests {
    private func fleet(_ count: Int) async throws -> RecordedHistory {
        let history = try RecordedHistory()
        for number in 0..<count {
            try await history.greet(ScriptedDevice.hello(device: "d\(number)"))
            var device = ScriptedDevice()
            device.allocate(UInt32(number + 1) * 100, owner: 8)
            try await history.receive(device.keyframe())
        }
        return history
    }

    private func ids(_ history: RecordedHistory, _ set: (inout FleetSelection) -> Void) -> [String] {
        figures(history, set).devices.map(\.summary.id)
    }

    private func figures(_ history: RecordedHistory, _ set: (inout FleetSelection) -> Void = { _ in }) -> FleetFigures {
        var selection = FleetSelection()
        set(&selection)
        return history.query.fleet(selection, connected: ["d1"])
    }

    @Test func onlyWhatIsAskedForIsThere() async throws {
        let history = try await fleet(12)
        #expect(ids(history) { _ in }.count == 12)
        #expect(ids(history) { $0.device = "d1" } == ["d1"])
        #expect(ids(history) { $0.prefix = "d1" } == ["d1", "d10", "d11"])
        #expect(ids(history) { ($0.prefix, $0.device) = ("d2", "d1") }.isEmpty)
        #expect(ids(history) { $0.filter.build = "2" }.isEmpty)
        #expect(ids(history) { $0.filter.usage = UsageCondition(">=1000") } == ["d10", "d11", "d9"])
        #expect(ids(history) { $0.heap = "main" }.count == 12)
        #expect(ids(history) { $0.heap = "0" }.count == 12)
        #expect(ids(history) { $0.heap = "other" }.isEmpty)
        let label = try #require(DeviceLabel("site=bonn"))
        try await history.store.label("d3", [label])
        #expect(ids(history) { $0.filter.labels = [label] } == ["d3"])
        let parts = try (1...3).map { part in
            let shard = try #require(FleetShard("\(part)/3"))
            return ids(history) { $0.shard = shard }
        }
        #expect(parts.joined().sorted() == ids(history) { _ in })
        #expect(parts.allSatisfy { !$0.isEmpty })
        #expect(figures(history).devices.filter(\.summary.connected).map(\.summary.id) == ["d1"])
    }

    @Test func whatHasNoRoomIsCounted() async throws {
        let history = try await fleet(12)
        #expect(figures(history).leftOut == 0)
        let few = figures(history) { $0.limit = 5 }
        #expect(few.devices.map(\.summary.id) == ["d0", "d1", "d10", "d11", "d2"] && few.leftOut == 7)
        // A device is there as a whole or not at all.
        let one = FleetFigures.seriesOfADevice + FleetFigures.seriesOfAHeap
        for (series, devices) in [(one * 4, 4), (one * 4 + one - 1, 4), (one - 1, 0), (one * 12, 12)] {
            let some = figures(history) { $0.series = series }
            #expect(some.devices.count == devices && some.leftOut == 12 - devices, "\(series)")
        }
        // Who is not asked for is not left out.
        let ofThese = figures(history) { ($0.prefix, $0.limit) = ("d1", 2) }
        #expect(ofThese.devices.map(\.summary.id) == ["d1", "d10"] && ofThese.leftOut == 1)
    }

    @Test func failuresAreCountedFromTheStartOfTheCollectorToTheEndOfTheBoot() async throws {
        let history = try RecordedHistory(gatherEvery: 2)
        func failures() -> Int? { figures(history).devices.first?.heaps.first?.failures }
        try await history.greet(ScriptedDevice.hello())
        var device = ScriptedDevice()
        try await history.receive(device.keyframe())
        #expect(failures() == 0)
        for expected in [2, 4, 6] {
            device.tick += 1000
            for _ in 0..<2 { device.fail(5000, why: 0) }
            let frame = device.delta()
            #expect(try await history.receive(frame))
            // The same frame again counts once, and a device that connects again keeps its count.
            #expect(try await !history.receive(frame))
            #expect(failures() == expected)
            try await history.greet(ScriptedDevice.hello(tick: device.tick))
            #expect(failures() == expected)
        }
        // Those of years ago are not of the last hour.
        #expect(figures(history).devices.first?.heaps.first?.summary.failuresLastHour == 0)
        try await history.greet(ScriptedDevice.hello(boot: 2))
        #expect(failures() == 0)
        // A collector that has just started has counted nothing yet.
        let directory = DeviceDirectory()
        let store = history.store
        try await store.read { try directory.load($0, store.arrivals) }
        #expect(directory.devices(9, after: nil, connected: []).map(\.failures) == [[0]])
    }

    @Test func heapsOfOneNameAreToldApartWhicheverAreAskedFor() {
        func heap(_ number: Int, _ name: String) -> HeapSummary {
            HeapSummary(
                heap: number, name: name, baseAddress: Address(0), size: 100, alignment: 4, tableSize: 1, used: number,
                liveBlocks: 0, peak: 0, sequence: 1)
        }
        func names(_ heaps: [HeapSummary], _ asked: String? = nil) -> [String] {
            let device = DeviceSummary(
                id: "a", build: "1", boot: 1, link: "", connected: false, firstSeen: .now, lastSeen: .now, heaps: heaps)
            var selection = FleetSelection()
            selection.heap = asked
            let known = KnownDevice(summary: device, failures: heaps.map { _ in 0 })
            return selection.choice(of: known)?.heaps.map(\.name) ?? []
        }
        #expect(names([heap(0, "main"), heap(1, "net")]) == ["main", "net"])
        #expect(names([heap(0, "main"), heap(1, "main"), heap(2, "main")]) == ["main", "main#1", "main#2"])
        #expect(names([heap(0, "main"), heap(1, "main")], "1") == ["main#1"])
        #expect(names([heap(0, ""), heap(1, "")]) == ["0", "1"])
        #expect(names([heap(0, "1"), heap(1, ""), heap(2, "1#1")]) == ["1", "1#1", "1#1#2"])
    }
}
