// SPDX-License-Identifier: Apache-2.0
//
// One heap of a connected device: its replica, and what of its history is missing.

internal import HeapHistory
internal import HeapReplica
internal import HeapWire

final class HeapTrack {
    /// Frames, and their bytes, between two stored tables: what a snapshot may have to replay.
    private static let stateInterval = (frames: 256, bytes: 32_768)
    /// Their work, in steps: one byte can cost a step for each of 65,535 blocks. With the work of one more frame it stays
    /// within what a question may do, ``WorkBudget/patient``, or there would be moments that can't be answered.
    static let stateSteps: UInt64 = 600_000_000

    let id: Int64
    let table: ReplicaTable
    /// Of the heap's last frame whose figures are known. Nil when there are frames, and what they add up to is not known.
    private var lastTotals: HeapTotals?
    private var lastSequence: UInt32
    private var lastTime: Timestamp?
    private var lastExactSequence: UInt32
    private var lastExactTime: Timestamp?
    private var openGap: GapRecord?
    private var sinceState: (frames: Int, bytes: Int)
    /// The work of its table until now.
    var steps: UInt64 { table.replica.steps }
    /// ``HeapReplica/steps`` when the last table was stored.
    private var stepsAtState: UInt64 = 0
    private let stateSteps: UInt64
    /// The open gap began, or became wider, after the heap's last frame.
    private var hasUnsavedGap = false
    private var isGapCounted = true
    /// The table is not known, only a KEYFRAME helps, and nobody has asked for one yet.
    private(set) var wantsKeyframe = false
    /// The device tells of the heap in summaries, as far as its frames show: that the table is unknown is nothing to mend.
    private(set) var isInSummaries: Bool
    /// Frames have come, and only a KEYFRAME can tell the table.
    var isUnknown: Bool {
        lastTime != nil && (table.replica.standing == .unknown || table.replica.standing == .uncertain)
    }
    /// Frames since the table turned out wrong, or was asked for again.
    private var waited = 0

    /// A KEYFRAME is asked for again after this many frames without one.
    private static let patience = 32

    init(_ heap: OpenedBoot.OpenedHeap, stateSteps: UInt64 = HeapTrack.stateSteps) {
        (id, self.stateSteps) = (heap.id, stateSteps)
        table = heap.material.makeTable(heap.announced.layout)
        lastTotals = heap.lastReported?.totals ?? (heap.lastFrame == nil ? HeapTotals() : nil)
        lastSequence = heap.lastReported?.sequence ?? heap.lastFrame?.sequence ?? 0
        lastTime = heap.lastFrame?.time
        lastExactSequence = heap.lastExactSequence
        lastExactTime = heap.lastExactTime
        openGap = heap.openGap
        isInSummaries = heap.openGap?.cause == .summarized || heap.isLastSummary
        sinceState = (heap.material.payloads.count, heap.material.bytes)
    }

    /// Frames of the device are gone for good, this heap's perhaps among them.
    func loseFrames(_ count: UInt32) {
        table.replica.forget()
        if openGap == nil { isGapCounted = false }
        var gap = openGap ?? makeGap(.lineLoss)
        gap.frames = sum(gap.frames, count)
        openGap = gap
        hasUnsavedGap = true
    }

    /// The gap, to be stored with the next frame of any heap: this heap may report nothing for long.
    func takeUnsavedGap() -> GapRecord? {
        guard hasUnsavedGap else { return nil }
        hasUnsavedGap = false
        return openGap
    }

    /// Replays a frame. Returns what it adds to the history.
    func receive(_ frame: StateFrame, payload: UnsafeBufferPointer<UInt8>, time tick: Timestamp) -> IngestedFrame {
        // A device whose ticks turn back breaks its promise, but not the order of its history.
        let time = max(tick, lastTime ?? tick)
        let isSummary = noteSummary(frame)
        // What can't be replayed is kept as it came, and the table is unknown from here on.
        var verdict = (try? table.apply(frame, payload: payload.count)) ?? .diverged
        let state = table.replica.completed(frame.state)
        // Of a frame without figures, whose table isn't known, nothing is known but that it came.
        var work: HeapWork? = HeapWork()
        if state.hasFigures, let lastTotals {
            work = HeapWork(plausible: state, since: lastTotals, after: lastSequence, in: table.layout)
        }
        if work == nil {
            table.replica.forget()
            verdict = .diverged
        }
        let isExact = verdict == .exact || verdict == .corrected
        assert(!isExact || table.replica.standing == .exact, "a verdict is what the replica says")
        noteVerdict(verdict, isExact: isExact, isSummary: isSummary)
        let hadGap = openGap != nil && isGapCounted
        (hasUnsavedGap, isGapCounted) = (false, true)
        // When the table went wrong is not known: some time after the last proof.
        if verdict == .corrected, openGap == nil { openGap = makeGap(.digestMismatch) }
        if work == nil, openGap == nil { openGap = makeGap(.implausible) }
        let loss = Loss(frame.state, isSummary: isSummary)
        let gap = isExact ? closeGap(frame.state, loss, time) : widenGap(verdict, loss)
        var stored = StoredFrame(
            sequence: state.sequence, time: time, isExact: isExact,
            payload: state.hasFigures && !frame.state.hasFigures || isExact && table.layout.isWatched
                ? frame.payload(payload, with: state) : Array(payload))
        sinceState.frames += 1
        sinceState.bytes += stored.payload.count
        if isExact {
            if lastExactSequence == 0 || gap != nil || isStateDue {
                stored.state = Checkpoint.encode(table.replica)
                (sinceState, stepsAtState) = ((0, 0), table.replica.steps)
            }
            (lastExactSequence, lastExactTime) = (frame.state.sequence, time)
        }
        var record = FrameRecord(
            heapID: id, frame: stored, fields: state, lost: loss.operations, in: table.layout,
            work: work ?? HeapWork())
        record.isFirst = lastTime == nil
        if state.hasFigures { (lastTotals, lastSequence) = (state.totals, state.sequence) }
        lastTime = time
        var ingested = IngestedFrame(record: record, gap: gap, beginsGap: gap != nil && !hadGap)
        if !record.work.failures.isZero { ingested.failureReason = lastFailure(in: frame) }
        ingested.recorder = table.replica.fill
        return ingested
    }

