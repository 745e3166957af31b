// SPDX-License-Identifier: Apache-2.0
//
// Where a heap stopped, read when its device greets.

import HeapHistory
import HeapWire
import Testing

@testable import DallocCollector

struct HeapEndTests {
    private struct End: Equatable, Sendable {
        var last: UInt32?
        var reported: HeapState?
        var payloads: [[UInt8]]
        var checkpoint: [UInt8]?
    }

    /// What one walk finds, and what a walk for each thing does.
    private func ends(of history: RecordedHistory) async throws -> (one: End, each: End) {
        let tail = history.store.arrivals.heaps([1])[1]
        return try await history.store.read { db in
            let (last, reported, material) = try HeapFrames(db, heapID: 1, arrivals: tail).end()
            let frames = try HeapFrames(db, heapID: 1, arrivals: tail)
            let separate = try frames.material(through: .max)
            return (
                End(
                    last: last?.sequence, reported: reported, payloads: material.payloads,
                    checkpoint: material.checkpoint),
                End(
                    last: try frames.last(through: .max)?.sequence,
                    reported: try frames.lastReported(through: .max),
                    payloads: separate.payloads, checkpoint: separate.checkpoint)
            )
        }
    }

    @Test(arguments: [nil, 4, 1] as [Int?]) func itIsTheSameInOneWalk(gatherEvery: Int?) async throws {
        let history = try RecordedHistory(gatherEvery: gatherEvery)
        try await history.greet(ScriptedDevice.hello())
        #expect(try await ends(of: history).one == End(payloads: []))
        var device = ScriptedDevice()
        for step in 0..<12 {
            device.tick += 10
            device.allocate(20, owner: 64)
            // The table is exact, then unknown for a while, without figures.
            if step == 6 { device.skip(to: device.sequence + 2) }
            let payload =
                switch step {
                case 3, 9: device.keyframe()
                case 7, 8: ScriptedDevice.deltaWithoutFigures(device.sequence + 1)
                case 6: device.wrongDelta()
                default: device.delta()
                }
            if step == 7 || step == 8 { device.loseFrame() }
            if step == 6 { try await history.greet(ScriptedDevice.hello(oldest: device.sequence)) }
            try await history.receive(payload)
            let (one, each) = try await ends(of: history)
            #expect(one == each, "after step \(step)")
        }
    }
}
