// SPDX-License-Identifier: Apache-2.0
//
// Frames of heaps that may be told of in summaries: schema/wire.md, Summaries. The agent reaches this through a pointer that the first
// summary brings, so that firmware without one has no flash for it.

internal import CDalloc
internal import CDallocAgent
internal import HeapWire

extension FrameCutter {
    static let cutSummaries: @convention(c) (AgentPointer?, RecorderPointer?) -> Bool = { agent, recorder in
        guard let agent else { return false }
        if let recorder {
            let cutter = FrameCutter(agent: agent, recorder: recorder)
            cutter.lock()
            defer { cutter.unlock() }
            return cutter.cutSummarized()
        }
        let count = Int(agent.pointee.reply_count)
        if let level = ReplyFields.level(payload: dalloc_agent_port_reply(agent), count: count) {
            SummaryLife.setLevel(agent, level.rawValue)
        }
        return true
    }

    private var summary: SummaryPointer { dalloc_agent_port_summary(recorder) }
    private var wantsSummaries: Bool { agent.pointee.level == Request.Level.summary.rawValue }
    /// The heap's memory is the one that the recorder was attached to.
    private var isObserved: Bool {
        recorder.pointee.heap?.pointee.observer_context == UnsafeMutableRawPointer(recorder)
    }

    /// Cuts a summary, or the frames that lead over to summaries. False when the heap is told of in full.
    private func cutSummarized() -> Bool {
        if recorder.pointee.summarizes {
            let isDetailed = summary.pointee.failed || recorder.pointee.wants_keyframe || !wantsSummaries
            if recorder.pointee.count > 0 || recorder.pointee.lost > 0 {
                guard cutSummary(isDetailed: isDetailed) else { return true }
            } else if !isDetailed, !cutDelta() {
                return true
            }
            guard isDetailed else {
                summary.pointee.has_failed = false
                wait()
                return true
            }
            goOnInFull()
        }
        guard wantsSummaries else { return false }
        // All is told in full until the table is out.
        guard recorder.pointee.count == 0 || cutDelta() else { return true }
        if recorder.pointee.wants_keyframe { cutKeyframe() }
        if !recorder.pointee.wants_keyframe { goOnInSummaries() }
        return true
    }

    private func wait() {
        let interval = summary.pointee.config.interval
        let ticks = interval == 0 ? agent.pointee.config.keyframe_interval : min(interval, 0x7FFF_FFFF)
        recorder.pointee.due_tick = recorder.pointee.frame_tick &+ ticks
    }

    private func goOnInSummaries() {
        if agent.pointee.open == recorder { agent.pointee.open = nil }
        Recorder.clear(recorder)
        forgetSums()
        recorder.pointee.summarizes = true
        if isObserved { recorder.pointee.heap?.pointee.observer = SummaryRecorder.observe }
        wait()
    }

    private func goOnInFull() {
        if summary.pointee.failed { summary.pointee.has_failed = true }
        summary.pointee.failed = false
        recorder.pointee.summarizes = false
        if isObserved { recorder.pointee.heap?.pointee.observer = Recorder.observe }
        recorder.pointee.wants_keyframe = true
        recorder.pointee.keyframe_next = 0
    }

    // MARK: Frames

    /// Bytes of the sums of all allocations together, at most: head, number, length, two numbers.
    private static var leastSums: Int { 4 + 5 + 9 }

    /// - Parameter isDetailed: with the last operations.
    private func cutSummary(isDetailed: Bool) -> Bool {
        if !isDetailed { dropRecent() }
        let room = Transmitter(agent: agent).payloadRoom
        if room < roomForRecent &+ Self.leastSums, Transmitter(agent: agent).isEmpty { dropRecent() }
        guard room >= roomForRecent &+ Self.leastSums else { return noRoom() }
        let (spare, wide) = (room &- roomForRecent &- Self.leastSums, now())
        let tick = UInt32(truncatingIfNeeded: wide)
        let isOlder = summary.pointee.older_count > 0
        let first = isOlder ? summary.pointee.older_tick : recorder.pointee.first_tick
        let before = recorder.pointee.count > 0 ? Clock.forward(from: first, to: tick) : 0
        begin(at: wide &- UInt64(wide: before), FrameType.delta.rawValue)
        // One that brings all operations is a frame like any other.
        if recorder.pointee.lost > 0 { writeSums(within: spare) }
        if recorder.pointee.count > 0 { takeRecent() }
        frame.pointee.encoder.end()
        let span = tick &- frame.pointee.tick
        if let heap = recorder.pointee.heap {
            HeapState.endDelta(
                span: span, digest: digest(of: heap), hasFigures: true, to: &frame.pointee.encoder.writer
            ) { writeFigures(of: heap, to: &$0) }
        } else {
            HeapState.endDelta(
                span: span, digest: watch.pointee.digest, hasFigures: true, to: &frame.pointee.encoder.writer
            ) { writeWatchedFigures(to: &$0) }
        }
        guard finishFrame(at: tick) else { return false }
        forgetSums()
        return true
    }