    /// Why the last failed allocation of the frame failed; nil when none failed.
    private func lastFailure(in frame: StateFrame) -> String? {
        guard var operations = frame.operations(in: table.layout) else { return nil }
        var reason: String?
        while let operation = try? operations.next() {
            guard case .failed(_, let why, _, _) = operation else { continue }
            reason = why == 0 ? "no_room" : why == 1 ? "table_full" : "bad_size"
        }
        return reason
    }

    /// Takes note of how the device tells of the heap. True for a summary.
    private func noteSummary(_ frame: StateFrame) -> Bool {
        // Without a loss, only the way back to all operations matters.
        guard frame.state.lost > 0 || isInSummaries, var operations = frame.operations(in: table.layout) else {
            return false
        }
        var hasOperations = false
        while operations.sums == nil, (try? operations.next()) != nil { hasOperations = true }
        if operations.sums != nil {
            isInSummaries = true
        } else if hasOperations, table.replica.standing != .partial {
            // While a table comes in parts, a device in summaries tells all operations, too.
            isInSummaries = false
        }
        return operations.sums != nil && frame.state.lost > 0
    }

    /// The request is sent after a batch of frames: until then it stays due.
    private func noteVerdict(_ verdict: HeapReplica.Verdict, isExact: Bool, isSummary: Bool) {
        guard !isExact, !isSummary, verdict == .diverged || table.replica.standing != .partial else {
            (wantsKeyframe, waited) = (false, 0)
            return
        }
        // Counts to `patience` and begins anew.
        waited = verdict == .diverged ? 0 : waited + 1
        if verdict == .diverged || waited == Self.patience { (wantsKeyframe, waited) = (true, 0) }
    }

    func keyframeWasRequested() {
        (wantsKeyframe, waited) = (false, 0)
    }

    private var isStateDue: Bool {
        sinceState.frames >= Self.stateInterval.frames || sinceState.bytes >= Self.stateInterval.bytes
            || table.replica.steps &- stepsAtState >= stateSteps
    }

    /// What a frame says of operations that it does not bring.
    private struct Loss {
        /// Why they are missing; nil where none is.
        var cause: Gap.Cause?
        /// Those that the device could not record: what a summary leaves out is not lost.
        var operations: UInt32

        init(_ state: HeapState, isSummary: Bool) {
            operations = isSummary ? 0 : state.lost
            cause = isSummary ? .summarized : state.lost > 0 ? .recorderOverflow : nil
        }
    }

    private func closeGap(_ state: HeapState, _ loss: Loss, _ time: Timestamp) -> GapRecord? {
        var gap = openGap
        if gap == nil, let cause = loss.cause { gap = makeGap(cause) }
        openGap = nil
        guard var gap else { return nil }
        if loss.operations > 0 { gap.operations = sum(gap.operations, loss.operations) }
        (gap.endSequence, gap.endTime) = (state.sequence, time)
        return gap
    }

    /// The gap that this frame begins or goes on with. A new device's first table in parts is no gap.
    private func widenGap(_ verdict: HeapReplica.Verdict, _ loss: Loss) -> GapRecord? {
        let isFirstTable = lastExactSequence == 0 && table.replica.standing == .partial
        if openGap == nil, isFirstTable, loss.cause == nil { return nil }
        var gap = openGap ?? makeGap(loss.cause ?? (verdict == .diverged ? .digestMismatch : .noKeyframe))
        if loss.operations > 0 { gap.operations = sum(gap.operations, loss.operations) }
        openGap = gap
        return gap
    }

    /// Adds, up to the largest number that a row can hold.
    private func sum(_ count: Int64?, _ more: UInt32) -> Int64 {
        let (sum, overflow) = (count ?? 0).addingReportingOverflow(Int64(more))
        return overflow ? .max : sum
    }

    private func makeGap(_ cause: Gap.Cause) -> GapRecord {
        GapRecord(
            heapID: id, startSequence: lastExactSequence, startTime: lastExactTime, endSequence: nil, endTime: nil,
            cause: cause, operations: nil, frames: nil)
    }
}
