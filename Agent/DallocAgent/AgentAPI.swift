// The functions of dalloc_agent.h.

// The names are the C API's.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

public import CDalloc
public import CDallocAgent
internal import HeapWire

@c @implementation
public func dalloc_agent_init(
    _ agent: UnsafeMutablePointer<dalloc_agent_t>?, _ config: UnsafePointer<dalloc_agent_config_t>?
) -> dalloc_stat_t {
    guard let agent, let config else { return refuse("agent or config is NULL") }
    guard let device = config.pointee.device_id, device[0] != 0, isTextWithin(device, limit: WireLimits.identifier)
    else {
        return refuse("config.device_id must have 1 to 64 bytes")
    }
    if let build = config.pointee.build, !isTextWithin(build, limit: WireLimits.identifier) {
        return refuse("config.build must have at most 64 bytes")
    }
    guard config.pointee.now != nil else { return refuse("config.now is missing") }
    guard (1...1_000_000_000).contains(config.pointee.ticks_per_second) else {
        return refuse("config.ticks_per_second must be between 1 and 1000000000")
    }
    guard config.pointee.link.write != nil else { return refuse("config.link.write is missing") }
    // Twelve bytes of bookkeeping and stuffing on top of a frame's longest state and operations.
    let least = dalloc_agent_port_operations_size() &+ 128
    guard config.pointee.transmit_buffer != nil, config.pointee.transmit_size >= least,
        config.pointee.transmit_size <= 0x4000_0000
    else {
        return refuse("config.transmit_size must be at least DALLOC_AGENT_TRANSMIT_BYTES_MIN")
    }
    // In this order: `config` may be the one of an agent that starts again.
    agent.pointee.config = config.pointee
    let configured = MemoryLayout<dalloc_agent_config_t>.size
    (UnsafeMutableRawPointer(agent) + configured).initializeMemory(
        as: UInt8.self, repeating: 0, count: MemoryLayout<dalloc_agent_t>.size &- configured)
    setDefault(&agent.pointee.config.frame_interval, agent, times: 1)
    setDefault(&agent.pointee.config.heartbeat_interval, agent, times: 10)
    setDefault(&agent.pointee.config.keyframe_interval, agent, times: 60)
    setDefault(&agent.pointee.config.reply_timeout, agent, times: 2)
    agent.pointee.tick = Clock.ticks(agent)
    Transmitter(agent: agent).restart(at: 1)
    return DALLOC_OK
}

@c @implementation
public func dalloc_agent_attach(
    _ agent: UnsafeMutablePointer<dalloc_agent_t>?, _ recorder: UnsafeMutablePointer<dalloc_recorder_t>?,
    _ heap: UnsafeMutablePointer<heap_t>?, _ name: UnsafePointer<CChar>?
) -> dalloc_stat_t {
    guard let agent, let recorder, let heap else { return refuse("agent, recorder or heap is NULL") }
    guard agent.pointee.config.link.write != nil else { return refuse("call dalloc_agent_init first") }
    guard !isAttached(recorder, to: agent) else { return refuse("recorder is attached already") }
    guard heap.pointee.mem != nil else { return refuse("heap has no memory; call heap_init first") }
    guard let name, isTextWithin(name, limit: WireLimits.heapName) else {
        return refuse("name must have at most 32 bytes")
    }
    guard Int(agent.pointee.recorder_count) < WireLimits.heaps else { return refuse("16 heaps are attached already") }
    // A recorder of an agent that was started again may come back.
    guard heap.pointee.observer == nil || heap.pointee.observer_context == UnsafeMutableRawPointer(recorder) else {
        return refuse("heap is recorded already")
    }
    UnsafeMutableRawPointer(recorder).initializeMemory(
        as: UInt8.self, repeating: 0, count: MemoryLayout<dalloc_recorder_t>.size)
    recorder.pointee.agent = agent
    recorder.pointee.heap = heap
    recorder.pointee.name = name
    recorder.pointee.id = agent.pointee.recorder_count
    recorder.pointee.frame_tick = UInt32(truncatingIfNeeded: Clock.wideTicks(agent))
    recorder.pointee.keyframe_tick = recorder.pointee.frame_tick
    recorder.pointee.next = agent.pointee.recorders
    agent.pointee.recorders = recorder
    agent.pointee.recorder_count &+= 1
    Recorder.attach(recorder, to: heap)
    // At once, so that the first operation already has a table to apply to.
    FrameCutter(agent: agent, recorder: recorder).cut(recorder.pointee.frame_tick)
    // A collector that was greeted already must hear of the new heap.
    if agent.pointee.state != Conversation.State.down { Conversation(agent: agent).greet() }
    return DALLOC_OK
}

