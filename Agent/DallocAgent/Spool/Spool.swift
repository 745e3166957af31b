// SPDX-License-Identifier: Apache-2.0
//
// What an agent sends from its spool, before its transmit buffer:
//
//   oldest byte ─▶ │ parts of earlier boots │ parts of this boot │ ◀─ parts are appended
//                    └──── `earlier` bytes ─┘
//
// Boot by boot: HELLO of that boot, WELCOME, then its frames. Parts are dropped when they are acknowledged, and the next boot is greeted
// when nothing is left of this one. This boot comes last, with HELLO as the agent is now, and goes on with the transmit buffer in the
// same session. While `spooled` is true, the transmit buffer sends nothing, and the agent's `cursor` only says whether frames are under
// way.

internal import CDalloc
internal import CDallocAgent
internal import HeapWire

struct Spool {
    let agent: AgentPointer

    static let serve: @convention(c) (AgentPointer?, UInt32, UnsafeMutablePointer<UInt8>?, UInt32) -> Int32 = {
        agent, event, bytes, number in
        guard let agent else { return 0 }
        let spool = Spool(agent: agent)
        switch event {
        case SpoolEvent.poll: spool.survey()
        case SpoolEvent.makeRoom: return spool.makeRoom(for: bytes) ? 1 : 0
        case SpoolEvent.hello: if let bytes { return spool.hello(window: bytes, start: number) }
        case SpoolEvent.write: return spool.write() ? 0 : -1
        case SpoolEvent.end: spool.keepAll()
        case UInt32(FrameType.welcome.rawValue): spool.welcome(number)
        default: spool.acknowledge(number)
        }
        return 0
    }

    @inline(__always)
    var store: SpoolPointer { dalloc_agent_port_spool(agent) }

    /// The oldest bytes are of this boot.
    @inline(__always)
    var isOwn: Bool { store.pointee.earlier == 0 }

    /// Where the boot ends that is sent.
    private var end: UInt32 { isOwn ? .max : store.pointee.boot_end }

    /// Most bytes that one poll writes, or passes over.
    private static var writeBudget: Int32 { 4096 }

    // MARK: The session

    /// HELLO of the boot that is sent. Of an earlier one it is the last that it has: so it has all its heaps, and a tick that none of
    /// its frames is after. Only `oldest` is what it is now.
    private func hello(window: UnsafeMutablePointer<UInt8>, start: UInt32) -> Int32 {
        guard store.pointee.stage == SpoolStage.done else { return 0 }
        let (start, oldest) = (Int(truncatingIfNeeded: start), store.pointee.oldest)
        guard !isOwn else {
            agent.pointee.hello_boot = agent.pointee.config.boot_id
            let hello = HelloWriter(agent: agent)
            return Int32(truncatingIfNeeded: hello.write(window: window, start: start, length: 31, oldest: oldest))
        }
        agent.pointee.hello_boot = store.pointee.boot
        var (cursor, header) = (SpoolCursor(store, at: store.pointee.hello), SpoolHeader())
        var writer = FrameWriter(window: window, start: start, length: 31)
        var left = store.pointee.hello_bytes
        while left > 0 {
            let next = cursor.next()
            guard next >= 0 else { return 0 }
            let byte = UInt8(truncatingIfNeeded: next)
            let isOldest = header.fields == SpoolHeader.oldest
            header.feed(byte)
            if !isOldest {
                writer.byte(byte)
            } else if header.fields > SpoolHeader.oldest {
                writer.varint(oldest)
            }
            left &-= 1
        }
        return Int32(truncatingIfNeeded: writer.finish())
    }

    private func welcome(_ lastStored: UInt32) {
        let session = Session(agent: agent)
        guard session.state == .awaitingWelcome else { return }
        if isOwn, lastStored >= agent.pointee.next_sequence {
            // The collector knows this boot id from an earlier run, of which the spool had nothing.
            store.pointee.oldest = .max
            trim()
            // Where it can't be read now, HELLO comes again.
            guard !agent.pointee.spooled else { return }
            session.goOn(after: lastStored)
        } else {
            Transmitter(agent: agent).rewind()
        }
        session.move(to: .streaming)
        agent.pointee.progress_tick = agent.pointee.tick
        guard agent.pointee.spooled else { return }
        if isOwn, !store.pointee.is_welcomed {
            store.pointee.is_welcomed = true
            keepHello()
        }
        (store.pointee.position, store.pointee.frame_bytes, store.pointee.furthest) = (0, 0, lastStored)
        if lastStored >= store.pointee.oldest {
            store.pointee.oldest = lastStored &+ 1
            agent.pointee.stall_tick = agent.pointee.tick
        } else if isOwn, lastStored &+ 1 < store.pointee.oldest {
            session.wantKeyframes()
        }
        trim()
    }

    private func acknowledge(_ sequence: UInt32) {
        let session = Session(agent: agent)
        guard session.state == .streaming, sequence <= store.pointee.furthest else { return }
        guard sequence >= store.pointee.oldest else {
            if agent.pointee.cursor > 0 { session.greet() }
            return
        }
        agent.pointee.progress_tick = agent.pointee.tick
        agent.pointee.stall_tick = agent.pointee.tick
        if sequence == store.pointee.furthest { agent.pointee.cursor = 0 }
        store.pointee.oldest = sequence &+ 1
        trim()
    }

