// SPDX-License-Identifier: Apache-2.0
//
// The collector's replica of a model heap, held to the model and to the format after every frame.

import HeapReplica
import HeapWire

final class ReplicaFollower {
    private let table: ReplicaTable
    /// It was told lies: its table is one that a heap can have, and no more is known of it.
    private var isMisled = false
    private var lastSequence: UInt32 = 0

    init(_ layout: HeapLayout) {
        table = ReplicaTable(layout: layout)
    }

    var standing: HeapReplica.Standing { table.replica.standing }

    /// A frame as the device wrote it.
    func take(_ frame: ModelDevice.Frame) {
        guard !table.layout.isWatched || heedNumber(frame.sequence) else { return }
        let verdict = takePayload(frame.payload)
        hold(verdict != nil, "a true frame can be read")
        guard verdict == .exact || verdict == .corrected else { return }
        // The digest of a watched heap has no sizes: what lies have made of them stays.
        if frame.payload[0] == FrameType.keyframe.rawValue, !table.layout.isWatched { isMisled = false }
        if !isMisled { TableRules.holdTruth(table.replica, frame.truth) }
    }

    /// A digest without sizes does not show each loss: as a collector does, it goes by the numbers. False for a frame that came already.
    private func heedNumber(_ sequence: UInt32) -> Bool {
        guard sequence > lastSequence else { return false }
        if sequence > lastSequence + 1 { table.replica.forget() }
        lastSequence = sequence
        return true
    }

    /// Whatever has the checksum of a frame.
    func takeAnything(_ payload: [UInt8]) {
        isMisled = true
        _ = takePayload(payload)
    }

    private func takePayload(_ payload: [UInt8]) -> HeapReplica.Verdict? {
        let frame = payload.withUnsafeBufferPointer { bytes in
            bytes.baseAddress.flatMap { try? StateFrame(payload: $0, count: bytes.count).state }
        }
        let verdict = try? table.apply(payload)
        hold(frame != nil || verdict == nil, "what is no frame is not taken")
        TableRules.holdShape(table.replica)
        if let frame, verdict == .exact || verdict == .corrected {
            TableRules.holdAgreement(table.replica, with: frame)
        }
        holdCheckpoint()
        return verdict
    }

    /// A collector that starts again has the same table.
    private func holdCheckpoint() {
        guard standing == .exact else { return }
        let bytes = Checkpoint.encode(table.replica)
        let again = ReplicaTable(layout: table.layout)
        hold(Checkpoint.restore(bytes, into: again), "a stored table can be read")
        hold(Checkpoint.encode(again.replica) == bytes, "a stored table is the same table")
        TableRules.holdTruth(again.replica, TableRules.blocks(table.replica))
    }
}
