// SPDX-License-Identifier: Apache-2.0
//
// Makes frames of what a recorder holds: a DELTA with its operations, or KEYFRAMEs with the table. State, operations
// and digest are taken under one lock, so that each frame shows one moment of the heap.

internal import CDalloc
internal import CDallocAgent
internal import HeapWire

struct FrameCutter {
    let agent: AgentPointer
    let recorder: RecorderPointer

    /// The fewest entries in a part of a keyframe, so that the cost of its header is low.
    static var leastEntries: Int { 8 }

    /// Packs what was recorded into the heap's frame, and ends the frame when it is due.
    @inline(never)
    func cut(_ now: UInt32) {
        if let other = agent.pointee.open, other != recorder {
            FrameCutter(agent: agent, recorder: other).end()
            guard agent.pointee.open == nil else { return }
        }
        if recorder.pointee.summary != nil, dalloc_agent_port_summaries(agent, recorder) { return }
        if recorder.pointee.count > 0 { gather() }
        lock()
        if now &- recorder.pointee.keyframe_tick >= agent.pointee.config.keyframe_interval {
            recorder.pointee.wants_keyframe = true
        }
        if recorder.pointee.wants_keyframe {
            if recorder.pointee.count == 0 || cutDelta() { cutKeyframe() }
        } else if isOver(now) {
            _ = cutDelta()
        } else {
            recorder.pointee.due_tick = recorder.pointee.frame_tick &+ agent.pointee.config.frame_interval
        }
        unlock()
    }

    func lock() { dalloc_agent_port_lock(recorder) }
    func unlock() { dalloc_agent_port_unlock(recorder) }

    /// Looks without the lock. An operation that this misses is as good as one that comes after the look.
    @inline(__always)
    func isDue(_ now: UInt32) -> Bool {
        recorder.pointee.wants_keyframe || Int32(bitPattern: now &- recorder.pointee.due_tick) >= 0
    }

    // MARK: The open frame

    /// Ends the heap's frame for another heap.
    private func end() {
        lock()
        if recorder.pointee.lost > 0 { agent.pointee.open = nil } else { _ = cutDelta() }
        unlock()
    }

    var frame: UnsafeMutablePointer<OpenFrame> {
        assert(MemoryLayout<OpenFrame>.size <= Int(dalloc_agent_port_frame_size()), "the agent has room for it")
        return dalloc_agent_port_frame(agent).assumingMemoryBound(to: OpenFrame.self)
    }

    /// The frame must be ended now: its time is over, another recorder may wait for it, it is large, or little room is left.
    private func isOver(_ now: UInt32) -> Bool {
        guard agent.pointee.open == recorder, agent.pointee.recorder_count == 1,
            now &- recorder.pointee.frame_tick < agent.pointee.config.frame_interval
        else { return true }
        let room = frameRoom
        let left = room &- frame.pointee.encoder.writer.position
        return frame.pointee.encoder.writer.position &* 4 > room || left < OpenFrame.room(for: recorderSize)
            || frame.pointee.encoder.writer.count > WireLimits.payload / 2
    }

    /// Bytes that the frame may take on the line. It was begun with less, where acknowledgements have made room since.
    private var frameRoom: Int { min(Transmitter(agent: agent).openRoom, frame.pointee.encoder.writer.room) }

    private var recorderSize: Int { Int(recorder.pointee.size) }

    /// Packs what is recorded, without the lock, and makes room for more.
    @inline(never)
    private func gather() {
        lock()
        let used = Int(recorder.pointee.used)
        let isOpen = open()
        unlock()
        guard isOpen else { return }
        let operations = dalloc_agent_port_operations(recorder)
        take(used)
        lock()
        defer { unlock() }
        // Meanwhile the recorder may have lost all that it held.
        guard recorder.pointee.lost == 0 else { return }
        let left = Int(recorder.pointee.used) &- used
        var index = 0
        while index < left {
            operations[index] = operations[index &+ used]
            index &+= 1
        }
        recorder.pointee.used = UInt16(truncatingIfNeeded: left)
        // From then on an operation looks whether enough is recorded to gather it.
        recorder.pointee.routine = UInt16(
            truncatingIfNeeded: recorder.pointee.keyframe_next > 0 ? 0 : recorderSize / 4)
    }

    /// Packs so many bytes of what is recorded.
    private func take(_ count: Int) {
        tellFill(count)
        if recorder.pointee.heap != nil {
            frame.pointee.take(dalloc_agent_port_operations(recorder), count: count)
        } else {
            _ = dalloc_agent_port_watch(recorder, UInt32(DALLOC_WATCH_TAKE), UInt32(truncatingIfNeeded: count))
        }
    }

