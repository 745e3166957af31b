// SPDX-License-Identifier: Apache-2.0
//
// Boot ids that come again for another run of the device, and heaps that come and go within one.

import GRDB
import HeapHistory
import HeapWire
import Testing

@testable import DallocCollector

struct RunTests {
    private func runs(_ history: RecordedHistory) async throws -> [Int] {
        try await history.store.pool.read { try Int.fetchAll($0, sql: "SELECT run FROM boots ORDER BY id") }
    }

    private func later(_ seconds: Int64) -> Timestamp {
        Timestamp(microseconds: RecordedHistory.start.microseconds + seconds * 1_000_000)
    }

    @Test(arguments: [nil, 1])
    func aBootIDThatComesAgainAfterAResetIsAnotherRun(gatherEvery: Int?) async throws {
        let history = try RecordedHistory(gatherEvery: gatherEvery)
        try await history.greet(ScriptedDevice.hello())
        var first = ScriptedDevice()
        first.allocate(40, owner: 0x1000)
        for _ in 0..<3 {
            first.tick += 500
            #expect(try await history.receive(first.keyframe()))
        }
        #expect(history.query.devices(connected: []).devices.first?.warnings == [])
        // Reset: its clock starts anew, it has other blocks, and the same boot id.
        try await history.greet(ScriptedDevice.hello(tick: 7), at: later(60))
        #expect(history.session.welcome == Welcome(boot: 1, lastStored: 0))
        var second = ScriptedDevice()
        second.tick = 8
        second.allocate(8, owner: 0x2000)
        for _ in 0..<5 {
            second.tick += 1
            #expect(try await history.receive(second.keyframe()))
        }
        #expect(try await runs(history) == [1, 2])
        #expect(try await history.snapshot(.time(RecordedHistory.time(2500))).blocks == first.blocks)
        #expect(try await history.snapshot(.sequence(5)).blocks == second.blocks)
        let warnings = history.query.devices(connected: []).devices.flatMap(\.warnings)
        #expect(warnings.map(\.code) == [.bootIDReused])
        // A third one, and then only a reconnection.
        try await history.greet(ScriptedDevice.hello(tick: 2), at: later(120))
        var third = ScriptedDevice()
        third.tick = 3
        #expect(try await history.receive(third.keyframe()))
        try await history.greet(ScriptedDevice.hello(oldest: 2, tick: 3), at: later(125))
        #expect(history.session.welcome == Welcome(boot: 1, lastStored: 1))
        #expect(try await runs(history) == [1, 2, 3])
    }

    @Test(arguments: [nil, 1])
    func aDeviceThatConnectsAgainIsNeverSplit(gatherEvery: Int?) async throws {
        let history = try RecordedHistory(gatherEvery: gatherEvery)
        var device = ScriptedDevice()
        for round in 0..<20 {
            // The clock may stand still as long as it likes.
            try await history.greet(ScriptedDevice.hello(oldest: UInt32(round / 2 + 1), tick: device.tick))
            #expect(history.session.welcome == Welcome(boot: 1, lastStored: UInt32(round)))
            if round % 3 == 0 { device.tick += 10 }
            #expect(try await history.receive(device.keyframe()))
        }
        #expect(try await runs(history) == [1])
        #expect(try await history.gaps() == [])
    }

    @Test(arguments: [nil, 1])
    func greetingsThatComeLateMakeNoRunOfTheirOwn(gatherEvery: Int?) async throws {
        let history = try RecordedHistory(gatherEvery: gatherEvery)
        var device = ScriptedDevice()
        device.tick = 5000
        try await history.greet(ScriptedDevice.hello(tick: 5000))
        for round in 0..<4 as Range<UInt32> {
            for _ in 0..<3 {
                device.tick += 100
                let isFirst = device.sequence == 0
                if !isFirst { device.allocate(40, owner: 0x1000) }
                #expect(try await history.receive(isFirst ? device.keyframe() : device.delta()))
            }
            // What a proxy kept from before these frames, in any order; then the device itself.
            for late: UInt64 in [150, 250, 50] {
                try await history.greet(ScriptedDevice.hello(tick: device.tick - late))
            }
            try await history.greet(ScriptedDevice.hello(oldest: device.sequence + 1, tick: device.tick + 10))
            #expect(history.session.welcome == Welcome(boot: 1, lastStored: (round + 1) * 3))
        }
        #expect(try await runs(history) == [1])
        #expect(try await history.gaps() == [])
        #expect(history.query.devices(connected: []).devices.flatMap(\.warnings) == [])
        #expect(try await history.snapshot(.sequence(12)).blocks == device.blocks)
    }

