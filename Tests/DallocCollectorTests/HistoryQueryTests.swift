// SPDX-License-Identifier: Apache-2.0
//
// Answers against a device whose every state the test knows.

import GRDB
import HeapHistory
import HeapWire
import Testing

@testable import DallocCollector

struct HistoryQueryTests {
    /// 300 frames of random operations; every state after an operation is known.
    private struct Recorded {
        var history: RecordedHistory
        var states: [(tick: Int64, blocks: [ScriptedDevice.Block])]
        var frames: [(sequence: UInt32, blocks: [ScriptedDevice.Block])]
        var totalMoves: Int
    }

    private func record(reconnectEvery: Int? = nil, gatherEvery: Int? = nil) async throws -> Recorded {
        var recorded = Recorded(
            history: try RecordedHistory(gatherEvery: gatherEvery), states: [], frames: [], totalMoves: 0)
        try await recorded.history.greet(ScriptedDevice.hello())
        var device = ScriptedDevice()
        var random = SystemRandomNumberGenerator()
        try await recorded.history.receive(device.keyframe())
        recorded.states.append((1000, []))
        for frame in 2...300 {
            // A device sends what it recorded before a keyframe, so nothing happens between the two.
            let isKeyframe = frame % 50 == 0
            for _ in 0..<(isKeyframe ? 0 : Int.random(in: 0...5, using: &random)) {
                device.tick += UInt64.random(in: 1...9, using: &random)
                if device.blocks.count > 20 || (!device.blocks.isEmpty && Bool.random(using: &random)) {
                    let index = device.blocks.indices.randomElement(using: &random) ?? 0
                    recorded.totalMoves += device.blocks.count - 1 - index
                    device.free(index)
                } else {
                    device.allocate(.random(in: 1...90, using: &random), owner: .random(in: 1...9000, using: &random))
                }
                recorded.states.append((Int64(device.tick), device.blocks))
            }
            device.tick += 3
            let payload = isKeyframe ? device.keyframe() : device.delta()
            #expect(try await recorded.history.receive(payload))
            recorded.frames.append((UInt32(frame), device.blocks))
            if let reconnectEvery, frame % reconnectEvery == 0 {
                try await recorded.history.greet(ScriptedDevice.hello(oldest: UInt32(frame + 1), tick: device.tick))
            }
        }
        return recorded
    }

    @Test(arguments: [(nil, nil), (7, nil), (nil, 1), (7, 3), (40, 64)])
    func everyFrameAndEveryMomentIsAnsweredExactly(reconnectEvery: Int?, gatherEvery: Int?) async throws {
        let recorded = try await record(reconnectEvery: reconnectEvery, gatherEvery: gatherEvery)
        for (sequence, blocks) in recorded.frames where gatherEvery == nil || sequence % 3 == 0 {
            let snapshot = try await recorded.history.snapshot(.sequence(sequence))
            #expect(snapshot.blocks == blocks)
            #expect(snapshot.entries.allSatisfy { $0.allocation != nil && $0.allocatedAt != nil })
        }
        for (index, (tick, blocks)) in recorded.states.enumerated() where gatherEvery == nil || index % 4 == 0 {
            #expect(try await recorded.history.snapshot(.time(RecordedHistory.time(tick))).blocks == blocks)
        }
    }

    @Test(arguments: [nil, 1, 17]) func movesAreThoseOfTheFreesInTheRange(gatherEvery: Int?) async throws {
        let recorded = try await record(gatherEvery: gatherEvery)
        let all = try await recorded.history.query.moves(
            device: "pump", heap: nil, since: .sequence(0), until: .sequence(300), limit: 100_000)
        #expect(all.moves.count == recorded.totalMoves)
        #expect(all.moves.allSatisfy { $0.from > $0.to && $0.cause.operation == .free })
        let cut = try await recorded.history.query.moves(
            device: "pump", heap: nil, since: .sequence(0), until: .sequence(300), limit: 10)
        #expect(cut.truncated)
        #expect(cut.moves == Array(all.moves.suffix(10)), "the latest are kept")
        let middle = all.moves[all.moves.count / 2].time
        let early = try await recorded.history.query.moves(
            device: "pump", heap: nil, since: .time(RecordedHistory.time(0)), until: .time(middle), limit: 100_000)
        let late = try await recorded.history.query.moves(
            device: "pump", heap: nil, since: .time(middle), until: .time(RecordedHistory.time(1_000_000)),
            limit: 100_000)
        #expect(early.moves + late.moves == all.moves, "a range ends where the next begins")
    }