    private var recentBytes: Int {
        guard recorder.pointee.count > 0 else { return 0 }
        return Int(summary.pointee.older_used) &+ Int(recorder.pointee.used)
            &- SummaryRecorder.start(recorder, isUpper: summary.pointee.is_upper)
    }

    /// Bytes of a frame without its sums.
    private var roomForRecent: Int {
        recorder.pointee.count > 0 ? OpenFrame.room(for: recentBytes) : HeapState.longest &+ 2
    }

    private func dropRecent() {
        SummaryRecorder.drop(UInt32(recorder.pointee.count), recorder)
        Recorder.clear(recorder)
    }

    private func takeRecent() {
        let (operations, isUpper) = (dalloc_agent_port_operations(recorder), summary.pointee.is_upper)
        var recent = RecentReader(recorder)
        recent.take(
            operations + SummaryRecorder.start(recorder, isUpper: !isUpper), Int(summary.pointee.older_used),
            to: &frame.pointee.encoder)
        let start = SummaryRecorder.start(recorder, isUpper: isUpper)
        recent.take(operations + start, Int(recorder.pointee.used) &- start, to: &frame.pointee.encoder)
    }

    // MARK: Sums

    private func forgetSums() {
        summary.pointee.count = 0
        (summary.pointee.other_allocations, summary.pointee.other_bytes) = (0, 0)
    }

    /// As many as fit in an operation, and in so many bytes; the rest counts as others.
    private func writeSums(within spare: Int) {
        var (kept, keptLength, length, previous) = (UInt32(0), 0, 0, UInt(0))
        var (allocations, bytes) = (UInt64(wide: summary.pointee.other_allocations), summary.pointee.other_bytes)
        let most = min(spare, 255 &- 5 &- 9)
        var index: UInt32 = 0
        while index < UInt32(summary.pointee.count) {
            let sum = dalloc_agent_port_sum(summary, index)
            length &+= Self.length(of: sum, after: previous)
            previous = sum.pointee.tag
            index &+= 1
            if length <= most {
                (kept, keptLength) = (index, length)
            } else {
                // Once one has no room, none after it has.
                allocations &+= UInt64(wide: sum.pointee.allocations)
                // Two below 2^62 add up within 64 bits; many might not.
                bytes = min(bytes &+ sum.pointee.bytes, WireLimits.sum &- 1)
            }
        }
        writeSums(
            kept, of: keptLength, allocations: min(allocations, UInt64(wide: UInt32.max)),
            bytes: bytes)
    }

    /// - Parameter length: bytes of those that are kept.
    private func writeSums(_ kept: UInt32, of length: Int, allocations: UInt64, bytes: UInt64) {
        let others = OperationEncoder.length(of: allocations) &+ OperationEncoder.length(of: bytes)
        frame.pointee.encoder.sums(bytes: others &+ UInt32(truncatingIfNeeded: length))
        frame.pointee.encoder.number(allocations)
        frame.pointee.encoder.number(bytes)
        var (index, previous) = (UInt32(0), UInt(0))
        while index < kept {
            let sum = dalloc_agent_port_sum(summary, index)
            frame.pointee.encoder.number(Self.distance(from: previous, to: sum))
            frame.pointee.encoder.number(UInt64(wide: sum.pointee.allocations))
            frame.pointee.encoder.number(sum.pointee.bytes)
            previous = sum.pointee.tag
            index &+= 1
        }
    }

    private static func distance(from previous: UInt, to sum: UnsafeMutablePointer<dalloc_sum_t>) -> UInt64 {
        let distance = OperationEncoder.zigzag(Int(bitPattern: sum.pointee.tag &- previous))
        return UInt64(wide: Int(bitPattern: distance))
    }

    private static func length(of sum: UnsafeMutablePointer<dalloc_sum_t>, after previous: UInt) -> Int {
        let tag = OperationEncoder.length(of: distance(from: previous, to: sum))
        let allocations = OperationEncoder.length(of: UInt64(wide: sum.pointee.allocations))
        return Int(truncatingIfNeeded: tag &+ allocations &+ OperationEncoder.length(of: sum.pointee.bytes))
    }
}
