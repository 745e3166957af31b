// SPDX-License-Identifier: Apache-2.0
//
// The functions of dalloc_agent.h.

// The names are the C API's.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

internal import CDalloc
internal import CDallocAgent

@c @implementation
func dalloc_agent_init(
    _ agent: UnsafeMutablePointer<dalloc_agent_t>?, _ config: UnsafePointer<dalloc_agent_config_t>?
) -> dalloc_agent_error_t {
    let name = cString("dalloc_agent_init")
    guard let agent, let config else { return refuse(DALLOC_AGENT_ERROR_NULL, in: name) }
    do throws(AgentError) {
        // More when a recorder comes.
        try AgentLife.start(agent, config, recorderBytes: AgentLife.recorderBytes.lowerBound)
        return DALLOC_AGENT_OK
    } catch {
        return refuse(error.code, in: name)
    }
}

@c @implementation
func dalloc_agent_deinit(_ agent: UnsafeMutablePointer<dalloc_agent_t>?) {
    if let agent { AgentLife.end(agent) }
}

@c @implementation
func dalloc_agent_attach(
    _ agent: UnsafeMutablePointer<dalloc_agent_t>?, _ recorder: UnsafeMutablePointer<dalloc_recorder_t>?,
    _ heap: UnsafeMutablePointer<heap_t>?, _ name: UnsafePointer<CChar>?
) -> dalloc_agent_error_t {
    dalloc_agent_attach_with_buffer(
        agent, recorder, heap, name, recorder.map { dalloc_agent_port_own_buffer($0) }, dalloc_agent_port_own_bytes())
}

@c @implementation
func dalloc_agent_attach_with_buffer(
    _ agent: UnsafeMutablePointer<dalloc_agent_t>?, _ recorder: UnsafeMutablePointer<dalloc_recorder_t>?,
    _ heap: UnsafeMutablePointer<heap_t>?, _ name: UnsafePointer<CChar>?, _ buffer: UnsafeMutablePointer<UInt8>?,
    _ bytes: UInt32
) -> dalloc_agent_error_t {
    let function = cString("dalloc_agent_attach")
    guard let agent, let recorder, let heap else { return refuse(DALLOC_AGENT_ERROR_NULL, in: function) }
    do throws(AgentError) {
        try AgentLife.attach(agent, recorder, heap, name, buffer, bytes)
        return DALLOC_AGENT_OK
    } catch {
        return refuse(error.code, in: function)
    }
}

@c @implementation
func dalloc_agent_poll(_ agent: UnsafeMutablePointer<dalloc_agent_t>?) {
    guard let agent else { return }
    // Most polls end here.
    if !IdlePoll(agent: agent).poll() { poll(agent) }
}

#if arch(arm)
    @inline(__always)
#else
    @inline(never)
#endif
private func poll(_ agent: AgentPointer) {
    guard agent.pointee.config.link.write != nil else { return }
    let now = Clock.look(agent)
    if agent.pointee.spooled { _ = dalloc_agent_port_serve(agent, SpoolEvent.poll, nil, 0) }
    var recorders = Recorders(of: agent)
    while let recorder = recorders.next() {
        if !Recorder.isAttached(recorder), !AgentLife.attachAnew(recorder, agent) { continue }
        noteFill(recorder, agent)
        let cutter = FrameCutter(agent: agent, recorder: recorder)
        guard cutter.isDue(now) else { continue }
        let unsent = agent.pointee.counters.frames_unsent
        cutter.cut(now)
        guard agent.pointee.spool != nil, agent.pointee.counters.frames_unsent != unsent else { continue }
        let bytes = UnsafeMutableRawPointer(recorder).assumingMemoryBound(to: UInt8.self)
        if dalloc_agent_port_serve(agent, SpoolEvent.makeRoom, bytes, 0) != 0 {
            agent.pointee.counters.frames_unsent = unsent
            cutter.cut(now)
        }
    }
    Session(agent: agent).proceed()
    IdlePoll(agent: agent).judge()
}

/// Without the lock: a look that comes too early to see an operation is as good as a poll before it.
@inline(__always)
private func noteFill(_ recorder: RecorderPointer, _ agent: AgentPointer) {
    let used = recorder.pointee.used
    guard used > recorder.pointee.most else { return }
    recorder.pointee.most = used
    if UInt32(used) > agent.pointee.counters.recorder_most { agent.pointee.counters.recorder_most = UInt32(used) }
}

@c @implementation
func dalloc_agent_flush(_ agent: UnsafeMutablePointer<dalloc_agent_t>?) {
    guard let agent else { return }
    var recorders = Recorders(of: agent)
    while let recorder = recorders.next() {
        let now = UInt32(truncatingIfNeeded: Clock.wideTicks(agent))
        recorder.pointee.frame_tick = now &- agent.pointee.config.frame_interval
        if recorder.pointee.count > 0 || recorder.pointee.lost > 0 { recorder.pointee.due_tick = now }
    }
}

@c @implementation
func dalloc_agent_is_drained(_ agent: UnsafePointer<dalloc_agent_t>?) -> Bool {
    guard let agent else { return true }
    var recorders = Recorders(of: agent)
    while let recorder = recorders.next() {
        if recorder.pointee.count > 0 || recorder.pointee.lost > 0 || recorder.pointee.wants_keyframe { return false }
    }
    return agent.pointee.length == 0 && !agent.pointee.spooled
}

@c @implementation
func dalloc_agent_counters(_ agent: UnsafePointer<dalloc_agent_t>?) -> dalloc_agent_counters_t {
    agent?.pointee.counters ?? dalloc_agent_counters_t()
}

func refuse(_ error: dalloc_agent_error_t, in function: UnsafePointer<CChar>) -> dalloc_agent_error_t {
    if dalloc_agent_port_has_messages() {
        dalloc_port_report(function, dalloc_agent_error_text(error), UInt32(error.rawValue))
    }
    return error
}
