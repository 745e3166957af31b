// SPDX-License-Identifier: Apache-2.0
//
// What devices tell of how full their recorders got, as people see it.

import HeapHistory
import HeapWire
import Testing

@testable import DallocCollector

struct RecorderFillTests {
    private func summary(_ history: RecordedHistory) throws -> DeviceSummary {
        try #require(history.query.devices(connected: [], matching: DeviceFilter()).devices.first)
    }

    private func warnings(_ history: RecordedHistory) throws -> [String] {
        try summary(history).warnings.map(\.message)
    }

    @Test func whatADeviceTellsIsShownUntilItsNextBoot() async throws {
        let history = try RecordedHistory(gatherEvery: 2)
        try await history.greet(ScriptedDevice.hello())
        var device = ScriptedDevice()
        try await history.receive(device.keyframe())
        #expect(try summary(history).heaps[0].recorderMost == nil)
        for (most, isNear) in [(100, false), (143, false), (144, true), (192, true)] as [(UInt32, Bool)] {
            device.tick += 1000
            if most == 143 { device.allocate(40, owner: 0x1000) }
            device.tell(recorder: most, of: 192)
            if most == 144 { device.free(0) }
            #expect(try await history.receive(device.delta()))
            for _ in 0..<2 {
                let heap = try summary(history).heaps[0]
                #expect(heap.recorderMost == Int(most) && heap.recorderSize == 192)
                #expect(try warnings(history).isEmpty == !isNear)
                let boots = try await history.query.boots(device: "pump", limit: 10)
                #expect(
                    boots.boots[0].heaps[0].recorderMost == Int(most) && boots.boots[0].heaps[0].recorderSize == 192)
                // The same of a device that greets again, which is read from the database.
                try await history.greet(ScriptedDevice.hello(tick: device.tick))
            }
        }
        #expect(
            try warnings(history) == [
                "The recorder of heap main was 100 % full since the boot. Poll the agent more often, or give the recorder more "
                    + "bytes, before it loses operations."
            ])
        #expect(try summary(history).warnings.map(\.code) == [.recorderNearlyFull])
        #expect(try await history.gaps().isEmpty)

        try await history.greet(ScriptedDevice.hello(boot: 2))
        #expect(try warnings(history).isEmpty && summary(history).heaps[0].recorderMost == nil)
        let boots = try await history.query.boots(device: "pump", limit: 10)
        #expect(boots.boots.map { $0.heaps[0].recorderMost } == [nil, 192])
    }

    @Test func anyNumbersThatCanBeReadAreTaken() async throws {
        let history = try RecordedHistory(gatherEvery: 1)
        try await history.greet(ScriptedDevice.hello())
        var device = ScriptedDevice()
        try await history.receive(device.keyframe())
        device.tell(recorder: .max, of: .max)
        device.tell(recorder: 0, of: .max)
        device.tell(recorder: 0, of: 1)
        device.tell(recorder: .max, of: .max)
        #expect(try await history.receive(device.delta()))
        #expect(try warnings(history).count == 1)
        #expect(try summary(history).heaps[0].recorderSize == Int(UInt32.max))
    }
}
