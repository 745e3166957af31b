// SPDX-License-Identifier: Apache-2.0
//
// The agent's side of the session that schema/wire.md describes: HELLO until WELCOME comes, then frames, each kept
// until it is acknowledged. A timeout, or the same acknowledgement twice, starts the greeting anew; what was not
// acknowledged is sent again after it. A one-way line gets HELLO at an interval and each frame once. ConnectionBackoff
// ends connections and says when the next one may come.

internal import CDalloc
internal import CDallocAgent
internal import HeapWire

struct Session {
    let agent: AgentPointer

    /// Most bytes that one poll reads.
    private static var readBudget: Int { 128 }
    /// Most bytes that the link is asked for at a time.
    private static var chunk: UInt32 { 32 }
    /// Most bytes that one poll writes.
    private static var writeBudget: Int { 4096 }

    private var isOneWay: Bool { agent.pointee.config.link.read == nil }

    @inline(__always)
    var state: SessionState { SessionState(rawValue: agent.pointee.state) }

    /// All changes of the state after the agent's start.
    @inline(__always)
    func move(to next: SessionState) {
        assert(state.canBecome(next), "a session takes no such step")
        agent.pointee.state = next.rawValue
    }

    /// Exchanges bytes with the collector as far as the link takes and gives them now.
    @inline(__always)
    func proceed() {
        if state == .backingOff {
            guard ConnectionBackoff(agent: agent).isOver else { return }
            move(to: .down)
        }
        if let isUp = agent.pointee.config.link.is_up, !isUp(agent.pointee.config.link.context) { return lineLost() }
        var count: Int32 = 0
        if let read = agent.pointee.config.link.read {
            count = read(agent.pointee.config.link.context, dalloc_agent_port_received(agent), Self.chunk)
        }
        proceed(count)
    }

    /// - Parameter count: what the link gave: bytes, or less than 0 when the line was lost.
    @inline(never)
    func proceed(_ count: Int32) {
        if state == .down {
            ConnectionBackoff(agent: agent).begin()
            greet()
        }
        guard readReplies(count), !ConnectionBackoff(agent: agent).giveUp() else { return lineLost() }
        checkTimeouts()
        if state == .greeting, !writeHello() { return lineLost() }
        if state == .streaming, !writeFrames() { return lineLost() }
    }

    /// Starts over with HELLO. The zero before it ends a frame that was cut off.
    @inline(never)
    func greet() {
        if !state.isUnanswered { agent.pointee.doubt_tick = agent.pointee.tick }
        move(to: .greeting)
        agent.pointee.hello_boot = agent.pointee.config.boot_id
        agent.pointee.hello_tick = Clock.wideTicks(agent)
        agent.pointee.greeting_tick = agent.pointee.tick
        Transmitter(agent: agent).rewind()
        ReplyReader(agent: agent).reset()
    }

    @inline(never)
    func lineLost() {
        let wasConnected = state.isConnected
        move(to: .down)
        Transmitter(agent: agent).rewind()
        if wasConnected { ConnectionBackoff(agent: agent).start() }
    }

    private func checkTimeouts() {
        let now = agent.pointee.tick
        if isOneWay {
            let isBetweenFrames = state == .streaming && agent.pointee.written == 0
            if isBetweenFrames, now &- agent.pointee.greeting_tick >= agent.pointee.config.keyframe_interval { greet() }
            return
        }
        let isWaitingForAck = state == .streaming && agent.pointee.cursor > 0
        let since = isWaitingForAck ? agent.pointee.progress_tick : agent.pointee.greeting_tick
        if isWaitingForAck || state == .awaitingWelcome, now &- since >= agent.pointee.config.reply_timeout { greet() }
    }

    // MARK: Writing

    /// False when the line was lost.
    @inline(__always)
    private func writeFrames() -> Bool {
        agent.pointee.spooled
            ? dalloc_agent_port_serve(agent, SpoolEvent.write, nil, 0) >= 0
            : Transmitter(agent: agent).write(budget: Self.writeBudget)
    }

    /// Stores up to 31 bytes of HELLO from `start` on in `window`. Returns the bytes of all of it; 0 when it must wait.
    @inline(__always)
    private func composeHello(_ window: UnsafeMutablePointer<UInt8>, _ start: Int) -> Int {
        agent.pointee.spooled
            ? Int(dalloc_agent_port_serve(agent, SpoolEvent.hello, window, UInt32(truncatingIfNeeded: start)))
            : HelloWriter(agent: agent).write(
                window: window, start: start, length: 31, oldest: agent.pointee.oldest_sequence)
    }

    /// Composes HELLO anew for each piece that the link takes, so that it needs no buffer. False when the line was
    /// lost.
    private func writeHello() -> Bool {
        guard let write = agent.pointee.config.link.write else { return true }
        // Bytes that were read have been handled: their buffer is free.
        let window = dalloc_agent_port_received(agent)
        while true {
            // Byte 0 of what goes out is the leading zero, the frame starts at byte 1.
            let start = Int(agent.pointee.written)
            let lead = start == 0 ? 1 : 0
            window[0] = 0
            let length = 1 &+ composeHello(window + lead, start &+ lead &- 1)
            if length == 1 { return true }
            let piece = Int32(truncatingIfNeeded: min(length &- start, 31 &+ lead))
            let taken = write(agent.pointee.config.link.context, window, UInt32(bitPattern: piece))
            if taken < 0 { return false }
            if taken == 0 { return true }
            agent.pointee.written &+= UInt16(truncatingIfNeeded: min(taken, piece))
            if Int(agent.pointee.written) >= length { break }
        }
        agent.pointee.written = 0
        move(to: isOneWay ? .streaming : .awaitingWelcome)
        agent.pointee.greeting_tick = agent.pointee.tick
        return true
    }

