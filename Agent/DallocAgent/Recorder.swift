// SPDX-License-Identifier: Apache-2.0
//
// Writes each operation of a heap, already encoded, into the recorder's few hundred bytes. Runs inside the heap's
// lock: it never blocks, never allocates, and its cost does not depend on the heap.

internal import CDalloc
internal import CDallocAgent
internal import HeapWire

typealias RecorderPointer = UnsafeMutablePointer<dalloc_recorder_t>

enum Recorder {
    /// The heap calls this after each operation, inside its lock.
    static let observe: dalloc_observer_t = { context, operation, index, size, owner in
        guard let recorder = context?.assumingMemoryBound(to: dalloc_recorder_t.self) else { return }
        // The fast path: most operations follow others in the same frame. On ARM, where flash is scarcer than time,
        // only frees take it: they move memory, perhaps with interrupts disabled, so their time counts.
        if recorder.pointee.used < recorder.pointee.routine {
            if operation == DALLOC_OP_FREE { return recordFree(recorder, index, UInt(bitPattern: owner)) }
            #if !arch(arm)
                if operation == DALLOC_OP_ALLOC { return recordAlloc(recorder, index, size, UInt(bitPattern: owner)) }
                if operation == DALLOC_OP_RESIZE { return recordResize(recorder, index, size) }
            #endif
        }
        record(recorder, operation, index, size, owner)
    }

    // Each for itself, so that it saves no registers that only another needs.

    @inline(never)
    private static func recordFree(_ recorder: RecorderPointer, _ index: UInt32, _ owner: UInt) {
        let depth = dalloc_agent_port_heap(recorder).pointee.alloc_info.allocations_num &- index
        append(RecordFields(kind: .free, depth: depth, left: owner), OperationKind.free.fields, recorder)
    }

    #if !arch(arm)
        @inline(never)
        private static func recordAlloc(
            _ recorder: RecorderPointer, _ index: UInt32, _ size: UInt32, _ owner: UInt
        ) {
            let heap = dalloc_agent_port_heap(recorder)
            notePeak(heap, recorder)
            append(
                RecordFields(kind: .alloc, size: size, owner: owner, callSite: callSite(index, heap)),
                OperationKind.alloc.fields, recorder)
        }

        @inline(never)
        private static func recordResize(_ recorder: RecorderPointer, _ index: UInt32, _ size: UInt32) {
            let heap = dalloc_agent_port_heap(recorder)
            notePeak(heap, recorder)
            let depth = heap.pointee.alloc_info.allocations_num &- 1 &- index
            append(RecordFields(kind: .resize, depth: depth, size: size), OperationKind.resize.fields, recorder)
        }
    #endif

    @inline(never)
    private static func record(
        _ recorder: RecorderPointer, _ operation: dalloc_operation_t, _ index: UInt32, _ size: UInt32,
        _ owner: UnsafeRawPointer?
    ) {
        let (heap, agent) = (dalloc_agent_port_heap(recorder), dalloc_agent_port_agent(recorder))
        notePeak(heap, recorder)
        if recorder.pointee.lost > 0 { return lose(1, recorder) }
        let (kind, has) = shape(operation)
        followKeyframe(kind, index, recorder)
        let bytes = UInt32(recorder.pointee.size)
        let limit = bytes &- UInt32(truncatingIfNeeded: RecordWriter.longest)
        guard UInt32(recorder.pointee.used) <= limit else { return loseAll(recorder) }
        if recorder.pointee.count == 0 { beginFrame(recorder) }
        append(
            fields(kind, index: index, size: size, owner: owner, of: heap), has, recorder)
        let enough = bytes / 4
        let isEnough = UInt32(recorder.pointee.used) >= enough
        if isEnough { recorder.pointee.due_tick = agent.pointee.tick }
        let routine = recorder.pointee.keyframe_next > 0 ? 0 : isEnough ? limit : min(enough, limit)
        recorder.pointee.routine = UInt16(truncatingIfNeeded: routine)
    }

