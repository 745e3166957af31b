// SPDX-License-Identifier: Apache-2.0
//
// How far apart stored tables are: what a question may have to replay.

import HeapHistory
import HeapReplica
import HeapWire
import Testing

@testable import DallocCollector

struct StoredTableTests {
    private func track(steps: UInt64) throws -> HeapTrack {
        let hello = try ScriptedDevice.hello()
        return HeapTrack(
            OpenedBoot.OpenedHeap(
                id: 1, announced: hello.heaps[0], material: ReplayMaterial(backwards: []), lastExactSequence: 0),
            stateSteps: steps)
    }

    /// A byte may stand for much work: then a table is stored earlier than bytes and frames say.
    @Test func tablesAreStoredAsOftenAsTheirReplayCosts() throws {
        let track = try track(steps: 1000)
        var device = ScriptedDevice()
        for block in 0..<30 { device.allocate(8, owner: UInt64(block)) }
        var (sinceState, stored): ([UInt64], Int) = ([], 0)
        for frame in 0..<100 {
            let payload: [UInt8]
            if frame == 0 {
                payload = device.keyframe()
            } else {
                device.allocate(8, owner: 0x1000)
                device.free(0)
                payload = device.delta()
            }
            let before = track.table.replica.steps
            let record = try payload.withUnsafeBufferPointer { bytes in
                let base = try #require(bytes.baseAddress)
                return try track.receive(
                    StateFrame(payload: base, count: bytes.count), payload: bytes, time: RecordedHistory.start
                ).record
            }
            #expect(record.frame.isExact)
            let steps = track.table.replica.steps - before
            if record.frame.state == nil {
                sinceState.append((sinceState.last ?? 0) + steps)
            } else {
                stored += 1
                sinceState.append(0)
            }
        }
        #expect(stored > 5, "not only at the first frame")
        #expect(sinceState.allSatisfy { $0 < 1000 })
    }

    /// The work between two stored tables, with that of a frame of operations that each go through a full table, is what a question may do.
    @Test func everyMomentBetweenStoredTablesCanBeAnswered() {
        let frame = WireLimits.payload * (Int(WireLimits.table) + 16)
        #expect(Int(HeapTrack.stateSteps) + 2 * frame <= WorkBudget.patient)
    }
}
