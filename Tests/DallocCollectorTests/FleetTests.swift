// The list of all devices, which is read slice by slice while devices come and report.

import HeapHistory
import Testing

@testable import DallocCollector

struct FleetTests {
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
            #expect(heap.allocations == device.blocks.count)
            #expect(heap.used == Int(device.used))
        }
    }
}