    /// Sends frames as far as the link takes them. False when the line was lost.
    private func write() -> Bool {
        guard let write = agent.pointee.config.link.write else { return true }
        var budget = Self.writeBudget
        while budget > 0 {
            if store.pointee.frame_bytes == 0 {
                let isOver = store.pointee.position >= end
                let frame = SpoolFrame(store, at: store.pointee.position)
                if frame.kind == .failure { return true }
                if isOver || frame.kind == .end {
                    // Perhaps it could not be read when all of it was acknowledged.
                    if agent.pointee.cursor == 0 { trim() }
                    return true
                }
                guard frame.kind == .state, frame.number >= store.pointee.oldest else {
                    store.pointee.position &+= frame.bytes
                    budget &-= Int32(bitPattern: frame.bytes)
                    continue
                }
                store.pointee.frame_bytes = UInt16(truncatingIfNeeded: frame.bytes)
                store.pointee.frame_number = frame.number
            }
            let piece = min(
                UInt32(store.pointee.frame_bytes &- agent.pointee.written), dalloc_agent_port_spool_buffer_size())
            let got = dalloc_agent_port_spool_read(
                store, store.pointee.position &+ UInt32(agent.pointee.written), piece)
            if got <= 0 { return true }
            let taken = write(
                agent.pointee.config.link.context, dalloc_agent_port_spool_buffer(store), UInt32(bitPattern: got))
            if taken < 0 { return false }
            if taken == 0 { return true }
            budget &-= taken
            agent.pointee.written &+= UInt16(truncatingIfNeeded: min(taken, got))
            if agent.pointee.written == store.pointee.frame_bytes { finishFrame() }
        }
        return true
    }

    private func finishFrame() {
        let number = store.pointee.frame_number
        if isOwn {
            Transmitter(agent: agent).noteWritten(number)
        } else {
            agent.pointee.counters.frames_sent &+= 1
        }
        // The wait for an answer starts with the first frame that is out.
        if agent.pointee.cursor == 0 { agent.pointee.progress_tick = agent.pointee.tick }
        agent.pointee.cursor = 1
        store.pointee.furthest = max(store.pointee.furthest, number)
        store.pointee.position &+= UInt32(store.pointee.frame_bytes)
        store.pointee.frame_bytes = 0
        agent.pointee.written = 0
    }

    // MARK: Dropping

    /// Drops the parts of the boot that have nothing left to send, and finds the oldest frame that has. When none has, goes on to what
    /// comes after this boot.
    private func trim() {
        var (offset, part, damaged, damagedBefore) = (UInt32(0), UInt32(0), UInt32(0), UInt32(0))
        while offset < end {
            let frame = SpoolFrame(store, at: offset)
            switch frame.kind {
            case .hello: (part, damagedBefore) = (offset, damaged)
            case .state:
                if frame.number >= store.pointee.oldest {
                    store.pointee.oldest = frame.number
                    if part > 0 { drop(part, damaged: damagedBefore) }
                    return
                }
            case .damaged: damaged &+= 1
            case .zero: break
            case .failure: return
            case .end: return finish(offset, damaged)
            }
            offset &+= frame.bytes
        }
        // A frame that a reset has cut off ends with the zero of the next part.
        finish(min(offset, end), damaged)
    }

    private func finish(_ count: UInt32, _ damaged: UInt32) {
        if isOwn { store.pointee.own_oldest = 0 }
        // What is sent again was acknowledged meanwhile.
        let isCutOff = agent.pointee.written > 0
        agent.pointee.written = 0
        drop(count, damaged: damaged)
        goOn(isCutOff: isCutOff)
    }

    /// Nothing is left of the boot that was sent.
    func goOn(isCutOff: Bool = false) {
        let wasOwn = agent.pointee.hello_boot == agent.pointee.config.boot_id
        if !isOwn {
            (store.pointee.stage, store.pointee.survey) = (SpoolStage.started, 0)
        } else if store.pointee.own_oldest > 0 {
            store.pointee.oldest = store.pointee.own_oldest
        } else {
            agent.pointee.spooled = false
        }
        Transmitter(agent: agent).rewind()
        let session = Session(agent: agent)
        if session.state == .streaming, agent.pointee.spooled || !wasOwn || isCutOff { session.greet() }
    }

    /// Forgets the oldest bytes, among them so many frames that are damaged.
    func drop(_ count: UInt32, damaged: UInt32) {
        agent.pointee.counters.frames_spool_lost &+= damaged
        dalloc_agent_port_spool_drop(store, count)
        store.pointee.is_refused = false
        store.pointee.boot_end &-= count
        store.pointee.hello &-= count
        if !isOwn { store.pointee.earlier &-= count }
        if store.pointee.position >= count {
            store.pointee.position &-= count
        } else {
            (store.pointee.position, store.pointee.frame_bytes) = (0, 0)
            if agent.pointee.written > 0 { Session(agent: agent).greet() }
        }
    }
}
