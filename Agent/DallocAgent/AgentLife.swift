// SPDX-License-Identifier: Apache-2.0
//
// How an agent starts, takes heaps, and ends: for both APIs. Inlined into each, as a firmware uses one of them.

internal import CDalloc
internal import CDallocAgent
internal import HeapWire

enum AgentLife {
    /// What a recorder's buffer may have.
    static var recorderBytes: ClosedRange<UInt32> { 64...2560 }

    /// - Parameter recorderBytes: of the recorders that will be attached, as far as the caller knows.
    @inline(__always)
    static func start(
        _ agent: AgentPointer, _ config: UnsafePointer<dalloc_agent_config_t>, recorderBytes: UInt32
    ) throws(AgentError) {
        guard let device = config.pointee.device_id, device[0] != 0, isTextWithin(device, limit: WireLimits.identifier)
        else { throw .device }
        if let build = config.pointee.build, !isTextWithin(build, limit: WireLimits.identifier) { throw .build }
        guard (config.pointee.now == nil) != (config.pointee.now64 == nil),
            (1...1_000_000_000).contains(config.pointee.ticks_per_second)
        else { throw .clock }
        guard config.pointee.link.write != nil else { throw .link }
        guard config.pointee.transmit_buffer != nil, config.pointee.transmit_size <= 0x4000_0000,
            hasRoom(config, recorderBytes)
        else { throw tooSmall(config, recorderBytes) }
        // In this order: `config` may be the one of an agent that starts again.
        agent.pointee.config = config.pointee
        dalloc_agent_port_clear(agent)
        setDefaults(&agent.pointee.config)
        Clock.start(agent)
        Transmitter(agent: agent).restart(at: 1)
    }

    @inline(__always)
    static func attach(
        _ agent: AgentPointer, _ recorder: RecorderPointer, _ heap: UnsafeMutablePointer<heap_t>,
        _ name: UnsafePointer<CChar>?, _ buffer: UnsafeMutablePointer<UInt8>?, _ bytes: UInt32
    ) throws(AgentError) {
        guard agent.pointee.config.link.write != nil else { throw .notStarted }
        guard !isAttached(recorder, to: agent) else { throw .recorderIsInUse }
        guard heap.pointee.mem != nil else { throw .noHeap }
        guard let name, isTextWithin(name, limit: WireLimits.heapName) else { throw .heapName }
        guard Int(agent.pointee.recorder_count) < WireLimits.heaps else { throw .tooManyHeaps }
        // A recorder of an agent that was started again may come back.
        guard heap.pointee.observer == nil || heap.pointee.observer_context == UnsafeMutableRawPointer(recorder) else {
            throw .heapIsRecorded
        }
        try check(buffer, bytes, agent)
        dalloc_agent_port_clear_recorder(recorder)
        (recorder.pointee.operations, recorder.pointee.size) = (buffer, UInt16(truncatingIfNeeded: bytes))
        recorder.pointee.heap = heap
        recorder.pointee.name = name
        enlist(recorder, agent)
        Recorder.attach(recorder, to: heap)
        announce(recorder, agent)
    }

    /// Of a recorder that comes to a started agent.
    @inline(never)
    static func check(
        _ buffer: UnsafeMutablePointer<UInt8>?, _ bytes: UInt32, _ agent: AgentPointer
    ) throws(AgentError) {
        guard buffer != nil, recorderBytes.contains(bytes) else { throw .recorderBuffer }
        guard hasRoom(&agent.pointee.config, bytes) else { throw tooSmall(&agent.pointee.config, bytes) }
    }

    /// Whether a full frame of a recorder fits into the transmit buffer and through the transport.
    private static func hasRoom(_ config: UnsafePointer<dalloc_agent_config_t>, _ recorderBytes: UInt32) -> Bool {
        let least = dalloc_agent_port_transmit_least(recorderBytes)
        // Without a limit, 0 wraps around to the largest number.
        return config.pointee.transmit_size >= least && config.pointee.longest_frame &- 1 >= least &- 1
    }

    private static func tooSmall(
        _ config: UnsafePointer<dalloc_agent_config_t>, _ recorderBytes: UInt32
    ) -> AgentError {
        .transmitBuffer(
            bytes: Int(truncatingIfNeeded: config.pointee.transmit_size),
            least: Int(truncatingIfNeeded: dalloc_agent_port_transmit_least(recorderBytes)))
    }

