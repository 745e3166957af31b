// SPDX-License-Identifier: Apache-2.0
//
// Where boots begin and end, for those who ask by a boot's name.

import HeapHistory
import Testing

@testable import DallocCollector

struct BootBoundTests {
    /// Two boots of a device, of two frames each.
    private func twoBoots() async throws -> RecordedHistory {
        let history = try RecordedHistory()
        for boot: UInt32 in [12, 0x8F3A_01C2] {
            // The second one greets ten seconds after the first.
            let start = RecordedHistory.start.later(byMicroseconds: boot == 12 ? 0 : 10_000_000)
            try await history.greet(ScriptedDevice.hello(boot: boot), at: start)
            var device = ScriptedDevice()
            try await history.receive(device.keyframe())
            device.tick = 3000
            device.allocate(50, owner: 16)
            try await history.receive(device.delta())
        }
        return history
    }

    private func time(_ history: RecordedHistory, _ name: String, _ edge: TimeBound.Edge) async throws -> Timestamp {
        let bound = TimeBound.boot(try #require(BootName(name)))
        return try await history.query.time(bound, edge, device: "pump", heap: nil)
    }

    @Test func aBootBeginsWithItsFirstReportAndEndsAfterItsLast() async throws {
        let history = try await twoBoots()
        #expect(try await time(history, "12", .beginning) == RecordedHistory.time(1000))
        #expect(try await time(history, "0000000c", .end) == RecordedHistory.time(3000).later(byMicroseconds: 1))
        let second = RecordedHistory.time(11_000)
        for name in ["8f3a01c2", "8F3A01C2", "2402943426"] {
            #expect(try await time(history, name, .beginning) == second)
        }
        let before = Timestamp.now
        #expect(try await time(history, "8f3a01c2", .end) >= before, "the current one goes on")
        let snapshot = try await history.snapshot(.time(second))
        #expect(snapshot.boot == 0x8F3A_01C2)
    }

    @Test func aBootThatIsNotThereIsNamedBesideThoseThatAre() async throws {
        let history = try await twoBoots()
        let problem = await #expect(throws: Problem.self) { try await time(history, "13", .beginning) }
        #expect(problem?.code == .notFound)
        #expect(problem?.message == "The heap main of pump has no boot 13.")
        #expect(problem?.hint == "The latest is 8f3a01c2, then 0000000c.")
    }

    @Test func aBootWithoutFramesHasNoBeginning() async throws {
        let history = try await twoBoots()
        try await history.greet(ScriptedDevice.hello(boot: 77), at: RecordedHistory.time(60_000))
        let problem = await #expect(throws: Problem.self) { try await time(history, "77", .beginning) }
        #expect(problem?.message == "Nothing of the heap main of pump has come in boot 77.")
    }
}
