// SPDX-License-Identifier: Apache-2.0
//
// What a recorder holds has room in the frame that OpenFrame.room promises, however its numbers change.

import HeapWire
import TestSupport
import Testing

@testable import DallocAgent

struct OpenFrameTests {
    private struct Step {
        var kind: OperationKind
        var depth: UInt32 = 0
        var size: UInt32 = 0
        var owner: UInt = 0
        var elapsed: UInt32 = 0
    }

    private static let recorder = 192
    private static let base: UInt = 0x2000_0000

    /// Records the steps, over and over, until the recorder is full, and packs that. Returns how many bytes were recorded, and packed.
    private func pack(_ steps: [Step], after before: [Step]) -> (recorded: Int, packed: Int) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 8192) { memory in
            guard let start = memory.baseAddress else { return (0, 0) }
            var writer = RecordWriter(owners: OwnerTrail(previous: Self.base), callSite: 0)
            func record(_ step: Step, at bytes: UnsafeMutablePointer<UInt8>) -> UnsafeMutablePointer<UInt8> {
                let fields = RecordFields(kind: step.kind, depth: step.depth, size: step.size, owner: step.owner)
                return writer.write(
                    fields, step.kind.fields, elapsed: step.elapsed, hasCallSites: false, to: bytes)
            }
            var frame = OpenFrame(FrameWriter(window: start + 4096, start: 0, length: 4096), tick: 0)
            var end = start
            for step in before { end = record(step, at: end) }
            frame.take(start, count: end - start)
            let packedBefore = frame.encoder.writer.count
            end = start
            var next = 0
            while !steps.isEmpty, end - start <= Self.recorder - RecordWriter.longest {
                end = record(steps[next % steps.count], at: end)
                next += 1
            }
            frame.take(start, count: end - start)
            frame.encoder.end()
            return (end - start, frame.encoder.writer.count - packedBefore)
        }
    }

    private func anyStep(_ random: inout SeededRandom) -> Step {
        let kinds: [OperationKind] = [.alloc, .free, .free, .resize, .reown, .failed, .compact]
        let kind = kinds[Int.random(in: 0..<kinds.count, using: &random)]
        let depths: [UInt32] = [0, 4, 5, 66, 67, 127, 128, 1000, 8195, 8196, 16_383]
        let sizes: [UInt32] = [1, 8, 1023, 8192, 65_534, 65_535, .max]
        let distances: [Int] = [0, 1, -96, 96, -1000, 1000, -8000, 8000, 1 << 24]
        let distance = distances[Int.random(in: 0..<distances.count, using: &random)]
        return Step(
            kind: kind, depth: kind == .failed ? 0 : depths[Int.random(in: 0..<depths.count, using: &random)],
            size: sizes[Int.random(in: 0..<sizes.count, using: &random)],
            owner: Self.base &+ UInt(bitPattern: distance &* MemoryLayout<UInt>.size),
            elapsed: [0, 1, 8, 14, 15, 900][Int.random(in: 0..<6, using: &random)])
    }

    @Test func whatIsRecordedHasRoom() {
        var random = SeededRandom(seed: 7)
        /// Bytes beyond one and a half of what is recorded.
        var most = 0
        for _ in 0..<20_000 {
            // Slow and deep, then again and again a few that are as they may be.
            let before = [Step(kind: .free, depth: 16_383), Step(kind: .free, depth: 8196, elapsed: 900)]
            let steps = (0..<Int.random(in: 1...9, using: &random)).map { _ in anyStep(&random) }
            let (recorded, packed) = pack(steps, after: before)
            #expect(packed + HeapState.longest <= OpenFrame.room(for: recorded), "\(steps)")
            most = max(most, packed - recorded * 3 / 2)
        }
        #expect(most > 0, "some take more than half as much again")
    }

    /// Eight frees at depth 4 for each that keeps the bits of a depth at fourteen.
    @Test func nearAfterDeepHasRoom() {
        let deep = Step(kind: .free, depth: 8196)
        let steps = [deep] + Array(repeating: Step(kind: .free, depth: 4), count: 8)
        let (recorded, packed) = pack(steps, after: [deep])
        #expect(packed + HeapState.longest <= OpenFrame.room(for: recorded))
    }
}
