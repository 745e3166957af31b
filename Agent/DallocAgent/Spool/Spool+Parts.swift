// SPDX-License-Identifier: Apache-2.0
//
// Moves frames from the transmit buffer to the end of the spool: parts, each of which begins with a zero and a HELLO.

internal import CDalloc
internal import CDallocAgent
internal import HeapWire

extension Spool {
    /// Moves all frames of the transmit buffer, so far as the spool takes them. False when it took none.
    /// - Parameter recorder: has no room for a frame.
    func makeRoom(for recorder: UnsafeMutableRawPointer?) -> Bool {
        guard let recorder = recorder?.assumingMemoryBound(to: dalloc_recorder_t.self) else { return false }
        // While frames are sent, acknowledgements may make room before the recorder is full.
        let isUrgent =
            recorder.pointee.lost > 0 || UInt32(recorder.pointee.used) &* 2 >= UInt32(recorder.pointee.size)
        if !isUrgent, Session(agent: agent).state == .streaming { return false }
        let sinceRefusal = agent.pointee.tick &- store.pointee.refused_tick
        if store.pointee.is_refused, sinceRefusal < agent.pointee.config.frame_interval { return false }
        return moveFrames()
    }

    /// The agent ends: keeps what is recorded, and what is not acknowledged.
    func keepAll() {
        // Usually it is known by now how much is there.
        survey()
        dalloc_agent_flush(agent)
        let now = Clock.look(agent)
        var recorders = Recorders(of: agent)
        while let recorder = recorders.next() {
            let cutter = FrameCutter(agent: agent, recorder: recorder)
            guard recorder.pointee.count > 0 || agent.pointee.open == recorder else { continue }
            cutter.cut(now)
            if recorder.pointee.count > 0, moveFrames() { cutter.cut(now) }
        }
        _ = moveFrames()
    }

    private func moveFrames() -> Bool {
        guard store.pointee.earlier != Self.unknown else { return false }
        let first = agent.pointee.oldest_sequence
        while !Transmitter(agent: agent).isEmpty {
            guard movePart() else {
                (store.pointee.is_refused, store.pointee.refused_tick) = (true, agent.pointee.tick)
                agent.pointee.counters.frames_spool_lost &+= 1
                break
            }
        }
        return agent.pointee.oldest_sequence != first
    }

    private func movePart() -> Bool {
        let (first, length) = (agent.pointee.oldest_sequence, agent.pointee.length)
        guard writePart(withFrames: true) else { return false }
        assert(agent.pointee.length < length && agent.pointee.oldest_sequence > first, "a part has a frame")
        if store.pointee.own_oldest == 0 {
            store.pointee.own_oldest = first
            if isOwn, store.pointee.stage == SpoolStage.done { store.pointee.oldest = first }
        }
        if !agent.pointee.spooled {
            agent.pointee.spooled = true
            let session = Session(agent: agent)
            if session.state == .streaming { session.greet() }
        }
        return true
    }

    /// After a reset, HELLO of this boot must not say a tick before the one that the collector has heard first.
    @inline(never)
    func keepHello() { _ = writePart(withFrames: false) }

    /// A part with frames of the transmit buffer, as many as it has room for, which leave that; or with HELLO alone.
    private func writePart(withFrames: Bool) -> Bool {
        let transmitter = Transmitter(agent: agent)
        // It is also that of a HELLO that is being written to the line.
        let tick = agent.pointee.hello_tick
        agent.pointee.hello_tick = Clock.wideTicks(agent)
        defer { agent.pointee.hello_tick = tick }
        let hello = writeHello(start: 0, length: 0)
        var (bytes, frames, end) = (hello &+ 1, UInt32(0), 0)
        while withFrames, end < transmitter.length {
            let length = transmitter.frameLength(at: end)
            guard frames == 0 || bytes &+ length <= Int(truncatingIfNeeded: store.pointee.part_bytes) else { break }
            bytes &+= length
            frames &+= 1
            end &+= Transmitter.header &+ length
        }
        guard dalloc_agent_port_spool_begin(store, UInt32(truncatingIfNeeded: bytes)), append(hello),
            append(transmitter, end), dalloc_agent_port_spool_end(store)
        else { return false }
        transmitter.forget(frames, bytes: end)
        return true
    }

    private func writeHello(start: Int, length: Int) -> Int {
        HelloWriter(agent: agent).write(
            window: dalloc_agent_port_spool_buffer(store), start: start, length: length,
            oldest: agent.pointee.oldest_sequence)
    }

    /// A zero, which ends whatever a reset may have cut off, and HELLO, of so many bytes.
    private func append(_ hello: Int) -> Bool {
        let window = dalloc_agent_port_spool_buffer(store)
        window[0] = 0
        var (start, piece) = (-1, 1)
        while start < hello {
            if start >= 0 {
                piece = min(hello &- start, Int(truncatingIfNeeded: dalloc_agent_port_spool_buffer_size()))
                _ = writeHello(start: start, length: piece)
            }
            guard append(window, piece) else { return false }
            start &+= piece
        }
        return true
    }

    /// The frames in the first `end` bytes of the transmit buffer.
    private func append(_ transmitter: Transmitter, _ end: Int) -> Bool {
        var offset = 0
        while offset < end {
            let length = transmitter.frameLength(at: offset)
            offset &+= Transmitter.header
            let start = transmitter.place(offset)
            let piece = min(length, transmitter.size &- start)
            guard append(transmitter.buffer + start, piece) else { return false }
            if piece < length, !append(transmitter.buffer, length &- piece) { return false }
            offset &+= length
        }
        return true
    }

    private func append(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        dalloc_agent_port_spool_append(store, bytes, UInt32(truncatingIfNeeded: count))
    }
}
