// SPDX-License-Identifier: Apache-2.0
//
// The fleet as questions choose from it.

import GRDB
import HeapHistory
import HeapWire
import Testing

@testable import DallocCollector

struct DeviceListTests {
    /// Devices d0, d1 and so on, whose heaps of 4096 bytes are that full.
    private func fleet(_ used: [UInt32]) async throws -> RecordedHistory {
        let history = try RecordedHistory()
        for (number, size) in used.enumerated() {
            let name = "d\(number)"
            try await history.greet(ScriptedDevice.hello(device: name))
            var device = ScriptedDevice()
            if size > 0 { device.allocate(size, owner: 8) }
            try await history.receive(device.keyframe())
        }
        return history
    }

    private func ids(_ list: DeviceList) -> [String] { list.devices.map(\.id) }

    private func filter(_ set: (inout DeviceFilter) -> Void) -> DeviceFilter {
        var filter = DeviceFilter()
        set(&filter)
        return filter
    }

    @Test func onlyWhatMatchesIsListedAndCounted() async throws {
        let history = try await fleet((0..<40).map { $0 * 100 })
        let full = filter { $0.usage = UsageCondition(">=3000") }
        let all = history.query.devices(connected: [], matching: full)
        #expect(ids(all) == ["d30", "d31", "d32", "d33", "d34", "d35", "d36", "d37", "d38", "d39"])
        // Page by page, each as full as it may be, and the last one says that it is.
        var (last, found, pages): (String?, [String], Int) = (nil, [], 0)
        repeat {
            let page = history.query.devices(connected: [], matching: full, after: last, limit: 5)
            #expect(page.devices.count == 5)
            (last, pages) = (page.next, pages + 1)
            found += ids(page)
        } while last != nil
        #expect(found == ids(all) && pages == 2)
        #expect(history.query.devices(connected: [], matching: filter { $0.build = "2" }).devices.isEmpty)
        #expect(history.query.devices(connected: [], matching: filter { $0.build = "1.0" }).devices.count == 40)
    }

    @Test func silenceIsMeasuredFromTheLastWord() async throws {
        let history = try await fleet([1, 1])
        // Their last word came years ago, by the clock of the recording.
        let age = Timestamp.now.microseconds - RecordedHistory.start.microseconds
        #expect(history.query.devices(connected: [], matching: filter { $0.silence = age / 2 }).devices.count == 2)
        #expect(history.query.devices(connected: [], matching: filter { $0.silence = age * 2 }).devices.isEmpty)
        #expect(history.query.devices(connected: [], matching: filter { $0.isFailing = true }).devices.isEmpty)
    }

    @Test func theFullestComeFirst() async throws {
        let history = try await fleet([100, 3000, 0, 2000, 3000, 1000])
        let query = history.query
        let first = query.devices(connected: [], matching: DeviceFilter(), order: .usage, limit: 3)
        #expect(ids(first) == ["d1", "d4", "d3"], "of equals, the order of ids")
        #expect(first.truncated == true && first.next == nil)
        let all = query.devices(connected: [], matching: DeviceFilter(), order: .peak, limit: 6)
        #expect(ids(all) == ["d1", "d4", "d3", "d5", "d0", "d2"])
        #expect(all.truncated == nil)
        let some = query.devices(
            connected: [], matching: filter { $0.usage = UsageCondition("<2000") }, order: .usage, limit: 2)
        #expect(ids(some) == ["d5", "d0"] && some.truncated == true)
    }

    @Test func ranksAreOfTheWorstHeap() {
        func heap(_ used: Int, of size: Int, failures: Int = 0, sequence: Int = 1) -> HeapSummary {
            HeapSummary(
                heap: 0, name: "", baseAddress: Address(0), size: size, alignment: 4, tableSize: 1, used: used,
                liveBlocks: 0,
                peak: used * 2, failuresLastHour: failures, sequence: sequence)
        }
        func device(_ heaps: [HeapSummary], seen: Int64 = 0) -> DeviceSummary {
            DeviceSummary(
                id: "a", build: "1", boot: 1, link: "", connected: false, firstSeen: .now,
                lastSeen: Timestamp(microseconds: seen), heaps: heaps)
        }
        #expect(DeviceOrder.usage.rank(device([heap(10, of: 100), heap(10, of: 20)])) == 0.5)
        #expect(DeviceOrder.peak.rank(device([heap(10, of: 100)])) == 0.2)
        #expect(DeviceOrder.failures.rank(device([heap(1, of: 2, failures: 3), heap(1, of: 2, failures: 4)])) == 7)
        #expect(DeviceOrder.lastSeen.rank(device([], seen: 1)) > DeviceOrder.lastSeen.rank(device([], seen: 2)))
        #expect(DeviceOrder.usage.rank(device([heap(9, of: 0), heap(9, of: 9, sequence: 0)])) == -1)
        #expect(
            DeviceOrder.failures.rank(device([heap(1, of: 1, failures: .max), heap(1, of: 1, failures: .max)])) > 0)
    }

    @Test func labelsStayWithADeviceUntilItIsForgotten() async throws {
        let history = try await fleet([1, 1])
        let (store, query) = (history.store, history.query)
        func labels(_ texts: String...) -> [DeviceLabel] { texts.compactMap { DeviceLabel($0) } }
        func shown() -> [[String: String]] { query.devices(connected: []).devices.map(\.labels) }
        try await store.label("d1", labels("site=berlin", "owner=ann"))
        #expect(shown() == [[:], ["site": "berlin", "owner": "ann"]])
        try await store.label("d1", labels("owner=", "site=bonn"))
        #expect(shown() == [[:], ["site": "bonn"]])
        #expect(ids(query.devices(connected: [], matching: filter { $0.labels = labels("site=bonn") })) == ["d1"])
        #expect(ids(query.devices(connected: [], matching: filter { $0.labels = labels("site=") })) == ["d0"])
        // A greeting reads the device anew, a start all of them.
        try await history.greet(ScriptedDevice.hello(boot: 2, device: "d1"))
        #expect(shown() == [[:], ["site": "bonn"]])
        let directory = DeviceDirectory()
        try await store.read { try directory.load($0, store.arrivals) }
        #expect(directory.summaries(9, after: nil, connected: []).map(\.labels) == [[:], ["site": "bonn"]])
        // One that comes again is another one.
        #expect(try await store.remove("d1"))
        try await history.greet(ScriptedDevice.hello(device: "d1"))
        #expect(shown() == [[:], [:]])
    }

    @Test func aDeviceHasSomeLabelsAndNotMore() async throws {
        let history = try await fleet([1])
        let many = (0..<DeviceLabel.most).compactMap { DeviceLabel("l\($0)=x") }
        try await history.store.label("d0", many)
        let more = try ["l0=y", "more=x"].map { try #require(DeviceLabel($0)) }
        let problem = await #expect(throws: Problem.self) { try await history.store.label("d0", more) }
        #expect(problem?.code == .badRequest)
        #expect(problem?.message == "The device d0 would have 33 labels.")
        let labels = history.query.devices(connected: []).devices.first?.labels
        #expect(labels?.count == DeviceLabel.most && labels?["l0"] == "x", "all are set, or none")
        let unknown = await #expect(throws: Problem.self) { try await history.store.label("nobody", more) }
        #expect(unknown?.code == .notFound)
    }
}