    /// The next operation is the first one after a frame.
    @inline(__always)
    static func beginFrame(_ recorder: RecorderPointer) {
        let agent = dalloc_agent_port_agent(recorder)
        recorder.pointee.first_tick = Clock.latest(agent)
        recorder.pointee.last_tick = recorder.pointee.first_tick
        // With a last frame long ago, the sum would lie in the future of a clock that wraps around.
        let (last, interval) = (recorder.pointee.frame_tick, agent.pointee.config.frame_interval)
        let isOver = recorder.pointee.first_tick &- last >= interval
        recorder.pointee.due_tick = isOver ? agent.pointee.tick : last &+ interval
    }

    /// Ticks since the operation before.
    @inline(__always)
    static func pass(_ recorder: RecorderPointer) -> UInt32 {
        let now = Clock.ticks(dalloc_agent_port_agent(recorder))
        // A clock that was set back counts as standing still.
        let elapsed = Clock.forward(from: recorder.pointee.last_tick, to: now)
        recorder.pointee.last_tick &+= elapsed
        return elapsed
    }

    @inline(__always)
    static func append(
        _ fields: @autoclosure () -> RecordFields, _ has: @autoclosure () -> OperationKind.Fields,
        _ recorder: RecorderPointer
    ) {
        // The clock first: what isn't needed yet need not be saved from the call.
        let elapsed = pass(recorder)
        let operations = dalloc_agent_port_operations(recorder)
        let end = writer(recorder).pointee.write(
            fields(), has(), elapsed: elapsed, hasCallSites: dalloc_port_has_call_sites(),
            to: operations + Int(recorder.pointee.used))
        assert(end <= operations + Int(recorder.pointee.size), "the longest operation has room")
        assert(recorder.pointee.used == 0 || recorder.pointee.count > 0, "what is recorded is counted")
        recorder.pointee.used = UInt16(truncatingIfNeeded: end - operations)
        recorder.pointee.count &+= 1
    }

    @inline(__always)
    private static func writer(_ recorder: RecorderPointer) -> UnsafeMutablePointer<RecordWriter> {
        dalloc_agent_port_writer(recorder).assumingMemoryBound(to: RecordWriter.self)
    }

    @inline(__always)
    static func notePeak(_ heap: UnsafeMutablePointer<heap_t>, _ recorder: RecorderPointer) {
        let inUse = heap.pointee.offset &- heap.pointee.gap_bytes
        if inUse > recorder.pointee.peak { recorder.pointee.peak = inUse }
    }

    /// Records from now on. A keyframe tells what the heap holds already.
    static func attach(_ recorder: RecorderPointer, to heap: UnsafeMutablePointer<heap_t>) {
        dalloc_port_lock_any(heap)
        defer { dalloc_port_unlock_any(heap) }
        heap.pointee.observer = observe
        heap.pointee.observer_context = UnsafeMutableRawPointer(recorder)
        recorder.pointee.announced_memory = heap.pointee.mem
        recorder.pointee.announced_size = heap.pointee.total_size
        recorder.pointee.announced_entries = heap.pointee.table_entries
        recorder.pointee.announced_lazy = heap.pointee.policy != nil
        recorder.pointee.peak = heap.pointee.offset &- heap.pointee.gap_bytes
        recorder.pointee.wants_keyframe = true
        recorder.pointee.keyframe_next = 0
        clear(recorder)
    }

    /// Stops recording.
    @inline(__always)
    static func detach(_ recorder: RecorderPointer) {
        guard let heap = recorder.pointee.heap else {
            // A watch without an agent does nothing.
            dalloc_agent_port_lock(recorder)
            recorder.pointee.agent = nil
            return dalloc_agent_port_unlock(recorder)
        }
        dalloc_port_lock_any(heap)
        if heap.pointee.observer_context == UnsafeMutableRawPointer(recorder) {
            heap.pointee.observer = nil
            heap.pointee.observer_context = nil
        }
        dalloc_port_unlock_any(heap)
    }