    /// Tells the collector when more than half of the recorder was in use, and a sixteenth more than it knows: nine times at most. It is
    /// full when there is no room for the longest operation.
    private func tellFill(_ recorded: Int) {
        let size = UInt32(recorder.pointee.size) &- UInt32(truncatingIfNeeded: RecordWriter.longest)
        let most = min(UInt32(recorder.pointee.most), size)
        guard most &* 2 > size, most &- UInt32(recorder.pointee.told) > size &>> 4 else { return }
        let left = frameRoom &- frame.pointee.encoder.writer.position
        guard left >= OpenFrame.room(for: recorded) &+ OpenFrame.longestFill else { return }
        recorder.pointee.told = UInt16(truncatingIfNeeded: most)
        frame.pointee.encoder.begin(OperationKind(number: OperationKind.skipped), elapsed: 0)
        frame.pointee.encoder.recorder(most: most, of: size)
    }

    /// Begins the heap's frame where none is begun. False when there is no room for it.
    func open() -> Bool {
        if agent.pointee.open == recorder { return recorder.pointee.lost == 0 }
        guard recorder.pointee.lost == 0, agent.pointee.open == nil,
            Transmitter(agent: agent).payloadRoom >= OpenFrame.room(for: Int(recorder.pointee.used))
        else { return false }
        var tick = now()
        if recorder.pointee.count > 0 {
            tick &-= UInt64(
                wide: Clock.forward(from: recorder.pointee.first_tick, to: UInt32(truncatingIfNeeded: tick)))
        }
        begin(at: tick, FrameType.delta.rawValue)
        agent.pointee.open = recorder
        return true
    }

    /// Begins a frame of a ``FrameType`` after the last one in the transmit buffer.
    @inline(never)
    func begin(at tick: UInt64, _ type: UInt8) {
        frame.initialize(
            to: OpenFrame(Transmitter(agent: agent).makeWriter(), tick: UInt32(truncatingIfNeeded: tick)))
        HeapState.begin(
            type, sequence: agent.pointee.next_sequence, heap: UInt32(recorder.pointee.id), tick: tick,
            to: &frame.pointee.encoder.writer)
    }

    /// The clock. One that was set back must not make an operation later than its frame: that would be malformed.
    @inline(never)
    func now() -> UInt64 {
        let tick = Clock.wideTicks(agent)
        return recorder.pointee.count > 0 ? Clock.advance(agent, to: recorder.pointee.last_tick) : tick
    }

    /// Ends the heap's frame, with all that is recorded. False when the transmit buffer has no room for it now.
    func cutDelta() -> Bool {
        guard open() else { return noRoom() }
        take(Int(recorder.pointee.used))
        frame.pointee.encoder.end()
        let tick = UInt32(truncatingIfNeeded: now())
        guard let heap = recorder.pointee.heap else {
            return dalloc_agent_port_watch(recorder, UInt32(DALLOC_WATCH_DELTA), tick)
        }
        return endDelta(at: tick, digest: digest(of: heap)) { writeFigures(of: heap, to: &$0) }
    }

    /// Ends the heap's frame, whose operations are all packed. False when it became too large.
    @inline(__always)
    func endDelta(at tick: UInt32, digest: UInt32, figures: (inout FrameWriter) -> Void) -> Bool {
        // Readers without a table have figures now and then.
        HeapState.endDelta(
            span: tick &- frame.pointee.tick, digest: digest, hasFigures: agent.pointee.next_sequence & 15 == 0,
            to: &frame.pointee.encoder.writer, figures: figures)
        return finishFrame(at: tick)
    }