@c @implementation
public func dalloc_agent_poll(_ agent: UnsafeMutablePointer<dalloc_agent_t>?) {
    guard let agent, agent.pointee.config.link.write != nil else { return }
    let now = Clock.look(agent, at: Clock.ticks(agent))
    var next = agent.pointee.recorders
    while let recorder = next {
        next = recorder.pointee.next
        if !Recorder.isAttached(recorder), !attachAnew(recorder, agent) { continue }
        let cutter = FrameCutter(agent: agent, recorder: recorder)
        if cutter.isDue(now) { cutter.cut(now) }
    }
    Conversation(agent: agent).proceed()
}

/// Goes on with a heap that was made anew. False while that has to wait.
@inline(never)
private func attachAnew(_ recorder: RecorderPointer, _ agent: AgentPointer) -> Bool {
    guard let heap = recorder.pointee.heap, Recorder.canAnnounce(heap, recorder) else { return false }
    // How much happened between heap_init and now is not known: at least that.
    Recorder.loseAll(recorder)
    Recorder.attach(recorder, to: heap)
    if agent.pointee.state != Conversation.State.down { Conversation(agent: agent).greet() }
    return true
}

@c @implementation
public func dalloc_agent_flush(_ agent: UnsafeMutablePointer<dalloc_agent_t>?) {
    guard let agent else { return }
    var next = agent.pointee.recorders
    while let recorder = next {
        let now = UInt32(truncatingIfNeeded: Clock.wideTicks(agent))
        recorder.pointee.frame_tick = now &- agent.pointee.config.frame_interval
        if recorder.pointee.used > 0 { recorder.pointee.due_tick = now }
        next = recorder.pointee.next
    }
}

@c @implementation
public func dalloc_agent_is_drained(_ agent: UnsafePointer<dalloc_agent_t>?) -> Bool {
    guard let agent else { return true }
    var next = agent.pointee.recorders
    while let recorder = next {
        if recorder.pointee.used > 0 || recorder.pointee.wants_keyframe { return false }
        next = recorder.pointee.next
    }
    return agent.pointee.length == 0
}

@c @implementation
public func dalloc_agent_counters(_ agent: UnsafePointer<dalloc_agent_t>?) -> dalloc_agent_counters_t {
    agent?.pointee.counters ?? dalloc_agent_counters_t()
}

private func isAttached(_ recorder: RecorderPointer, to agent: AgentPointer) -> Bool {
    var next = agent.pointee.recorders
    while let attached = next {
        if attached == recorder { return true }
        next = attached.pointee.next
    }
    return false
}

private func refuse(_ message: StaticString) -> dalloc_stat_t {
    dalloc_port_report(cString("dalloc_agent"), cString(message), 0)
    return DALLOC_ERR
}

/// A literal as C sees it; the implicit conversion would make a String, and allocate.
private func cString(_ text: StaticString) -> UnsafePointer<CChar> {
    UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
}

@inline(never)
private func isTextWithin(_ text: UnsafePointer<CChar>, limit: Int) -> Bool {
    cStringLength(text, limit: limit &+ 1) <= limit
}

@inline(never)
private func setDefault(_ interval: UnsafeMutablePointer<UInt32>, _ agent: AgentPointer, times: UInt32) {
    // Times are compared as differences of 32 bits.
    interval.pointee = min(interval.pointee, 0x7FFF_FFFF)
    guard interval.pointee == 0 else { return }
    var left = times
    while left > 0 {
        left &-= 1
        // A second has 10^9 ticks at most, so that two summands don't overflow.
        interval.pointee = min(interval.pointee &+ agent.pointee.config.ticks_per_second, 0x7FFF_FFFF)
    }
}