    /// True while the heap is the one that HELLO announced. After heap_init it is another one, without an observer.
    /// After heap_deinit it is still the same one, and empty: the recorder has the reset.
    @inline(__always)
    static func isAttached(_ recorder: RecorderPointer) -> Bool {
        guard let heap = recorder.pointee.heap else { return true }
        return heap.pointee.observer_context == UnsafeMutableRawPointer(recorder) || heap.pointee.mem == nil
    }

    /// False while frames wait that describe the heap as the last HELLO announced it, and the heap has changed since.
    /// After another HELLO, a collector would read them with the wrong addresses.
    static func canAnnounce(_ heap: UnsafeMutablePointer<heap_t>, _ recorder: RecorderPointer) -> Bool {
        guard let agent = recorder.pointee.agent, !isAnnounced(heap, recorder) else { return true }
        return !agent.pointee.spooled && agent.pointee.oldest_sequence > recorder.pointee.frame_sequence
    }

    @inline(never)
    private static func isAnnounced(_ heap: UnsafeMutablePointer<heap_t>, _ recorder: RecorderPointer) -> Bool {
        heap.pointee.mem == recorder.pointee.announced_memory
            && heap.pointee.total_size == recorder.pointee.announced_size
            && heap.pointee.table_entries == recorder.pointee.announced_entries
            && (heap.pointee.policy != nil) == recorder.pointee.announced_lazy
    }

    /// The heap as HELLO announces it.
    @inline(__always)
    static func announcedLayout(_ recorder: RecorderPointer) -> HeapLayout {
        if recorder.pointee.heap == nil { return watchedLayout(dalloc_agent_port_watched(recorder)) }
        let lazy = recorder.pointee.announced_lazy ? HeapTraits.lazy.rawValue : 0
        let callSites = dalloc_port_has_call_sites() ? HeapTraits.callSites.rawValue : 0
        return HeapLayout(
            existing: UInt64(wide: Int(bitPattern: recorder.pointee.announced_memory)),
            size: recorder.pointee.announced_size, alignment: dalloc_port_alignment(),
            tableSize: recorder.pointee.announced_entries, pointerWidth: UInt32(MemoryLayout<UInt>.size),
            traits: HeapTraits(rawValue: lazy | callSites))
    }

    @inline(__always)
    private static func watchedLayout(_ watch: UnsafeMutablePointer<dalloc_watch_t>) -> HeapLayout {
        let callSites = watch.pointee.config.call_sites ? HeapTraits.callSites.rawValue : 0
        return HeapLayout(
            existing: UInt64(wide: Int(bitPattern: watch.pointee.config.memory)), size: watch.pointee.config.size,
            alignment: watch.pointee.config.alignment, tableSize: watch.pointee.config.blocks,
            pointerWidth: UInt32(MemoryLayout<UInt>.size),
            traits: HeapTraits(rawValue: HeapTraits.watched.rawValue | callSites))
    }

    /// Drops what is recorded, and counts `more` operations as lost. A keyframe must follow.
    @inline(never)
    static func lose(_ more: UInt32, _ recorder: RecorderPointer) {
        let (sum, overflow) = recorder.pointee.lost.addingReportingOverflow(more)
        recorder.pointee.lost = overflow ? UInt32.max : sum
        recorder.pointee.agent?.pointee.counters.operations_lost &+= more
        recorder.pointee.wants_keyframe = true
        recorder.pointee.keyframe_next = 0
        #if !arch(arm)
            // Otherwise an idle poll would not see it.
            if let agent = recorder.pointee.agent { recorder.pointee.due_tick = agent.pointee.tick }
        #endif
        clear(recorder)
    }

    /// Drops a frame that has outgrown its room.
    @inline(never)
    static func loseFrame(_ recorder: RecorderPointer) { lose(UInt32(recorder.pointee.count), recorder) }

