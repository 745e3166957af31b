// One heap of a connected device: its replica, and what of its history is missing.

internal import HeapHistory
internal import HeapWire

final class HeapTrack {
    /// Frames between two checkpoints: what a snapshot may have to replay.
    private static let checkpointInterval = 64

    let id: Int64
    let table: ReplicaTable
    private var lastExactSequence: UInt32
    private var lastExactTime: Timestamp?
    private var openGap: GapRecord?
    private var framesSinceCheckpoint: Int
    /// Why the table is not known, before any frame has shown it.
    private var lossCause: Gap.Cause?
    private var lostFrames: Int64 = 0
    /// The table turned out wrong, and only a KEYFRAME helps.
    private(set) var wantsKeyframe = false

    init(_ heap: OpenedBoot.OpenedHeap) {
        id = heap.id
        table = heap.material.makeTable(heap.announced.layout)
        lastExactSequence = heap.lastExactSequence
        lastExactTime = heap.lastExactTime
        openGap = heap.openGap
        framesSinceCheckpoint = heap.material.payloads.count
    }

    /// Frames of the device are gone for good, this heap's perhaps among them.
    func loseFrames(_ count: UInt32) {
        table.replica.forget()
        lossCause = .lineLoss
        lostFrames += Int64(count)
    }

    /// Replays a frame; what it adds to the history.
    func receive(_ frame: StateFrame, payload: UnsafeBufferPointer<UInt8>, time: Timestamp) -> IngestedFrame {
        // What can't be replayed is kept as it came, and the table is unknown from here on.
        let verdict = (try? table.apply(frame, payload: payload.count)) ?? .diverged
        let isExact = verdict == .exact || verdict == .corrected
        wantsKeyframe = verdict == .diverged
        // When the table went wrong is not known: somewhere behind the last proof.
        if verdict == .corrected, openGap == nil { openGap = makeGap(.digestMismatch) }
        let gap = isExact ? closeGap(frame.state, time) : widenGap(verdict, frame.state)
        framesSinceCheckpoint += 1
        var checkpoint: CheckpointRecord?
        if isExact {
            if lastExactSequence == 0 || gap != nil || framesSinceCheckpoint >= Self.checkpointInterval {
                checkpoint = CheckpointRecord(
                    heapID: id, sequence: frame.state.sequence, state: Checkpoint.encode(table.replica))
                framesSinceCheckpoint = 0
            }
            (lastExactSequence, lastExactTime) = (frame.state.sequence, time)
        }
        let record = FrameRecord(
            heapID: id, state: frame.state, time: time, isExact: isExact, payload: Array(payload))
        return IngestedFrame(frame: record, gap: gap, checkpoint: checkpoint)
    }

    private func closeGap(_ state: HeapState, _ time: Timestamp) -> GapRecord? {
        var gap = openGap
        if gap == nil, state.lost > 0 { gap = makeGap(.recorderOverflow) }
        if gap == nil, let lossCause { gap = makeGap(lossCause) }
        (lossCause, lostFrames) = (nil, 0)
        openGap = nil
        guard var gap else { return nil }
        if state.lost > 0 { gap.operations = (gap.operations ?? 0) + Int64(state.lost) }
        (gap.endSequence, gap.endTime) = (state.sequence, time)
        return gap
    }

    /// The gap that this frame begins or goes on with. A new device's first table in parts is no gap.
    private func widenGap(_ verdict: HeapReplica.Verdict, _ state: HeapState) -> GapRecord? {
        let isFirstTable = lastExactSequence == 0 && table.replica.standing == .partial && lossCause == nil
        if openGap == nil, isFirstTable, state.lost == 0 { return nil }
        var gap = openGap ?? makeGap(lossCause ?? cause(of: verdict, state))
        if openGap != nil, lostFrames > 0 { gap.frames = (gap.frames ?? 0) + lostFrames }
        if state.lost > 0 { gap.operations = (gap.operations ?? 0) + Int64(state.lost) }
        (lossCause, lostFrames) = (nil, 0)
        openGap = gap
        return gap
    }

    private func cause(of verdict: HeapReplica.Verdict, _ state: HeapState) -> Gap.Cause {
        if state.lost > 0 { return .recorderOverflow }
        return verdict == .diverged ? .digestMismatch : .noKeyframe
    }

    private func makeGap(_ cause: Gap.Cause) -> GapRecord {
        GapRecord(
            heapID: id, startSequence: lastExactSequence, startTime: lastExactTime, endSequence: nil, endTime: nil,
            cause: cause, operations: nil, frames: lostFrames > 0 ? lostFrames : nil)
    }
}

/// What one frame adds to the history.
struct IngestedFrame: Sendable {
    var frame: FrameRecord
    var gap: GapRecord?
    var checkpoint: CheckpointRecord?
    /// How the boot's time goes on from this frame.
    var clock: ClockSegment?
}
