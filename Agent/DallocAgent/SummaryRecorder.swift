// SPDX-License-Identifier: Apache-2.0
//
// Records a heap that is told of in summaries: what its allocations come to, and the last operations, as a flight recorder keeps
// them. Runs inside the heap's lock, in a time that depends on the number of sums alone.
//
// The operations are in the recorder's bytes, in two halves. When one is full, the other one is written over. Each operation is
// written as the first one of a frame is, so that it can be read without those before it; only the ticks count from one to the next.

internal import CDalloc
internal import CDallocAgent
internal import HeapWire

typealias SummaryPointer = UnsafeMutablePointer<dalloc_summary_t>

enum SummaryRecorder {
    /// The heap calls this after each operation, inside its lock.
    static let observe: dalloc_observer_t = { context, operation, index, size, owner in
        guard let recorder = context?.assumingMemoryBound(to: dalloc_recorder_t.self) else { return }
        let heap = dalloc_agent_port_heap(recorder)
        Recorder.notePeak(heap, recorder)
        // Nobody replays the last operations of a summary: pins are of no use there.
        if operation.rawValue > DALLOC_OP_COMPACT.rawValue { return }
        let (kind, has) = Recorder.shape(operation)
        let fields = Recorder.fields(kind, index: index, size: size, owner: owner, of: heap)
        let tag = dalloc_port_has_call_sites() ? fields.callSite : fields.owner
        if keepIt(recorder, kind, size, tag) { Recorder.append(fields, has, recorder) }
    }

    /// The same for a watched heap, which writes the operation itself. False when it is not to be written.
    static let keep: @convention(c) (RecorderPointer?, UInt8, UInt32, UInt) -> Bool = { recorder, kind, size, tag in
        guard let recorder else { return false }
        return keepIt(recorder, OperationKind(number: kind), size, tag)
    }

    /// The half of the recorder that has room for an operation; too small a one has none.
    private static func half(_ recorder: RecorderPointer) -> Int { Int(recorder.pointee.size / 2) }

    /// Where the half begins that is written to, or the other one.
    @inline(__always)
    static func start(_ recorder: RecorderPointer, isUpper: Bool) -> Int { isUpper ? half(recorder) : 0 }

    @inline(never)
    private static func keepIt(
        _ recorder: RecorderPointer, _ kind: OperationKind, _ size: UInt32, _ tag: UInt
    ) -> Bool {
        let summary = dalloc_agent_port_summary(recorder)
        if kind == .alloc { add(size, tag, recorder, summary) }
        if kind == .failed, !summary.pointee.has_failed, let agent = recorder.pointee.agent {
            summary.pointee.failed = true
            recorder.pointee.due_tick = agent.pointee.tick
        }
        guard half(recorder) >= RecordWriter.longest else {
            drop(1, recorder)
            return false
        }
        makeRoom(recorder, summary)
        Recorder.forget(recorder)
        return true
    }

    private static func makeRoom(_ recorder: RecorderPointer, _ summary: SummaryPointer) {
        if recorder.pointee.count == 0 {
            (summary.pointee.older_used, summary.pointee.older_count) = (0, 0)
            summary.pointee.is_upper = false
            recorder.pointee.used = 0
            recorder.pointee.first_tick = Clock.latest(dalloc_agent_port_agent(recorder))
            recorder.pointee.last_tick = recorder.pointee.first_tick
            return
        }
        let used = Int(recorder.pointee.used) &- start(recorder, isUpper: summary.pointee.is_upper)
        guard used &+ RecordWriter.longest > half(recorder) else { return }
        drop(UInt32(summary.pointee.older_count), recorder)
        recorder.pointee.count &-= summary.pointee.older_count
        summary.pointee.older_count = recorder.pointee.count
        summary.pointee.older_used = UInt16(truncatingIfNeeded: used)
        summary.pointee.older_tick = recorder.pointee.first_tick
        recorder.pointee.first_tick = recorder.pointee.last_tick
        summary.pointee.is_upper.toggle()
        recorder.pointee.used = UInt16(truncatingIfNeeded: start(recorder, isUpper: summary.pointee.is_upper))
    }

    /// Operations that will not be told one by one.
    static func drop(_ count: UInt32, _ recorder: RecorderPointer) {
        let (sum, overflow) = recorder.pointee.lost.addingReportingOverflow(count)
        recorder.pointee.lost = overflow ? UInt32.max : sum
    }

    // MARK: Sums

    private static func add(_ size: UInt32, _ tag: UInt, _ recorder: RecorderPointer, _ summary: SummaryPointer) {
        guard recorder.pointee.heap != nil || dalloc_agent_port_watched(recorder).pointee.config.call_sites else {
            // Nobody knows who it was.
            return add(size, to: &summary.pointee.other_allocations, &summary.pointee.other_bytes)
        }
        var index: UInt32 = 0
        while index < UInt32(summary.pointee.count) {
            let sum = dalloc_agent_port_sum(summary, index)
            if sum.pointee.tag == tag { return add(size, to: &sum.pointee.allocations, &sum.pointee.bytes) }
            index &+= 1
        }
        guard index < UInt32(summary.pointee.config.sum_count) else {
            return add(size, to: &summary.pointee.other_allocations, &summary.pointee.other_bytes)
        }
        summary.pointee.count &+= 1
        let sum = dalloc_agent_port_sum(summary, index)
        sum.pointee.tag = tag
        (sum.pointee.allocations, sum.pointee.bytes) = (1, UInt64(wide: size))
    }

    /// What is beyond the format's range stays at its end.
    private static func add(_ size: UInt32, to allocations: inout UInt32, _ bytes: inout UInt64) {
        if allocations < UInt32.max { allocations &+= 1 }
        if bytes < WireLimits.sum &- UInt64(wide: size) { bytes &+= UInt64(wide: size) }
    }
}
