// SPDX-License-Identifier: Apache-2.0
//
// The list of all devices, which is read slice by slice while devices come and report.

import HeapHistory
import Testing

@testable import DallocCollector

struct FleetTests {
    /// A device that says when its heap can't give what it is asked for, gathered or not, before a restart and after it.
    @Test(arguments: [nil, 1]) func failuresOfTheLastHourAreShownWithTheirReason(gatherEvery: Int?) async throws {
        let history = try RecordedHistory(gatherEvery: gatherEvery)
        let now = Timestamp.now
        try await history.greet(ScriptedDevice.hello(), at: now.later(byMicroseconds: -7_200_000_000))
        var device = ScriptedDevice()
        try await history.receive(device.keyframe())
        device.fail(5000, why: 0)
        // Two hours ago; the next ones lately.
        try await history.receive(device.delta())
        device.tick += 7_000_000
        for why: UInt32 in [0, 0, 1] { device.fail(5000, why: why) }
        try await history.receive(device.delta())
        let heap = try #require(history.query.devices(connected: []).devices.first?.heaps.first)
        #expect(heap.failuresLastHour == 3)
        #expect(heap.failureReason == "table_full")
        try history.store.close()
        let again = try HistoryStore(path: history.path)
        let known = HistoryQuery(store: again).devices(connected: []).devices.first?.heaps.first
        #expect(known?.failuresLastHour == 3)
        try again.close()
    }

    private static func name(_ number: Int) -> String { "pump-\(number)" }

    private func greet(_ history: RecordedHistory, _ numbers: some Sequence<Int>) async throws {
        for number in numbers { try await history.greet(ScriptedDevice.hello(device: Self.name(number))) }
    }

    @Test func aLargeFleetIsListedWhole() async throws {
        let history = try RecordedHistory(durability: .process)
        try await greet(history, (0..<1100).shuffled())
        let connected = Set((0..<1100).filter { $0 % 3 == 0 }.map(Self.name))
        let devices = history.query.devices(connected: connected).devices
        #expect(devices.map(\.id) == (0..<1100).map(Self.name).sorted())
        #expect(Set(devices.filter(\.connected).map(\.id)) == connected)
        #expect(devices.allSatisfy { $0.heaps.count == 1 })
    }

    @Test func devicesThatComeMeanwhileLeaveNoneOut() async throws {
        let history = try RecordedHistory(durability: .process)
        try await greet(history, (0..<1100).filter { $0 % 2 == 0 })
        let before = Set(history.query.devices(connected: []).devices.map(\.id))
        #expect(before.count == 550)
        var page = history.query.devices(connected: [], limit: 512)
        var listed = page.devices.map(\.id)
        #expect(listed.count == 512)
        try await greet(history, (0..<1100).filter { $0 % 2 == 1 })
        while let next = page.next {
            page = history.query.devices(connected: [], after: next, limit: 200)
            listed += page.devices.map(\.id)
        }
        #expect(before.isSubset(of: listed))
        #expect(listed == Set(listed).sorted(), "in order, and none twice")
    }

    @Test func figuresFollowWhatIsStored() async throws {
        let history = try RecordedHistory(durability: .process)
        try await history.greet(ScriptedDevice.hello())
        var device = ScriptedDevice()
        for size in [100, 200, 300] as [UInt32] {
            device.allocate(size, owner: 8)
            try await history.receive(device.keyframe())
            let heap = try #require(history.query.devices(connected: []).devices.first?.heaps.first)
            #expect(heap.liveBlocks == device.blocks.count)
            #expect(heap.used == Int(device.used))
        }
    }
}