    @Test(arguments: [nil, 1, 17]) func aSearchThatStopsGoesOnFromThere(gatherEvery: Int?) async throws {
        let recorded = try await record(gatherEvery: gatherEvery)
        let (query, end) = (recorded.history.query, Moment.time(RecordedHistory.time(1_000_000)))
        let all = try await query.moves(
            device: "pump", heap: nil, since: .time(RecordedHistory.time(0)), until: end, limit: 100_000)
        #expect(all.stoppedAt == nil)
        for steps in [3000, 20_000] {
            var (since, found, stops): (Timestamp?, [Move], Int) = (RecordedHistory.time(0), [], 0)
            while let from = since {
                let answer = try await query.moveAnswer(
                    device: "pump", heap: nil, since: .time(from), until: end, limit: 100_000, steps: steps)
                // What happened at the moment after the stop may be there in part, and comes again.
                for move in answer.elements where !found.suffix(100).contains(move) { found.append(move) }
                since = answer.list.stoppedAt
                if let since { #expect(since > from) }
                stops += 1
            }
            #expect(found == all.moves)
            #expect(stops > 5)
        }
        for limit in [1, 2, 7, 100] {
            let latest = try await query.moves(
                device: "pump", heap: nil, since: .time(RecordedHistory.time(0)), until: end, limit: limit)
            #expect(latest.moves == Array(all.moves.suffix(limit)))
            #expect(latest.truncated)
        }
    }

    @Test func aQuestionThatNobodyWaitsForEnds() async throws {
        let recorded = try await record()
        let work = WorkBudget()
        work.cancel()
        let query = recorded.history.query
        await #expect(throws: CancellationError.self) {
            try await query.read("pump", nil, work) { _, _ in 0 }
        }
        let task = Task {
            try await query.snapshot(device: "pump", heap: nil, at: .sequence(200))
        }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test func historyAddsUpToWhatHappened() async throws {
        let history = try RecordedHistory()
        try await history.greet(ScriptedDevice.hello())
        var device = ScriptedDevice()
        try await history.receive(device.keyframe())
        device.tick = 1400
        device.allocate(100, owner: 8)
        device.allocate(200, owner: 12)
        try await history.receive(device.delta())
        device.tick = 3100
        device.free(0)
        try await history.receive(device.delta())
        let usage = try await history.query.history(
            device: "pump", heap: "main", since: RecordedHistory.time(1000), until: RecordedHistory.time(5000),
            stepMicroseconds: 1_000_000)
        #expect(usage.points.map(\.time) == [RecordedHistory.time(1000), RecordedHistory.time(3000)])
        #expect(usage.points.map(\.used) == [300, 200])
        #expect(usage.points.map(\.peak) == [300, 300])
        #expect(usage.points.map(\.liveBlocks) == [2, 1])
        #expect(usage.points.map(\.allocated) == [2, 0])
        #expect(usage.points.map(\.freed) == [0, 1])
        #expect(usage.points.map(\.bytesMoved) == [0, 200])
        #expect(usage.gaps.map(\.cause) == [.disconnected], "nothing but what comes after the last report")
    }

    @Test func minutesAndHoursAddUpToTheFramesWhereverTheseAre() async throws {
        let history = try RecordedHistory(gatherEvery: 70)
        try await history.greet(ScriptedDevice.hello())
        var device = ScriptedDevice()
        for number in 0..<250 {
            device.tick = 1000 + UInt64(number) * 37_000
            device.allocate(UInt32(number % 90 + 1), owner: 8)
            if number % 3 > 0 { device.free(device.blocks.count / 2) }
            if device.blocks.count > 20 { device.free(0) }
            try await history.receive(number == 0 ? device.keyframe() : device.delta())
        }
        let (start, end) = (RecordedHistory.start, RecordedHistory.time(1000 + 250 * 37_000))
        let fine = try await history.query.history(
            device: "pump", heap: nil, since: start, until: end, stepMicroseconds: 1_000_000)
        for step in [60_000_000, 600_000_000, 3_600_000_000] as [Int64] {
            let coarse = try await history.query.history(
                device: "pump", heap: nil, since: start, until: end, stepMicroseconds: step)
            #expect(coarse.since <= start)
            #expect(coarse.points.allSatisfy { ($0.time.microseconds - coarse.since.microseconds) % step == 0 })
            for point in coarse.points {
                let parts = fine.points.filter {
                    $0.time >= point.time && $0.time.microseconds < point.time.microseconds + step
                }
                #expect(point.used == parts.last?.used)
                #expect(point.liveBlocks == parts.last?.liveBlocks)
                #expect(point.peak == parts.map(\.peak).max())
                #expect(point.allocated == parts.map(\.allocated).reduce(0, +))
                #expect(point.freed == parts.map(\.freed).reduce(0, +))
                #expect(point.moves == parts.map(\.moves).reduce(0, +))
                #expect(point.bytesMoved == parts.map(\.bytesMoved).reduce(0, +))
            }
            #expect(coarse.points.map(\.allocated).reduce(0, +) == 250)
        }
        let sums = try await history.store.pool.read { db -> [Int?] in
            let row = try Row.fetchOne(db, sql: "SELECT sum(allocated), sum(span = 'frame') FROM usage")
            return [row?[0] as Int?, row?[1]]
        }
        #expect(sums == [250, 250 - 210], "of what is gathered, minutes")
    }

    @Test func betweenALostFrameAndTheKeyframeBehindItNothingIsKnown() async throws {
        let history = try RecordedHistory()
        try await history.greet(ScriptedDevice.hello(isOneWay: true))
        var device = ScriptedDevice()
        try await history.receive(device.keyframe())
        device.tick = 1010
        device.allocate(40, owner: 8)
        device.loseFrame()
        device.tick = 1020
        device.loseFrame()
        device.tick = 1030
        #expect(try await history.receive(device.keyframe()))
        for moment in [
            Moment.sequence(2), .sequence(3), .time(RecordedHistory.time(1001)), .time(RecordedHistory.time(1029)),
        ] {
            let problem = await #expect(throws: Problem.self) { try await history.snapshot(moment) }
            #expect(problem?.code == .unknownInGap, "\(moment)")
        }
        for moment in [Moment.sequence(1), .time(RecordedHistory.time(1000))] {
            #expect(try await history.snapshot(moment).blocks.isEmpty)
        }
        for moment in [Moment.sequence(4), .time(RecordedHistory.time(1030))] {
            #expect(try await history.snapshot(moment).blocks == device.blocks)
        }
    }

    @Test func whatIsNotThereIsNamed() async throws {
        let history = try RecordedHistory()
        try await history.greet(ScriptedDevice.hello())
        var device = ScriptedDevice()
        try await history.receive(device.keyframe())
        let heap = await #expect(throws: Problem.self) {
            try await history.query.snapshot(device: "pump", heap: "other", at: .sequence(1))
        }
        #expect(heap?.code == .notFound)
        #expect(heap?.hint.contains("main (0)") == true)
        let early = await #expect(throws: Problem.self) {
            try await history.snapshot(.time(RecordedHistory.time(1)))
        }
        #expect(early?.code == .notFound)
        let late = await #expect(throws: Problem.self) { try await history.snapshot(.sequence(9)) }
        #expect(late?.message.contains("#1") == true)
        let empty = await #expect(throws: Problem.self) {
            try await history.query.history(
                device: "pump", heap: nil, since: RecordedHistory.time(2), until: RecordedHistory.time(2),
                stepMicroseconds: 1000)
        }
        #expect(empty?.code == .badRequest)
    }

    @Test func framesThatWereLostBeforeTheFirstAreUnknownAndNotUnheardOf() async throws {
        let history = try RecordedHistory()
        var device = ScriptedDevice()
        for _ in 0..<3 { _ = device.delta() }
        device.allocate(8, owner: 8)
        device.concealOperations()
        try await history.greet(ScriptedDevice.hello(oldest: 4))
        try await history.receive(device.keyframe())
        #expect(try await history.snapshot(.sequence(4)).blocks == device.blocks)
        let problem = await #expect(throws: Problem.self) { try await history.snapshot(.sequence(2)) }
        #expect(problem?.code == .unknownInGap)
    }

    /// Not even a wrong answer comes of a question that costs too much.
    @Test func aQuestionThatWorksTooMuchIsRefused() async throws {
        let history = try RecordedHistory()
        try await history.greet(ScriptedDevice.hello())
        var device = ScriptedDevice()
        for block in 0..<20 { device.allocate(8, owner: UInt64(8 * block)) }
        #expect(try await history.receive(device.keyframe()))
        for _ in 0..<50 {
            device.tick += 10
            device.allocate(8, owner: 0x1000)
            device.free(0)
            #expect(try await history.receive(device.delta()))
        }
        var query = history.query
        let table = try await query.snapshot(device: "pump", heap: nil, at: .latest)
        #expect(table.entries.count == 20)
        query.mostWork = 100
        let short = query
        let problem = await #expect(throws: Problem.self) {
            try await short.snapshot(device: "pump", heap: nil, at: .latest)
        }
        #expect(problem?.code == .overloaded)
    }

    /// The first frames are in a minute that began before them.
    @Test(arguments: [nil, 1]) func nothingCountsTwice(gatherEvery: Int?) async throws {
        let history = try RecordedHistory(gatherEvery: gatherEvery)
        try await history.greet(ScriptedDevice.hello())
        var device = ScriptedDevice()
        #expect(try await history.receive(device.keyframe()))
        for _ in 0..<10 {
            device.tick += 1000
            device.allocate(8, owner: 0x1000)
            #expect(try await history.receive(device.delta()))
        }
        for step: Int64 in [1_000_000, 7_000_000, 60_000_000, 3_600_000_000] {
            let usage = try await history.query.history(
                device: "pump", heap: nil, since: RecordedHistory.time(1000).later(byMicroseconds: -7_200_000_000),
                until: RecordedHistory.time(60_000), stepMicroseconds: step)
            #expect(usage.points.reduce(0) { $0 + $1.allocated } == 10, "steps of \(step)")
        }
    }

    /// What is on disk is corrected, and what is in memory not yet: no answer is made of both.
    @Test func anAnswerWaitsForTheEndOfACorrection() async throws {
        let history = try RecordedHistory()
        try await history.greet(ScriptedDevice.hello())
        var device = ScriptedDevice()
        #expect(try await history.receive(device.keyframe()))
        let query = history.query
        _ = try await query.snapshot(device: "pump", heap: nil, at: .latest)
        let corrections = try await history.store.commits.commit { db in
            try Ledger.noteCorrection(db)
            return try Ledger.corrections(db)
        }
        let problem = await #expect(throws: Problem.self) {
            try await query.snapshot(device: "pump", heap: nil, at: .latest)
        }
        #expect(problem?.code == .overloaded)
        // Nor are frames stored by a clock from before it.
        device.tick += 10
        await #expect(throws: ClockWasSet.self) { try await history.receive(device.delta()) }
        history.store.arrivals.move([], by: 0, corrections: corrections)
        _ = try await query.snapshot(device: "pump", heap: nil, at: .latest)
    }
}