    /// Drops what is recorded, and counts one more operation as lost.
    @inline(never)
    static func loseAll(_ recorder: RecorderPointer) {
        lose(UInt32(recorder.pointee.count) &+ 1, recorder)
    }

    /// Empties the recorder; the next frame's owners start from the heap's base again.
    @inline(never)
    static func clear(_ recorder: RecorderPointer) {
        recorder.pointee.used = 0
        recorder.pointee.count = 0
        recorder.pointee.routine = 0
        forget(recorder)
    }

    /// The next operation is written as the first one of a frame is.
    @inline(__always)
    static func forget(_ recorder: RecorderPointer) {
        writer(recorder).initialize(
            to: RecordWriter(
                owners: OwnerTrail(previous: UInt(bitPattern: recorder.pointee.announced_memory)), callSite: 0))
    }

    /// A keyframe in progress has sent the entries before `keyframe_next`; freeing one of them moves the rest down.
    @inline(__always)
    private static func followKeyframe(_ kind: OperationKind, _ index: UInt32, _ recorder: RecorderPointer) {
        guard recorder.pointee.keyframe_next > 0 else { return }
        if kind == .free, index < recorder.pointee.keyframe_next {
            recorder.pointee.keyframe_next &-= 1
        } else if kind == .reset {
            recorder.pointee.keyframe_next = 0
        }
    }
}

extension Recorder {
    /// The observer's arguments as the fields of an operation.
    @inline(__always)
    static func fields(
        _ kind: OperationKind, index: UInt32, size: UInt32, owner: UnsafeRawPointer?,
        of heap: UnsafeMutablePointer<heap_t>
    ) -> RecordFields {
        let address = UInt(bitPattern: owner)
        // From the number of entries after the operation.
        var depth = heap.pointee.alloc_info.allocations_num &- 1 &- index
        if kind == .free { depth &+= 1 }
        if kind == .failed { depth = index }
        var fields = RecordFields(kind: kind, depth: depth, size: size, owner: address, left: address)
        if kind == .reown {
            fields.owner = UInt(bitPattern: dalloc_port_table(heap)[Int(truncatingIfNeeded: index)].ptr)
        }
        if kind == .alloc { fields.callSite = callSite(index, heap) }
        if kind == .failed { fields.callSite = UInt(bitPattern: dalloc_port_get_caller(heap)) }
        return fields
    }

    /// What an operation is on the line, and which fields it has: one copy of all the cases.
    @inline(never)
    static func shape(_ operation: dalloc_operation_t) -> (kind: OperationKind, fields: OperationKind.Fields) {
        switch operation {
        case DALLOC_OP_ALLOC: (.alloc, OperationKind.alloc.fields)
        // In a lazy heap every free only marks.
        case DALLOC_OP_FREE, DALLOC_OP_MARK_FREE: (.free, OperationKind.free.fields)
        case DALLOC_OP_RESIZE: (.resize, OperationKind.resize.fields)
        case DALLOC_OP_REOWN: (.reown, OperationKind.reown.fields)
        case DALLOC_OP_FAILED: (.failed, OperationKind.failed.fields)
        case DALLOC_OP_ORPHAN: (.orphan, OperationKind.orphan.fields)
        case DALLOC_OP_BAD_POINTER: (.badPointer, OperationKind.badPointer.fields)
        case DALLOC_OP_RESET: (.reset, OperationKind.reset.fields)
        case DALLOC_OP_PIN: (RecordFields.pin, OperationKind.orphan.fields)
        case DALLOC_OP_UNPIN: (RecordFields.unpin, OperationKind.orphan.fields)
        default: (.compact, OperationKind.compact.fields)
        }
    }

    @inline(__always)
    private static func callSite(_ index: UInt32, _ heap: UnsafeMutablePointer<heap_t>) -> UInt {
        guard dalloc_port_has_call_sites() else { return 0 }
        return UInt(bitPattern: dalloc_port_get_call_site(dalloc_port_table(heap) + Int(truncatingIfNeeded: index)))
    }
}
