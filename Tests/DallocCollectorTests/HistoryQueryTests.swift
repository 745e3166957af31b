// Answers against a device whose every state the test knows.

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

    private func record(reconnectEvery: Int? = nil) async throws -> Recorded {
        var recorded = Recorded(history: try RecordedHistory(), states: [], frames: [], totalMoves: 0)
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
                try await recorded.history.greet(ScriptedDevice.hello(oldest: UInt32(frame + 1)))
            }
        }
        return recorded
    }

    @Test(arguments: [nil, 7]) func everyFrameAndEveryMomentIsAnsweredExactly(reconnectEvery: Int?) async throws {
        let recorded = try await record(reconnectEvery: reconnectEvery)
        for (sequence, blocks) in recorded.frames {
            let snapshot = try await recorded.history.snapshot(.sequence(sequence))
            #expect(snapshot.blocks == blocks)
            #expect(snapshot.entries.allSatisfy { $0.allocation != nil && $0.allocatedAt != nil })
        }
        for (tick, blocks) in recorded.states {
            #expect(try await recorded.history.snapshot(.time(RecordedHistory.time(tick))).blocks == blocks)
        }
    }

    @Test func movesAreThoseOfTheFreesInTheRange() async throws {
        let recorded = try await record()
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
        #expect(usage.points.map(\.allocations) == [2, 1])
        #expect(usage.points.map(\.allocated) == [2, 0])
        #expect(usage.points.map(\.freed) == [0, 1])
        #expect(usage.points.map(\.bytesMoved) == [0, 200])
        #expect(usage.gaps.isEmpty)
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
}