    @Test func anOpenConnectionDoesNotSwallowAReset() async throws {
        let history = try RecordedHistory()
        try await history.greet(ScriptedDevice.hello())
        var device = ScriptedDevice()
        device.tick = 9000
        #expect(try await history.receive(device.keyframe()))
        #expect(history.session.continues(try ScriptedDevice.hello(tick: 9000)))
        #expect(!history.session.continues(try ScriptedDevice.hello(tick: 8999)))
    }

    @Test func framesOfAnotherRunWhoseHelloWasLostAreKeptApart() async throws {
        let history = try RecordedHistory()
        try await history.greet(ScriptedDevice.hello(isOneWay: true))
        var first = ScriptedDevice()
        first.tick = 90_000
        #expect(try await history.receive(first.keyframe()))
        var second = ScriptedDevice()
        second.tick = 1400
        second.loseFrame()
        second.allocate(24, owner: 0x1000)
        let frame = second.keyframe()
        guard case .anotherRun(let hello) = history.event(frame) else { return #expect(Bool(false)) }
        #expect((hello.tick, hello.oldest) == (1400, 2))
        try await history.startOver(hello, at: later(100))
        #expect(try await history.receive(frame))
        #expect(try await runs(history) == [1, 2])
        #expect(try await history.snapshot(.sequence(2)).blocks == second.blocks)
    }

    /// A boot that is known takes no rows, however often its device connects; another one does, and so does another heap.
    @Test func whatTakesRowsIsAskedFor() async throws {
        let history = try RecordedHistory()
        func asks(_ hello: DeviceHello) async throws -> Bool {
            var isAsked = false
            do {
                _ = try await history.store.openBoot(hello, link: "tcp test", at: RecordedHistory.start) {
                    isAsked = true
                    return false
                }
            } catch is TooManyNewBoots {}
            return isAsked
        }
        #expect(try await asks(ScriptedDevice.hello()))
        #expect(history.query.devices(connected: []).devices == [], "it is not entered")
        try await history.greet(ScriptedDevice.hello())
        for _ in 0..<3 { #expect(try await !asks(ScriptedDevice.hello())) }
        #expect(try await asks(ScriptedDevice.hello(boot: 2)))
        #expect(try await asks(ScriptedDevice.hello(size: 8192)))
        #expect(try await asks(ScriptedDevice.hello(tick: 1)), "another run")
        #expect(try await runs(history) == [1])
    }

    @Test(arguments: [nil, 1])
    func otherHeapsGoOnInTheSeriesOfTheirBoot(gatherEvery: Int?) async throws {
        let history = try RecordedHistory(gatherEvery: gatherEvery)
        try await history.greet(ScriptedDevice.hello())
        var device = ScriptedDevice()
        device.allocate(16, owner: 0x1000)
        for _ in 0..<3 { #expect(try await history.receive(device.keyframe())) }
        // The heap ends; another one, twice as large, has its number.
        device.makeHeapAnew()
        device.tick = 2000
        try await history.greet(ScriptedDevice.hello(oldest: 4, tick: 2000, size: 8192))
        #expect(history.session.welcome == Welcome(boot: 1, lastStored: 3))
        for _ in 0..<2 { #expect(try await history.receive(device.keyframe())) }
        // And the first one again.
        device.tick = 3000
        try await history.greet(ScriptedDevice.hello(oldest: 6, tick: 3000))
        #expect(history.session.welcome == Welcome(boot: 1, lastStored: 5))
        let gaps = try await history.store.pool.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM gaps") }
        #expect(gaps == 0, "everything is stored")
        #expect(try await runs(history) == [1])
    }
}