    /// Sends as many entries as there is room for; the rest follows in the next polls.
    func cutKeyframe() {
        guard let heap = recorder.pointee.heap else {
            _ = dalloc_agent_port_watch(recorder, UInt32(DALLOC_WATCH_KEYFRAME), 0)
            return
        }
        let transmitter = Transmitter(agent: agent)
        let count = Int(truncatingIfNeeded: heap.pointee.alloc_info.allocations_num)
        let first = min(Int(truncatingIfNeeded: recorder.pointee.keyframe_next), count)
        let header = HeapState.longest &+ 3
        // The smallest buffer may never have room for more than one.
        let least = min(count &- first, transmitter.isEmpty ? 1 : Self.leastEntries)
        let room = transmitter.payloadRoom
        guard room >= header &+ least &* EntryWriter.longest else {
            _ = noRoom()
            return
        }
        // What the open frame has is lost: the recorder could not go on with it.
        let tick = Clock.wideTicks(agent)
        begin(at: tick, FrameType.keyframe.rawValue)
        HeapState.continueKeyframe(
            digest: digest(of: heap), first: UInt32(truncatingIfNeeded: first), to: &frame.pointee.encoder.writer
        ) { writeFigures(of: heap, to: &$0) }
        let table = dalloc_port_table(heap)
        let layout = Recorder.announcedLayout(recorder)
        var entries = EntryWriter(
            baseAddress: UInt(bitPattern: recorder.pointee.announced_memory), pointerWidth: layout.pointerWidth,
            traits: layout.traits, shift: layout.pointerWidth == 8 ? 3 : 2)
        var index = first
        while index < count, frame.pointee.encoder.writer.count &+ EntryWriter.longest <= room {
            let entry = table + index
            entries.write(
                size: entry.pointee.allocated_size,
                gap: entry.pointee.offset &- (index > 0 ? Self.end(of: entry - 1) : 0),
                owner: UInt(bitPattern: entry.pointee.ptr), callSite: Self.callSite(of: entry),
                to: &frame.pointee.encoder)
            index &+= 1
        }
        frame.pointee.encoder.end()
        assert(index <= count && (index > first || index == count), "a part brings an entry, or is the last one")
        let isComplete = index == count
        recorder.pointee.wants_keyframe = !isComplete
        recorder.pointee.keyframe_next = isComplete ? 0 : UInt32(truncatingIfNeeded: index)
        if isComplete { recorder.pointee.keyframe_tick = UInt32(truncatingIfNeeded: tick) }
        _ = finishFrame(at: UInt32(truncatingIfNeeded: tick))
    }

    /// Where a block ends, padding included.
    private static func end(of entry: UnsafeMutablePointer<ptr_info_t>) -> UInt32 {
        let mask = dalloc_port_alignment() &- 1
        return entry.pointee.offset &+ ((entry.pointee.allocated_size &+ mask) & ~mask)
    }

    private static func callSite(of entry: UnsafeMutablePointer<ptr_info_t>) -> UInt {
        dalloc_port_has_call_sites() ? UInt(bitPattern: dalloc_port_get_call_site(entry)) : 0
    }

    func noRoom() -> Bool {
        agent.pointee.counters.frames_unsent &+= 1
        return false
    }

    /// Ends the frame that is being written, and keeps it. False when it has outgrown its room, as operations can that come fast after
    /// slow ones: then all of it is lost, and counted.
    @inline(never)
    func finishFrame(at tick: UInt32) -> Bool {
        let payload = frame.pointee.encoder.writer.count
        let length = frame.pointee.encoder.writer.finish()
        agent.pointee.open = nil
        guard payload <= WireLimits.payload, length <= frameRoom else {
            Recorder.loseFrame(recorder)
            return false
        }
        Transmitter(agent: agent).append(length: length)
        recorder.pointee.frame_tick = tick
        let config = agent.pointee.config
        recorder.pointee.due_tick = tick &+ min(config.heartbeat_interval, config.keyframe_interval)
        recorder.pointee.frame_sequence = agent.pointee.next_sequence &- 1
        if let heap = recorder.pointee.heap { recorder.pointee.peak = heap.pointee.offset &- heap.pointee.gap_bytes }
        recorder.pointee.lost = 0
        Recorder.clear(recorder)
        return true
    }

    /// Of the whole table.
    @inline(never)
    func digest(of heap: UnsafeMutablePointer<heap_t>) -> UInt32 {
        var digest = TableDigest()
        var entry = dalloc_port_table(heap)
        var (left, end) = (heap.pointee.alloc_info.allocations_num, UInt32(0))
        while left > 0 {
            digest.add(size: entry.pointee.allocated_size, owner: UInt64(wide: Int(bitPattern: entry.pointee.ptr)))
            if recorder.pointee.announced_lazy {
                digest.add(gap: entry.pointee.offset &- end)
                end = Self.end(of: entry)
            }
            if dalloc_port_has_call_sites() {
                digest.add(callSite: UInt64(wide: Int(bitPattern: Self.callSite(of: entry))))
            }
            entry += 1
            left &-= 1
        }
        return digest.value
    }

    @inline(never)
    func writeFigures(of heap: UnsafeMutablePointer<heap_t>, to writer: inout FrameWriter) {
        HeapState.writeFigures(
            used: heap.pointee.offset &- heap.pointee.gap_bytes, gaps: heap.pointee.gap_bytes,
            liveBlocks: heap.pointee.alloc_info.allocations_num, peak: recorder.pointee.peak,
            allocations: heap.pointee.alloc_info.total_allocations, frees: heap.pointee.alloc_info.total_frees,
            failures: heap.pointee.alloc_info.total_failures, moves: heap.pointee.alloc_info.total_moves,
            bytesMoved: heap.pointee.alloc_info.total_bytes_moved,
            lost: recorder.pointee.lost, to: &writer)
    }
}
