// SPDX-License-Identifier: Apache-2.0
//
// A history ends with the last report: nothing is said of the time after it, whatever the clocks say.

import HeapHistory
import Testing

@testable import DallocCollector

struct KnownUntilTests {
    /// A device whose last of two frames is at tick 3000.
    private func silentDevice() async throws -> (RecordedHistory, ScriptedDevice) {
        let history = try RecordedHistory()
        try await history.greet(ScriptedDevice.hello())
        var device = ScriptedDevice()
        device.allocate(40, owner: 8)
        try await history.receive(device.keyframe())
        device.tick = 3000
        device.allocate(50, owner: 16)
        try await history.receive(device.delta())
        return (history, device)
    }

    private static let last = RecordedHistory.time(3000)

    @Test(arguments: [1, 1_000_000, 86_400_000_000, 10 * 365 * 86_400_000_000 as Int64])
    func aMomentAfterTheLastWordIsUnknown(later: Int64) async throws {
        let (history, device) = try await silentDevice()
        let moment = Timestamp(microseconds: Self.last.microseconds + later)
        let problem = await #expect(throws: Problem.self) { try await history.snapshot(.time(moment)) }
        #expect(problem?.code == .unknownInGap)
        #expect(problem?.message.contains("\(Self.last)") == true, "it says up to when it is known")
        #expect(problem?.message.contains("in the future") == (moment > .now))
        let known = try await history.snapshot(.time(Self.last))
        #expect(known.blocks == device.blocks)
        #expect(known.knownUntil == Self.last)
        #expect(try await history.snapshot(.latest).at == Self.last, "without a moment, the last that is known")
    }

    @Test func aConnectedDeviceMayJustHaveNothingToSay() async throws {
        let (history, device) = try await silentDevice()
        history.isConnected.set(true)
        let soon = Timestamp(microseconds: Self.last.microseconds + HistoryQuery.quietInterval)
        let answer = try await history.snapshot(.time(soon))
        #expect(answer.blocks == device.blocks)
        #expect(answer.at == soon)
        #expect([answer.knownUntil, answer.frameTime] == [Self.last, Self.last])
        let late = Timestamp(microseconds: soon.microseconds + 1)
        let problem = await #expect(throws: Problem.self) { try await history.snapshot(.time(late)) }
        #expect(problem?.message.contains("silent") == true)
    }

    @Test func aHeapIsKnownSinceItsFirstReport() async throws {
        let history = try RecordedHistory()
        try await history.greet(ScriptedDevice.hello())
        func gaps() async throws -> GapList {
            try await history.query.gaps(
                device: "pump", heap: nil, since: RecordedHistory.time(-1_000_000), until: RecordedHistory.time(9000))
        }
        #expect(try await [gaps().knownSince, gaps().knownUntil] == [nil, nil], "it has only greeted")
        var device = ScriptedDevice()
        for tick in [2000, 3000] as [UInt64] {
            device.tick = tick
            try await history.receive(device.keyframe())
        }
        #expect(
            try await [gaps().knownSince, gaps().knownUntil] == [
                RecordedHistory.time(2000), RecordedHistory.time(3000),
            ])
    }

    @Test func silenceIsAGapThatLasts() async throws {
        let (history, _) = try await silentDevice()
        let later = Timestamp(microseconds: Self.last.microseconds + 3_600_000_000)
        for (isOpen, cause) in [(false, Gap.Cause.disconnected), (true, .silence)] {
            history.isConnected.set(isOpen)
            let list = try await history.query.gaps(
                device: "pump", heap: nil, since: RecordedHistory.time(0), until: later)
            #expect(list.knownUntil == Self.last)
            #expect(
                list.gaps == [Gap(start: Self.last, end: nil, cause: cause, operations: nil, frames: nil)])
            let usage = try await history.query.history(
                device: "pump", heap: nil, since: RecordedHistory.time(0), until: later, stepMicroseconds: 60_000_000)
            #expect(usage.knownUntil == Self.last)
            #expect(usage.gaps == list.gaps)
        }
        let known = try await history.query.gaps(
            device: "pump", heap: nil, since: RecordedHistory.time(0), until: Self.last)
        #expect(known.gaps == [])
    }

    @Test func theSameMomentIsRefusedBeforeAndAfterTheDeviceComesBack() async throws {
        let (history, _) = try await silentDevice()
        let silent = RecordedHistory.time(100_000)
        await #expect(throws: Problem.self) { try await history.snapshot(.time(silent)) }
        try await history.greet(ScriptedDevice.hello(boot: 2), at: RecordedHistory.time(200_000))
        var second = ScriptedDevice()
        try await history.receive(second.keyframe())
        await #expect(throws: Problem.self) { try await history.snapshot(.time(silent)) }
        #expect(try await history.gaps().map(\.cause) == [.powerOff], "the silence was that")
    }

    /// A boot that came later is the one that ran, though times of an earlier one reach into it.
    @Test func orderOfBootsIsOrderOfArrival() async throws {
        let history = try RecordedHistory()
        try await history.greet(ScriptedDevice.hello(), at: RecordedHistory.time(90_000_000))
        var first = ScriptedDevice()
        first.allocate(4, owner: 8)
        try await history.receive(first.keyframe())
        // The collector's clock is right again when the device restarts.
        try await history.greet(ScriptedDevice.hello(boot: 2), at: RecordedHistory.start)
        var second = ScriptedDevice()
        second.allocate(8, owner: 16)
        try await history.receive(second.keyframe())
        #expect(try await history.snapshot(.sequence(1)).boot == 2)
        #expect(try await history.snapshot(.latest).blocks == second.blocks)
        #expect(history.query.devices(connected: []).devices.first?.boot == 2)
        let list = try await history.query.gaps(
            device: "pump", heap: nil, since: RecordedHistory.time(0), until: RecordedHistory.time(200_000_000))
        #expect(list.gaps.allSatisfy { ($0.end ?? .now) <= .now }, "no gap ends tomorrow")
    }
}
