// SPDX-License-Identifier: Apache-2.0
//
// The frames that the collector does not have on disk yet, in a ring in the order of their sequence numbers:
//
//   head ─▶ │ length: 2 bytes │ frame as it goes on the line │ length │ frame │ …
//             └── oldest_sequence                               └── cursor: the frame to write next
//
// A frame leaves at the head when it is acknowledged; on a one-way line, when it is written. Nothing is overwritten.

internal import CDallocAgent
internal import HeapWire

struct Transmitter {
    let agent: AgentPointer

    /// Bytes before each frame.
    static var header: Int { 2 }

    // Sizes are at most 2^30, as the agent's start has made sure of.
    var size: Int { Int(truncatingIfNeeded: agent.pointee.config.transmit_size) }
    var length: Int { Int(truncatingIfNeeded: agent.pointee.length) }
    var buffer: UnsafeMutablePointer<UInt8> { dalloc_agent_port_transmit(agent) }

    /// Payload bytes for which there is certainly room now; 0 or less when there is none.
    @inline(never)
    var payloadRoom: Int {
        let room = openRoom &- 2 &- WireLimits.checksum
        guard room <= WireLimits.payload &* 2 else { return WireLimits.payload }
        // 259 / 65536 is a little more than 1 / 254: a division is a library call on a Cortex-M0.
        let payload = room &- (room &* 259) &>> 16 &- 1
        return min(payload, WireLimits.payload)
    }

    /// Bytes that a frame may take on the line.
    #if hasFeature(Embedded)
        @inline(never)
    #endif
    var openRoom: Int {
        let room = size &- length &- Self.header
        // Without a limit, 0 wraps around to the largest number.
        let most = UInt(agent.pointee.config.longest_frame) &- 1
        return room > 0 && UInt(bitPattern: room) > most ? Int(bitPattern: most &+ 1) : room
    }

    var isEmpty: Bool { agent.pointee.length == 0 }

    /// A writer for the next frame. ``append(length:)`` must follow, with nothing in between.
    @inline(__always)
    func makeWriter() -> FrameWriter {
        FrameWriter(
            ring: buffer, size: size, origin: place(length &+ Self.header), room: size &- length &- Self.header)
    }

    /// Keeps the frame that was just written, of `length` bytes.
    func append(length: Int) {
        let start = self.length
        assert(length > 0 && length <= 0xFFFF, "a frame's length has 16 bits")
        assert(start &+ Self.header &+ length <= size, "a frame is written only where payloadRoom has room for it")
        // Those in the spool wait longer.
        if start == 0, !agent.pointee.spooled { agent.pointee.stall_tick = agent.pointee.tick }
        buffer[place(start)] = UInt8(truncatingIfNeeded: length)
        buffer[place(start &+ 1)] = UInt8(truncatingIfNeeded: length &>> 8)
        agent.pointee.length &+= UInt32(truncatingIfNeeded: length &+ Self.header)
        agent.pointee.next_sequence &+= 1
        assert(isSound, "a frame that is kept leaves the ring in order")
    }

    /// Writes frames from the cursor on until the link takes no more or `budget` bytes are gone. False when the line
    /// was lost.
    func write(budget: Int) -> Bool {
        guard let write = agent.pointee.config.link.write else { return true }
        var budget = budget
        while agent.pointee.cursor < agent.pointee.length, budget > 0 {
            let cursor = Int(truncatingIfNeeded: agent.pointee.cursor)
            let length = frameLength(at: cursor)
            let written = Int(agent.pointee.written)
            let start = place(cursor &+ Self.header &+ written)
            let piece = min(length &- written, size &- start)
            let taken = write(agent.pointee.config.link.context, buffer + start, UInt32(truncatingIfNeeded: piece))
            if taken < 0 { return false }
            if taken == 0 { return true }
            budget &-= Int(taken)
            agent.pointee.written &+= UInt16(truncatingIfNeeded: min(Int(taken), piece))
            if Int(agent.pointee.written) == length { finishFrame(length) }
        }
        return true
    }

    /// Bytes of the first frame, where there is one.
    var firstLength: Int { frameLength(at: 0) }