    /// Adds a recorder that knows its heap.
    @inline(__always)
    static func enlist(_ recorder: RecorderPointer, _ agent: AgentPointer) {
        IdlePoll(agent: agent).end()
        recorder.pointee.agent = agent
        recorder.pointee.id = agent.pointee.recorder_count
        recorder.pointee.frame_tick = UInt32(truncatingIfNeeded: Clock.wideTicks(agent))
        recorder.pointee.keyframe_tick = recorder.pointee.frame_tick
        recorder.pointee.next = agent.pointee.recorders
        agent.pointee.recorders = recorder
        agent.pointee.recorder_count &+= 1
    }

    @inline(__always)
    static func announce(_ recorder: RecorderPointer, _ agent: AgentPointer) {
        // At once, so that the first operation already has a table to apply to.
        FrameCutter(agent: agent, recorder: recorder).cut(recorder.pointee.frame_tick)
        greetAnew(agent)
    }

    /// Records a heap that was initialised again. False while that must wait.
    @inline(never)
    static func attachAnew(_ recorder: RecorderPointer, _ agent: AgentPointer) -> Bool {
        // So that the agent isn't drained until then.
        recorder.pointee.wants_keyframe = true
        guard let heap = recorder.pointee.heap, Recorder.canAnnounce(heap, recorder) else { return false }
        if agent.pointee.open == recorder { agent.pointee.open = nil }
        // How many operations happened since heap_init is unknown: at least one.
        Recorder.loseAll(recorder)
        Recorder.attach(recorder, to: heap)
        greetAnew(agent)
        return true
    }

    #if !hasFeature(Embedded)
        /// Records another heap in place of one that has ended, after the last frame of that one.
        static func replace(_ recorder: RecorderPointer, by heap: UnsafeMutablePointer<heap_t>, _ agent: AgentPointer) {
            IdlePoll(agent: agent).end()
            if recorder.pointee.count > 0 {
                FrameCutter(agent: agent, recorder: recorder).cut(Clock.look(agent))
            }
            recorder.pointee.heap = heap
            // Otherwise the first poll that can does it.
            _ = attachAnew(recorder, agent)
        }
    #endif

    @inline(__always)
    static func end(_ agent: AgentPointer) {
        if agent.pointee.spool != nil { _ = dalloc_agent_port_serve(agent, SpoolEvent.end, nil, 0) }
        agent.pointee.spool = nil
        agent.pointee.spooled = false
        while let recorder = agent.pointee.recorders {
            Recorder.detach(recorder)
            agent.pointee.recorders = recorder.pointee.next
        }
        // So that polls do nothing from now on.
        IdlePoll(agent: agent).end()
        agent.pointee.config.link.write = nil
    }

    /// Announces a new heap to a collector that was greeted already. One that refused the format is greeted when the
    /// line comes up again.
    @inline(__always)
    static func greetAnew(_ agent: AgentPointer) {
        let session = Session(agent: agent)
        if session.state.isConnected, session.state != .refused { session.greet() }
    }

    static func isAttached(_ recorder: RecorderPointer, to agent: AgentPointer) -> Bool {
        var recorders = Recorders(of: agent)
        while let each = recorders.next() {
            if each == recorder { return true }
        }
        return false
    }

    @inline(never)
    static func isTextWithin(_ text: UnsafePointer<CChar>, limit: Int) -> Bool {
        cStringLength(text, limit: limit &+ 1) <= limit
    }

    /// In a loop, and its constants in two words, for the sake of flash.
    @inline(never)
    private static func setDefaults(_ config: UnsafeMutablePointer<dalloc_agent_config_t>) {
        // 1, 10, 60 and 2 seconds, then 4 and 15 reply timeouts, 1 and 60 seconds: in the order of the fields.
        var times: UInt32 = 0x023C_0A01
        for index in 0..<8 {
            if index == 4 { times = 0x3C01_0F04 }
            let interval = dalloc_agent_port_times(config) + index
            let unit = index & 6 == 4 ? config.pointee.reply_timeout : config.pointee.ticks_per_second
            var value = interval.pointee
            var left = value == 0 ? times & 0xFF : 0
            times &>>= 8
            // Times are compared as differences of 32 bits.
            value = min(value, 0x7FFF_FFFF)
            while left > 0 {
                left &-= 1
                // Neither is above 2^31 - 1, so that the sum doesn't overflow.
                value = min(value &+ unit, 0x7FFF_FFFF)
            }
            interval.pointee = value
        }
        config.pointee.retry_limit = max(config.pointee.retry_limit, config.pointee.retry_interval)
    }
}
