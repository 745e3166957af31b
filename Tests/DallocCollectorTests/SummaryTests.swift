// SPDX-License-Identifier: Apache-2.0
//
// Devices that tell of a heap in summaries: what is missing was not lost, and nobody asks for it.

import GRDB
import HeapHistory
import HeapWire
import Testing

@testable import DallocCollector

struct SummaryTests {
    /// A device whose table was known, and that has told of its heap in summaries since.
    private func summarized(
        isOneWay: Bool = false, gatherEvery: Int? = nil, summaries: Int = 1
    ) async throws -> (RecordedHistory, ScriptedDevice) {
        let history = try RecordedHistory(gatherEvery: gatherEvery)
        try await history.greet(ScriptedDevice.hello(isOneWay: isOneWay))
        var device = ScriptedDevice()
        device.allocate(40, owner: 0x1004)
        #expect(try await history.receive(device.keyframe()))
        for _ in 0..<summaries { #expect(try await history.receive(device.work())) }
        return (history, device)
    }

    @Test(arguments: [nil, 2]) func whatASummaryLeavesOutIsAGapAndNotLost(gatherEvery: Int?) async throws {
        var (history, device) = try await summarized(gatherEvery: gatherEvery, summaries: 3)
        let open = Gap(start: RecordedHistory.time(1000), end: nil, cause: .summarized, operations: nil, frames: nil)
        #expect(try await history.gaps() == [open])
        device.tick += 100
        let end = Int64(device.tick)
        #expect(try await history.receive(device.keyframe()))
        var closed = open
        closed.end = RecordedHistory.time(end)
        #expect(try await history.gaps() == [closed])
        let lost = try await history.store.pool.read { db in
            try ["arrivals", "minutes", "days"].map { try Int.fetchOne(db, sql: "SELECT total(lost) FROM \($0)") }
        }
        #expect(lost == [0, 0, 0])
        let usage = try await history.query.history(
            device: "pump", heap: nil, since: RecordedHistory.time(0), until: RecordedHistory.time(1_000_000),
            stepMicroseconds: 1_000_000_000)
        #expect(usage.points.map(\.allocated).reduce(0, +) == 61, "figures are known all the time")
        #expect(try await history.snapshot(.time(RecordedHistory.time(end))).blocks == device.blocks)
        let check = try HistoryCheck(path: history.path)
        #expect(check.findings == [] && check.frames == 5 && check.verifiedFrames == 2)
    }

    @Test func noTableIsAskedForInSummaries() async throws {
        var (history, device) = try await summarized()
        for turn in 0..<100 {
            // An idle minute tells no operations.
            #expect(try await history.receive(turn % 7 == 0 ? device.work() : device.summary()))
            #expect(history.session.request == nil && history.session.requestOfUnknownTable == nil, "turn \(turn)")
        }
        // A collector that starts again knows it from its database.
        try await history.greet(ScriptedDevice.hello(tick: device.tick))
        #expect(history.session.requestOfUnknownTable == nil)
        for _ in 0..<40 { #expect(try await history.receive(device.summary())) }
        #expect(history.session.request == nil && history.session.requestOfUnknownTable == nil)
        // Frames that the device has given up: the table was unknown before them.
        device.loseFrame()
        try history.greetAgain(ScriptedDevice.hello(oldest: device.sequence + 1))
        for _ in 0..<40 { #expect(try await history.receive(device.summary())) }
        #expect(history.session.request == nil)
        #expect(try await history.gaps().map(\.frames) == [1])
    }

    @Test func aSummaryAfterALossIsKnownAfterARestart() async throws {
        let history = try RecordedHistory()
        try await history.greet(ScriptedDevice.hello())
        var device = ScriptedDevice()
        #expect(try await history.receive(device.keyframe()))
        device.loseFrame()
        try history.greetAgain(ScriptedDevice.hello(oldest: 3))
        #expect(try await history.receive(device.work()))
        #expect(try await history.gaps().map(\.cause) == [.lineLoss])
        try await history.greet(ScriptedDevice.hello(tick: device.tick))
        #expect(history.session.requestOfUnknownTable == nil)
    }

    @Test func aTableIsAskedForWhenAllOperationsComeAndNoKeyframe() async throws {
        var (history, device) = try await summarized()
        // The KEYFRAME that a device sends when it is to tell all is among the frames that it has given up.
        device.loseFrame()
        try history.greetAgain(ScriptedDevice.hello(oldest: device.sequence + 1))
        var frames = 0
        while history.session.request == nil, frames < 100 {
            device.allocate(4, owner: 0x1010)
            device.free(device.blocks.count - 1)
            #expect(try await history.receive(device.delta()))
            frames += 1
        }
        #expect(history.session.request == Request(boot: 1, keyframe: true))
        #expect(frames <= 40)
        #expect(history.session.requestOfUnknownTable == Request(boot: 1, keyframe: true))
        #expect(try await history.receive(device.keyframe()))
        #expect(history.session.request == nil)
    }

    @Test func anIdleHeapIsAskedForItsTableWhenItWasToTellAll() async throws {
        var (history, device) = try await summarized()
        for level in [Request.Level.summary, nil, .full] {
            history.tell(level)
            for _ in 0..<40 { #expect(try await history.receive(device.summary())) }
            #expect((history.session.request != nil) == (level == .full), "\(String(describing: level))")
        }
        #expect(try await history.receive(device.work()))
        #expect(history.session.request == nil, "it is not there yet")
    }

    @Test(arguments: [nil, Request.Level.full, .summary])
    func aContradictionInFullDetailIsAskedAbout(level: Request.Level?) async throws {
        var (history, device) = try await summarized()
        #expect(try await history.receive(device.keyframe()))
        device.allocate(12, owner: 0x1010)
        #expect(try await history.receive(device.delta()))
        history.tell(level)
        #expect(try await history.receive(device.wrongDelta()))
        // A device that was told to be brief would pay for the table, and soon tell no operations of it.
        #expect((history.session.request != nil) == (level != .summary))
        #expect(try await history.gaps().map(\.cause) == [.summarized, .digestMismatch])
    }

    @Test func eachTimeInSummariesIsAGap() async throws {
        var (history, device) = try await summarized()
        for _ in 0..<2 {
            device.tick += 1000
            #expect(try await history.receive(device.keyframe()), "after a failed allocation, say")
            device.tick += 1000
            #expect(try await history.receive(device.summary()))
            let idle = RecordedHistory.time(Int64(device.tick))
            #expect(try await history.snapshot(.time(idle)).blocks == device.blocks, "nothing has changed")
            #expect(try await history.receive(device.work()))
        }
        #expect(try await history.gaps().map(\.cause) == [.summarized, .summarized, .summarized])
        #expect(try await history.gaps().map { $0.end == nil } == [false, false, true])
    }

    @Test func muchWorkInASummaryIsPlausible() async throws {
        let layout = ScriptedDevice.layout
        func summary(_ allocations: UInt64, _ moves: UInt64, lost: UInt32, sequence: UInt32) -> HeapState {
            var totals = HeapTotals(allocations: allocations, frees: allocations)
            (totals.moves, totals.bytesMoved) = (moves, moves * 64)
            return HeapState(
                sequence: sequence, heap: 0, tick: 0, used: 0, liveBlocks: 0, peak: 900, totals: totals, lost: lost,
                digest: 0)
        }
        let much = summary(1_000_000, 9_000_000, lost: 2_000_000, sequence: 2)
        #expect(HeapWork(plausible: much, since: HeapTotals(), after: 1, in: layout) != nil)
        let more = summary(1_000_000, 9_000_000, lost: 2, sequence: 2)
        #expect(HeapWork(plausible: more, since: HeapTotals(), after: 1, in: layout) == nil)
    }

    @Test func aMomentInSummariesIsRefusedInOneSentence() async throws {
        var (history, device) = try await summarized()
        let moment = RecordedHistory.time(30_000)
        for question in [Moment.time(moment), .sequence(2)] {
            let problem = await #expect(throws: Problem.self) { try await history.snapshot(question) }
            #expect(problem?.code == .unknownInGap)
            let words = "the device told of the heap in summaries from \(RecordedHistory.time(1000)) on."
            #expect(problem?.message.hasSuffix(words) == true, "\(problem?.message ?? "")")
            #expect(problem?.hint == "`dalloc detail pump full` brings its operations, from then on.")
        }
        device.tick += 10
        #expect(try await history.receive(device.keyframe()))
        let problem = await #expect(throws: Problem.self) { try await history.snapshot(.time(moment)) }
        let span = "from \(RecordedHistory.time(1000)) to \(RecordedHistory.time(Int64(device.tick)))"
        #expect(problem?.message.hasSuffix("in summaries \(span).") == true, "\(problem?.message ?? "")")
    }
}