    /// Copies frames from the first one on, as many as `room` bytes hold; those of a one-way line are forgotten. Returns their bytes.
    func copy(to bytes: UnsafeMutablePointer<UInt8>, room: Int) -> Int {
        var (copied, offset, sequence) = (0, 0, agent.pointee.oldest_sequence)
        while offset < self.length {
            let length = frameLength(at: offset)
            guard copied &+ length <= room else { break }
            let start = place(offset &+ Self.header)
            let piece = min(length, size &- start)
            (bytes + copied).update(from: buffer + start, count: piece)
            (bytes + copied + piece).update(from: buffer, count: length &- piece)
            copied &+= length
            noteWritten(sequence)
            sequence &+= 1
            if agent.pointee.config.link.read == nil {
                drop()
            } else {
                offset &+= length &+ Self.header
            }
        }
        return copied
    }

    /// Drops the frames up to `sequence`. False when one of them is only half written.
    @inline(never)
    func acknowledge(_ sequence: UInt32) -> Bool {
        while !isEmpty, agent.pointee.oldest_sequence <= sequence {
            if agent.pointee.cursor == 0, agent.pointee.written > 0 { return false }
            drop()
        }
        return true
    }

    /// Starts writing again at the first frame.
    @inline(never)
    func rewind() {
        agent.pointee.cursor = 0
        agent.pointee.cursor_sequence = agent.pointee.oldest_sequence
        agent.pointee.written = 0
    }

    /// Forgets all frames; the next one gets `sequence`.
    @inline(never)
    func restart(at sequence: UInt32) {
        agent.pointee.length = 0
        agent.pointee.open = nil
        agent.pointee.next_sequence = sequence
        agent.pointee.oldest_sequence = sequence
        agent.pointee.furthest_sequence = sequence &- 1
        rewind()
    }

    private func finishFrame(_ length: Int) {
        noteWritten(agent.pointee.cursor_sequence)
        // The wait for an answer starts with the first frame that is out.
        if agent.pointee.cursor == 0 { agent.pointee.progress_tick = agent.pointee.tick }
        agent.pointee.cursor &+= UInt32(truncatingIfNeeded: length &+ Self.header)
        agent.pointee.cursor_sequence &+= 1
        agent.pointee.written = 0
        if agent.pointee.config.link.read == nil { drop() }
    }

    @inline(__always)
    func noteWritten(_ sequence: UInt32) {
        if sequence > agent.pointee.furthest_sequence {
            agent.pointee.furthest_sequence = sequence
            agent.pointee.counters.frames_sent &+= 1
        } else {
            agent.pointee.counters.frames_resent &+= 1
        }
    }

    @inline(never)
    private func drop() {
        let taken = UInt32(truncatingIfNeeded: frameLength(at: 0) &+ Self.header)
        agent.pointee.head = UInt32(truncatingIfNeeded: place(Int(taken)))
        agent.pointee.length &-= taken
        agent.pointee.oldest_sequence &+= 1
        agent.pointee.stall_tick = agent.pointee.tick
        if agent.pointee.cursor >= taken {
            agent.pointee.cursor &-= taken
        } else {
            rewind()
        }
        assert(isSound, "a frame that is dropped leaves the ring in order")
    }

    /// Forgets the oldest frames, so many and of so many bytes, which are in the spool now. It is sent first.
    func forget(_ frames: UInt32, bytes: Int) {
        agent.pointee.head = UInt32(truncatingIfNeeded: place(bytes))
        agent.pointee.length &-= UInt32(truncatingIfNeeded: bytes)
        agent.pointee.oldest_sequence &+= frames
    }

    /// The cursor is within the bytes kept, these within the buffer, and numbers are as far apart as the frames kept
    /// allow. Only assertions ask. (Differences, as a collector can bring the numbers to where they wrap around.)
    private var isSound: Bool {
        let (kept, length) = (agent.pointee.next_sequence &- agent.pointee.oldest_sequence, agent.pointee.length)
        let written = agent.pointee.cursor_sequence &- agent.pointee.oldest_sequence
        let isCursorSound = agent.pointee.spooled || agent.pointee.cursor <= length && written <= kept
        return isCursorSound && Int(length) <= size && Int(agent.pointee.head) < size
            && (kept == 0) == (length == 0) && Int(kept) &* Self.header <= Int(length)
    }

    @inline(never)
    func frameLength(at offset: Int) -> Int {
        Int(buffer[place(offset)]) | Int(buffer[place(offset &+ 1)]) &<< 8
    }

    /// Where byte `offset` after the head is.
    @inline(never)
    func place(_ offset: Int) -> Int {
        let index = Int(truncatingIfNeeded: agent.pointee.head) &+ offset
        return index < size ? index : index &- size
    }
}