    // MARK: Reading

    /// Takes the bytes that the link gave, and those that it gives then. False when the line was lost.
    private func readReplies(_ first: Int32) -> Bool {
        guard let read = agent.pointee.config.link.read else { return true }
        var budget = Self.readBudget
        var given = first
        while given > 0 {
            let count = Int(min(given, Int32(bitPattern: Self.chunk)))
            var index = 0
            while index < count {
                ConnectionBackoff(agent: agent).noteByte()
                if let reply = ReplyReader(agent: agent).feed(dalloc_agent_port_received(agent)[index]) {
                    handle(reply)
                }
                index &+= 1
            }
            budget &-= count
            if budget <= 0 { return true }
            given = read(agent.pointee.config.link.context, dalloc_agent_port_received(agent), Self.chunk)
        }
        return given == 0
    }

    private func handle(_ reply: ReplyFields) {
        ConnectionBackoff(agent: agent).noteReply()
        guard reply.boot == agent.pointee.hello_boot else { return }
        if agent.pointee.spooled, reply.type < FrameType.request.rawValue {
            _ = dalloc_agent_port_serve(agent, UInt32(reply.type), nil, reply.number)
            return
        }
        switch reply.type {
        case FrameType.welcome.rawValue:
            if state == .awaitingWelcome { resume(after: reply.number) }
        case FrameType.ack.rawValue:
            if state == .streaming, reply.number <= agent.pointee.furthest_sequence {
                acknowledge(reply.number)
            }
        case FrameType.refuse.rawValue:
            ConnectionBackoff(agent: agent).noteWait(reply.number)
            agent.pointee.counters.refusals &+= 1
        // An earlier boot can't do what it is asked for.
        default: if reply.boot == agent.pointee.config.boot_id { obey(reply) }
        }
    }

    /// What the collector answered to a chunk. Chunks have no phases: what it has stored is acknowledged, whatever the reply.
    @inline(__always)
    func takeAnswer(_ reply: ReplyFields) {
        guard reply.boot == agent.pointee.config.boot_id else { return }
        switch reply.type {
        case FrameType.welcome.rawValue: settle(reply.number)
        case FrameType.ack.rawValue:
            if reply.number <= agent.pointee.furthest_sequence { acknowledge(reply.number) }
        // When the next chunk goes out is for the program to say.
        case FrameType.refuse.rawValue: agent.pointee.counters.refusals &+= 1
        default: obey(reply)
        }
    }

    private func obey(_ request: ReplyFields) {
        // Times are compared as differences of 32 bits.
        if request.number > 0 { agent.pointee.config.frame_interval = min(request.number, 0x7FFF_FFFF) }
        if request.keyframe { wantKeyframes() }
        if agent.pointee.summaries != nil { _ = dalloc_agent_port_summaries(agent, nil) }
    }

    private func acknowledge(_ sequence: UInt32) {
        let isProgress = sequence >= agent.pointee.oldest_sequence
        if isProgress { agent.pointee.progress_tick = agent.pointee.tick }
        let isClean = Transmitter(agent: agent).acknowledge(sequence)
        if !isClean || !isProgress && agent.pointee.cursor > 0 { greet() }
    }

    @inline(never)
    func wantKeyframes() {
        forEachRecorder {
            $0.pointee.wants_keyframe = true
            $0.pointee.keyframe_next = 0
        }
    }

    private func resume(after lastStored: UInt32) {
        settle(lastStored)
        Transmitter(agent: agent).rewind()
        move(to: .streaming)
        agent.pointee.progress_tick = agent.pointee.tick
    }

    /// The collector has all up to `lastStored` on disk.
    private func settle(_ lastStored: UInt32) {
        let transmitter = Transmitter(agent: agent)
        if lastStored >= agent.pointee.next_sequence {
            goOn(after: lastStored)
        } else {
            _ = transmitter.acknowledge(lastStored)
            if lastStored &+ 1 < agent.pointee.oldest_sequence { wantKeyframes() }
        }
    }

    /// The collector or the spool knows this boot id from an earlier run: goes on after it, with the table as it is now.
    @inline(never)
    func goOn(after sequence: UInt32) {
        Transmitter(agent: agent).restart(at: sequence &+ 1)
        forEachRecorder { Recorder.loseAll($0) }
    }

    /// Each recorder, with its heap locked.
    private func forEachRecorder(_ body: (RecorderPointer) -> Void) {
        var recorders = Recorders(of: agent)
        while let recorder = recorders.next() {
            dalloc_agent_port_lock(recorder)
            body(recorder)
            dalloc_agent_port_unlock(recorder)
        }
    }
}
